"""The rules of the house, held by reading the code itself. A rule that matters stands here and nowhere else."""

import ast
import re
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from referral.access import ROLES, SCOPES, May
from referral.db import Database
from referral.migrate import differences, is_current, migrate
from workflows import catalogue, telling
from workflows.law_files import read_law

ROOT = Path(__file__).parent.parent
STOREYS = ("referral", "workflows", "api")
FILES = sorted(path for storey in STOREYS for path in (ROOT / storey).rglob("*.py"))
HISTORY = "migrations/versions"
MAY_READ_THE_TIME = {"api/deps.py", "workflows/heartbeat.py"}  # and the command line
MAY_COMMIT = {"referral/db.py", "referral/storage.py", "referral/migrate.py"}
MAY_SET_A_STATE = {"workflows/plan.py", "workflows/winding.py", "workflows/heartbeat.py"}
LONGEST = 300
OF_NO_MOVE = {  # acts that change no case
    May.READ_CASE, May.KEEP_USERS, May.KEEP_CLIENTS, May.KEEP_AGREEMENTS, May.VERIFY, May.SEARCH, May.CHECK_DUPLICATES,
    May.WITNESS,
}  # fmt: skip


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{name_of(path)} imports from a relative place"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls_of(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_down_and_never_back_up(path: Path) -> None:
    storey = STOREYS.index(name_of(path).split("/")[0])
    above = STOREYS[storey + 1 :]
    assert [name for name in imports_of(path) if name.split(".")[0] in above] == []


def test_no_import_goes_in_a_circle() -> None:
    modules = {module_of(path): path for path in FILES}
    graph = {}
    for module, path in modules.items():
        named = {name if name in modules else name.rpartition(".")[0] for name in imports_of(path)}
        graph[module] = {name for name in named if name in modules and name != module}
    graph["workflows.catalogue"] |= {f"workflows.{name}" for name in catalogue.NAMES}  # it imports them by their names
    assert len(list(TopologicalSorter(graph).static_order())) == len(modules)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_says_what_it_is_for_and_none_is_long(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), "has no opening sentence"
    if HISTORY not in name_of(path):
        assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_edges_read_the_time(path: Path) -> None:
    if name_of(path) in MAY_READ_THE_TIME or name_of(path).startswith("api/cli/"):
        return
    asked = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.datetime.now", "time.monotonic"}
    assert [call for call in calls_of(path) if call in asked] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_ways_to_the_database_commit(path: Path) -> None:
    if name_of(path) not in MAY_COMMIT:
        assert [call for call in calls_of(path) if call.endswith(".commit")] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_door_changes_a_state(path: Path) -> None:
    if name_of(path) in MAY_SET_A_STATE:
        return
    for node in ast.walk(tree_of(path)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        said = {ast.unparse(target) for target in targets} - {"self.state"}
        assert not [target for target in said if target.endswith(".state")]


def test_only_perform_saves_through_the_door() -> None:
    savers = [name_of(path) for path in FILES if any(call == "door.save" for call in calls_of(path))]
    assert savers == ["workflows/engine.py"]


def test_only_one_file_knows_the_token_library() -> None:
    users = [name_of(path) for path in FILES if any(name.split(".")[0] == "jose" for name in imports_of(path))]
    assert users == ["api/tokens.py"]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_legal_period_is_called_a_deadline(path: Path) -> None:
    assert not re.search(r"\bclocks?\b", path.read_text(), re.IGNORECASE)


def test_every_permission_is_granted_to_a_role_and_asked_for() -> None:
    granted = frozenset().union(*ROLES.values())
    asked = {move.needs for workflow in catalogue.WORKFLOWS.values() for move in workflow.moves.values()}
    assert granted == set(May)
    assert asked | OF_NO_MOVE == set(May)
    assert frozenset().union(*SCOPES.values()) <= set(May) - {May.ACT_AS_SYSTEM}


def test_every_move_tells_only_audiences_that_exist() -> None:
    told = {who for workflow in catalogue.WORKFLOWS.values() for move in workflow.moves.values() for who in move.tells}
    assert told <= telling.AUDIENCES


def test_the_shipped_rules_know_every_deadline_that_a_state_waits_for() -> None:
    law = read_law(catalogue.known())
    for jurisdiction in law.values():
        catalogue.check_against(jurisdiction)


def test_the_migrations_lead_to_exactly_the_models(db: Database) -> None:
    assert is_current(db)
    assert differences(db) == []


def test_the_migrations_can_be_undone(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/undone.db")
    migrate(db)
    migrate(db, "base")
    assert not is_current(db)
    db.close()


def test_the_repository_speaks_of_the_project_alone() -> None:
    git = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".txt", ".sh"} and path.exists() and path != Path(__file__):
            assert not re.search(r"/work/|\.\./shared|DOMAIN\.md|SECURITY\.md|HOUSE\.md", path.read_text()), name
