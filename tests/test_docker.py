"""The image, the compose files and the lock files, as far as they can be judged without a container engine."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
DOCKER = ROOT / "docker"
COMPOSE = sorted(DOCKER.glob("compose.*.yml"))
POSTGRES = DOCKER / "compose.postgres.yml"
LOCKS = sorted(ROOT.glob("requirements*.lock"))
DOCKERFILE = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
STEPS = [
    (word, rest) for word, _, rest in (line.partition(" ") for line in DOCKERFILE.splitlines()) if word not in ("", "#")
]


def services(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text())["services"]
    return found


def ours(path: Path) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in services(path).items() if "build" in service}


def commands() -> list[list[str]]:
    """Every command that a container is started with, each once."""
    image = [yaml.safe_load(rest) for word, rest in STEPS if word == "CMD"]
    composed = [service["command"] for path in COMPOSE for service in ours(path).values()]
    return [list(command) for command in sorted({tuple(command) for command in image + composed})]


def help_of(*command: str) -> str:
    program = Path(sys.executable).parent / "lodestar"
    asked = subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def test_there_is_a_compose_file_for_each_database() -> None:
    assert [path.name for path in COMPOSE] == ["compose.postgres.yml", "compose.sqlite.yml"]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_what_a_container_starts_is_a_command_with_these_options(command: list[str]) -> None:
    program, name, *options = command
    assert program == "lodestar"
    assert re.search(rf"\b{name}\b", help_of())
    offered = help_of(name)
    assert [option for option in options if option.startswith("--") and option not in offered] == []


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_every_file_and_volume_that_a_compose_file_names_exists(path: Path) -> None:
    volumes = yaml.safe_load(path.read_text())["volumes"]
    for service in services(path).values():
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in volumes
    for service in ours(path).values():
        context = (DOCKER / service["build"]["context"]).resolve()
        assert context == ROOT
        assert (context / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_nothing_of_ours_starts_before_the_migration_is_done(path: Path) -> None:
    waiting = {name: service for name, service in ours(path).items() if name != "migrate"}
    assert waiting
    for service in waiting.values():
        assert service["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_beside_postgresql_run_two_web_processes_and_two_heartbeats() -> None:
    found = services(DOCKER / "compose.postgres.yml")
    assert {name: service["deploy"]["replicas"] for name, service in found.items() if "deploy" in service} == {
        "web": 2,
        "heartbeat": 2,
    }


def test_only_the_migration_connects_as_the_owner_and_it_lets_the_other_role_in() -> None:
    urls = {name: service["environment"]["LODESTAR_DATABASE_URL"] for name, service in ours(POSTGRES).items()}
    assert {name: url.partition("@")[0].rpartition("/")[2] for name, url in urls.items()} == {
        "migrate": "lodestar", "web": "lodestar_web", "heartbeat": "lodestar_web",
    }  # fmt: skip
    assert ours(POSTGRES)["migrate"]["command"][2:] == ["--grant", "lodestar_web"]
    for config in yaml.safe_load(POSTGRES.read_text())["configs"].values():
        made = (DOCKER / config["file"]).read_text()
        assert "create role lodestar_web login" in made
        assert "superuser" not in made


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_no_password_stands_in_a_compose_file(path: Path) -> None:
    for service in services(path).values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or value.startswith("${")


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_every_setting_that_a_compose_file_gives_is_one_of_ours(path: Path) -> None:
    from referral.settings import Settings

    given = {name for service in ours(path).values() for name in service.get("environment", {})}
    known = {f"LODESTAR_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in given if name.startswith("LODESTAR_")} <= known


def test_what_the_image_copies_exists_and_is_let_in() -> None:
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    sources = [name for word, rest in STEPS if word == "COPY" and "--from" not in rest for name in rest.split()[:-1]]
    assert [name for name in sources if not (ROOT / name).exists() or f"!{name}" not in let_in] == []


def test_the_image_runs_without_root_and_reports_its_health() -> None:
    words = dict(STEPS)
    assert words["USER"] == "10001"
    assert "/readyz" in words["HEALTHCHECK"]
    assert {rest.split()[0] for word, rest in STEPS if word == "FROM"} == {"python:3.11-slim"}
    assert all("--require-hashes" in part for part in DOCKERFILE.split("&&") if "-r requirements" in part)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_versions_and_hashes_and_no_address(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [
        line for line in lines if not re.match(r"[a-z0-9-]+==\S+ .*\\$|    --hash=sha256:[0-9a-f]{64}( \\)?$", line)
    ] == []


def locked(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text(), re.MULTILINE))


def wanted(group: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [Requirement(line) for line in (project["project"] | project["dependency-groups"])[group]]


@pytest.mark.parametrize(
    ("group", "lock"),
    (
        ("dependencies", "requirements.lock"),
        ("dependencies", "requirements-dev.lock"),
        ("dev", "requirements-dev.lock"),
        ("postgres", "requirements-postgres.lock"),
    ),
)
def test_a_lock_fits_what_the_project_asks_for(group: str, lock: str) -> None:
    pinned = locked(ROOT / lock)
    assert [str(line) for line in wanted(group) if pinned.get(line.name.lower(), "0") not in line.specifier] == []


def test_what_runs_is_what_was_tested() -> None:
    tested = locked(ROOT / "requirements-dev.lock")
    assert {name: tested.get(name) for name in locked(ROOT / "requirements.lock")} == locked(ROOT / "requirements.lock")


def test_every_dependency_is_explained() -> None:
    explained = re.findall(r"^\| `([a-z0-9-]+)", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    asked = [line.name.lower() for group in ("dependencies", "dev", "postgres") for line in wanted(group)]
    assert sorted(explained) == sorted(asked)
