"""What the documents name is there: files, commands, addresses, moves, settings; their examples work on a server."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from api.app import create_app
from api.cli.diagrams import pages, pictured
from api.cli.listing import COMMANDS
from api.cli.parser import top
from api.deps import BadQuery
from api.documents import REFUSED
from api.errors import PLAIN, STATUS
from referral.access import SCOPES, May
from referral.db import Database
from referral.settings import Settings
from tests.world import law
from workflows import catalogue

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
MADE = {DOCS / name: text for name, text in pages().items()}
WRITTEN = sorted({ROOT / "README.md", ROOT / "docker" / "README.md", *DOCS.rglob("*.md")} - set(MADE))
OURS = re.compile(r"(?:referral|workflows|api|tests|docs|docker|benchmarks)/[\w./-]*\w")
ADDRESS = re.compile(r"(?:/v1|/oauth|/healthz|/readyz)(?:/[\w{}$-]+)*")
MADE_BY_HAND = {"docker/.env"}  # by whoever runs it, and never in the repository
GENERAL = {"/v1", "/v1/cases/{case}/{workflow}/{move}"}
COMMAND = re.compile(r"(?:^|[\s/(=])lodestar ((?:[a-z-]+)(?: .*)?)$")
LONGEST, LONGEST_DECISION = 250, 40


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(text: str) -> Iterator[str]:
    """The lines of fenced and indented blocks, without comments; a line that goes on is one line."""
    whole = text.replace("\\\n", " ")
    inside = False
    for line in whole.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif inside or line.startswith("    "):
            yield re.sub(r"(^|\s+)# .*", "", line).strip()


def ticked(text: str) -> list[str]:
    """What stands between backticks in running text."""
    return re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def understands(told: list[str]) -> bool:
    """Whether the command line takes this; a call for help counts."""
    if told[0] == "--help":
        return True
    if told[0] not in COMMANDS:
        return False
    commands = top()
    import_module(f"api.cli.{COMMANDS[told[0]][0]}").declare(commands)
    try:
        commands.above.parse_args(told)
    except SystemExit as ended:
        return ended.code == 0
    return True


@pytest.mark.parametrize("path", (*WRITTEN, *MADE), ids=name_of)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text())
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_every_file_that_is_named_exists(path: Path) -> None:
    text = path.read_text()
    named = {name for code in [*ticked(text), *blocks(text)] for name in OURS.findall(code)}
    assert [name for name in sorted(named) if not (ROOT / name).exists() and name not in MADE_BY_HAND] == []


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_every_command_that_is_named_exists(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = path.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in blocks(text):
        told = COMMAND.search(line)
        assert not told or understands(shlex.split(told[1])), line
    for code in ticked(text):
        told = COMMAND.search(code)
        assert not told or understands([*shlex.split(told[1]), "--help"]), code
    for code in [*ticked(text), *blocks(text)]:
        made = re.match(r"make ([a-z-]+)$", code)
        assert not made or made[1] in targets, code
    capsys.readouterr()


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_every_address_that_is_named_exists(path: Path, known_addresses: set[str]) -> None:
    text = path.read_text()
    named = {
        address.replace("$CASE", "{case}")
        for code in [*ticked(text), *blocks(text)]
        for address in ADDRESS.findall(code)
    }
    assert named - known_addresses - GENERAL == set()


@pytest.fixture(scope="module")
def known_addresses(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("docs")
    app = create_app(Settings(data=folder, heartbeat=False), Database(f"sqlite:///{folder}/none.db"), law())
    return set(app.openapi()["paths"])


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_every_move_that_is_named_exists(path: Path) -> None:
    moves = catalogue.known().moves
    named = {code for code in ticked(path.read_text()) if code.partition(".")[0] in catalogue.WORKFLOWS and "." in code}
    assert [
        name
        for name in sorted(named)
        if re.fullmatch(r"\w+\.\w+", name) and name not in moves and not name.endswith(".state")
    ] == []


def test_every_word_of_the_glossary_is_a_name_in_the_code() -> None:
    rows = re.findall(r"^\|.*\| (.+?) \|$", (DOCS / "glossary.md").read_text(), re.MULTILINE)
    named = {code.removesuffix("()").rpartition(".")[2] for row in rows for code in ticked(row) if "/" not in code}
    code = "\n".join(path.read_text() for folder in ("referral", "workflows") for path in (ROOT / folder).rglob("*.py"))
    assert [name for name in sorted(named) if not re.search(rf"^ *(?:class |def )?{name}\b", code, re.MULTILINE)] == []


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_no_page_is_long(path: Path) -> None:
    longest = LONGEST_DECISION if path.parent.name == "decisions" else LONGEST
    assert len(path.read_text().splitlines()) <= longest


def test_the_pages_that_are_made_from_the_tables_are_fresh() -> None:
    there = set((DOCS / "workflows").glob("*.md")) | {DOCS / "rules.md"}
    assert [name_of(path) for path, text in MADE.items() if not path.exists() or path.read_text() != text] == []
    assert there == set(MADE)
    readme = (ROOT / "README.md").read_text()
    assert "flowchart" in readme
    assert pictured(readme) == readme


def test_the_operators_page_lists_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `LODESTAR_(\w+)` \| (.+?) \|", (DOCS / "operators.md").read_text(), re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        told = rows[name.upper()].strip("`")
        assert told == default or (field.default in ("", None) and (told == "none" or name == "database_url")), name


def test_the_partners_page_lists_every_permission_with_its_scopes() -> None:
    table = dict(re.findall(r"^\| `(\w+:\w+)` \| (`.+`) \|$", (DOCS / "partners.md").read_text(), re.MULTILINE))
    held = {act: [scope for scope, acts in SCOPES.items() if act in acts] for act in May}
    assert {act: re.findall("`(.+?)`", scopes) for act, scopes in table.items()} == {
        str(act): scopes for act, scopes in held.items() if scopes
    }


def test_the_partners_page_lists_every_code_of_an_error() -> None:
    rows = re.findall(r"^\| \d{3} \| (.+?) \|", (DOCS / "partners.md").read_text(), re.MULTILINE)
    told = {code for row in rows for code in ticked(row)}
    text = "\n".join(path.read_text() for path in (ROOT / "api").rglob("*.py"))
    known = {kind.code for kind in STATUS} | {code for code, _ in PLAIN.values()} | {BadQuery.code}
    known |= set(re.findall(r'(?:BadBody|problem)\(\s*\d{3}, "(\w+)"', text)) - {"bad_body"}
    assert known - told == set()
    assert told <= known | set(REFUSED)


def test_the_rule_page_shows_id_version_source_grade_and_what_is_our_own() -> None:
    lines = [line.strip("| ").split(" | ") for line in (DOCS / "rules.md").read_text().splitlines() if line[:1] == "|"]
    rows = [(cells[0], cells[4], cells[-1], " ".join(cells)) for cells in lines if len(cells) == 10]
    for place in law().values():
        for rule in place.rules.values():
            for version in rule.versions:
                asked = (rule.id, version.id, version.grade)
                found = [text for *known, text in rows if tuple(known) == asked and version.source in text]
                assert any(("House default." in text) == rule.house for text in found), asked


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are written for curl")
def test_the_examples_work_on_a_server_as_it_is_started(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    host = f"http://127.0.0.1:{port}"
    env = {"PATH": os.environ["PATH"], "LODESTAR_DATA": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    lodestar = [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())"]
    log = (tmp_path / "server.txt").open("w")
    server = subprocess.Popen([*lodestar, "run", "--port", str(port)], cwd=tmp_path, env=env, stdout=log, stderr=log)
    try:
        assert ready(host, server), (tmp_path / "server.txt").read_text()
        env |= {"HOST": host, "SECRETS": str(tmp_path / "demo-secrets.json")}
        told = shell(f"sh {DOCS}/examples/referral.sh", env)
        assert re.search(r"^200 cases/\w+/decision/find_reasonable ", told, re.MULTILINE)
        readme = (ROOT / "README.md").read_text()
        tour = "\n".join(
            found for found in re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL) if "curl" in found
        )
        told = shell(tour.replace("http://127.0.0.1:8000", host), env)
        for found in ('"roles":["navigator"]', '"code":"not_allowed"', '"move":"intake.encounter"', '"rule":"C17"'):
            assert found in told
        partners = (DOCS / "partners.md").read_text()
        assert "sh docs/examples/referral.sh" in partners
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def ready(host: str, server: subprocess.Popen[bytes]) -> bool:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{host}/readyz", timeout=2):  # noqa: S310  our own server
                return True
        except OSError:
            if server.poll() is not None:
                return False
            time.sleep(0.2)
    return False


def shell(script: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        ["sh", "-euc", script], env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
