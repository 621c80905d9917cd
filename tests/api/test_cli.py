"""The command line: what it prints, and how it ends."""

import json
import os
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from api.cli import VERSION, main
from api.cli.listing import overview

ROOT = Path(__file__).parents[2]
# fmt: off
COMMANDS = (
    ["run"], ["demo"], ["explain"], ["law"], ["law", "check"], ["diagrams"], ["serve"], ["heartbeat"], ["signer"],
    ["migrate"],
    ["agency"], ["agency", "add"], ["agency", "list"], ["agency", "off"], ["agency", "on"],
    ["agreement"], ["agreement", "add"], ["agreement", "list"], ["agreement", "end"],
    ["user"], ["user", "add"], ["user", "list"], ["user", "leave"], ["user", "back"],
    ["client"], ["client", "add"], ["client", "list"], ["client", "off"], ["client", "on"],
    ["client", "rotate"],
    ["keys"], ["keys", "list"], ["keys", "new"], ["keys", "rotate"], ["keys", "retire"],
    ["check"], ["verify"], ["export"], ["as-it-stood"],
)
# fmt: on
C1 = ["explain", "--rule", "C1", "--start", "2026-12-24"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """An installation of its own, with no database yet."""
    with patch.dict(os.environ):  # `lodestar run` sets what the processes that serve are to know
        for name in [name for name in os.environ if name.startswith("LODESTAR_")]:
            del os.environ[name]
        os.environ["LODESTAR_DATA"] = str(tmp_path / "var")
        yield tmp_path


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """`told("law", "check")`: how it ended, what it printed, and what it said on the side."""

    def tell(*words: str) -> tuple[int, str, str]:
        ended = main(list(words))
        out = capsys.readouterr()
        return ended, out.out, out.err

    return tell


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: list[str], told: Any) -> None:
    ended, out, _ = told(*command, "--help")
    assert ended == 0
    assert f"lodestar {' '.join(command)}" in out.split("\n\n", 1)[1]
    assert out.startswith(f"usage: lodestar {' '.join(command)} ")


def test_the_help_names_every_command(told: Any) -> None:
    _, out, _ = told("--help")
    assert [" ".join(command) for command in COMMANDS if f"  {command[0]} " not in out] == []


def test_nothing_heavy_is_loaded_for_the_help() -> None:
    heavy = "{'argparse', 'typing', 'sqlalchemy', 'sqlmodel', 'fastapi', 'pydantic', 'transitions', 'uvicorn', 'jose'}"
    asks = f"import sys; from api.cli import main; main(['--help']); sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", asks], cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_the_version_is_the_project_s(told: Any) -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert told("--version") == (0, f"lodestar {VERSION}\n", "")


def test_no_command_is_a_mistake_and_prints_the_help(told: Any) -> None:
    ended, _, err = told()
    assert (ended, err) == (2, f"{overview()}\n")


def test_the_calculator_needs_no_database(place: Path, told: Any) -> None:
    ended, out, err = told(*C1, "--calendar", "scotland", "--json")
    answer = json.loads(out)
    assert (ended, err, list(place.iterdir())) == (0, "", [])
    assert (answer["rule"], answer["version"], answer["calendar"], answer["grade"]) == ("C1", "C1", "scotland", "A")
    assert (answer["start"], answer["due"], answer["safe_by"]) == ("2026-12-24", "2027-01-06", "2027-01-06")
    assert answer["skipped"][0] == {"date": "2026-12-25", "why": "Christmas Day"}
    assert answer["source"]


def test_the_calculator_takes_a_moment_and_says_the_local_time(place: Path, told: Any) -> None:
    _, out, _ = told("explain", "--rule", "C7", "--start", "2026-03-28T22:00", "--json")
    answer = json.loads(out)
    assert (answer["start"], answer["due_local"]) == ("2026-03-28T22:00:00Z", "2026-03-30T23:00:00+01:00")


def test_the_calculator_answers_in_lines_too(place: Path, told: Any) -> None:
    ended, out, _ = told(*C1)
    assert ended == 0
    assert "  due        2027-01-05" in out
    assert "Christmas Day" in out


# fmt: off
BAD = (
    (["explain"],                                                         "Name either a case"),
    (["explain", "--rule", "C1"],                                         "Say when it starts"),
    (["explain", "--rule", "C999", "--start", "2026-01-01"],              "no rule of this id"),
    (["explain", "--rule", "C1", "--start", "yesterday"],                 "neither a day"),
    (["explain", "--rule", "C1", "--start", "0001-01-01"],                "lies outside"),
    (["explain", "--rule", "C1", "--start", "9999-12-31"],                "lies outside the years"),
    ([*C1, "--calendar", "atlantis"],                                     "no calendar of this name"),
    ([*C1, "--jurisdiction", "atlantis"],                                 "no jurisdiction of this name"),
    (["explain", "--rule", "C21", "--start", "2026-01-01", "--born", "x"], "no day such as"),
    (["law", "check", "--rules", "/nowhere"],                             "no folder /nowhere"),
    (["check"],                                                           "no database"),
    (["verify"],                                                          "no database"),
    (["export", "7KQ4-2MX9-T"],                                           "no database"),
    (["keys", "list"],                                                    "no keys"),
    (["explain", "C1"],                                                   "explain --rule C1 --start"),
    (["signer"],                                                          "Say --socket PATH"),
    (["serve", "--port", "70000"],                                        "a port lies between"),
    (["run", "--port", "http"],                                           "a port lies between"),
    (["demo", "--only", "Nobody"],                                        "There is no Nobody"),
    (["frob"],                                                            "no command frob"),
)
# fmt: on


@pytest.mark.parametrize(("words", "says"), BAD)
def test_bad_input_ends_with_2_and_a_plain_sentence(words: list[str], says: str, place: Path, told: Any) -> None:
    ended, out, err = told(*words)
    assert (ended, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


# fmt: off
SETTINGS = (
    ("HEARTBEAT_SECONDS", "0",                           "must be at least 1"),
    ("HEARTBEAT_SECONDS", "-5",                          "must be at least 1"),
    ("POOL",              "0",                           "must be at least 1"),
    ("POOL",              "many",                        "must be a whole number"),
    ("SMTP_PORT",         "70000",                       "must be at most 65535"),
    ("HEARTBEAT",         "perhaps",                     "must be true or false"),
    ("DATABASE_URL",      "mysql://us:secret@db/cases",  "works with postgresql://"),
)
# fmt: on


@pytest.mark.parametrize(("name", "value", "says"), SETTINGS)
def test_a_setting_that_cannot_work_is_refused_in_plain_words_and_not_repeated(
    name: str, value: str, says: str, place: Path, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"LODESTAR_{name}", value)
    ended, out, err = told("heartbeat")
    assert (ended, out) == (2, "")
    assert f"LODESTAR_{name}: " in err
    assert says in err
    assert "secret" not in err


def test_a_busy_port_is_told_before_anything_is_made(place: Path, told: Any) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        for command in ("run", "serve"):
            ended, out, err = told(command, "--port", port)
            assert (ended, out) == (2, "")
            assert f"port {port}" in err
    assert list(place.iterdir()) == []


def test_the_shipped_rules_can_be_used(place: Path, told: Any) -> None:
    ended, out, _ = told("law", "check", "--json")
    assert ended == 0
    assert {"england-and-wales", "scotland", "northern-ireland"} < {row["jurisdiction"] for row in json.loads(out)}


def test_a_wrong_rule_of_one_s_own_is_named_with_file_and_line(place: Path, told: Any) -> None:
    own = place / "own.toml"
    own.write_text('[[override]]\njurisdiction = "scotland"\ndeadline = "no_such"\nlasts = "1 day"\n')
    ended, _, err = told("law", "check", "--rules", str(place))
    assert ended == 2
    assert f"{own}:3:" in err


def test_the_pages_made_from_the_tables_are_fresh() -> None:
    assert main(["diagrams", "--check", "--docs", str(ROOT / "docs")]) == 0


def test_a_stale_page_is_noticed_and_written_anew(tmp_path: Path, told: Any) -> None:
    assert told("diagrams", "--docs", str(tmp_path))[0] == 0
    (tmp_path / "workflows" / "housing.md").write_text("old")
    (tmp_path / "workflows" / "gone.md").write_text("of a table that is no more")
    ended, out, _ = told("diagrams", "--check", "--docs", str(tmp_path))
    names = {Path(line.removeprefix("stale: ")).name for line in out.splitlines()}
    assert (ended, names) == (1, {"housing.md", "gone.md"})
    assert told("diagrams", "--docs", str(tmp_path))[0] == 0
    assert told("diagrams", "--check", "--docs", str(tmp_path))[:2] == (0, "")


def test_an_installation_is_set_up_by_commands(place: Path, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told("migrate")[0] == 0
    assert told("agency", "add", "beacon", "--name", "Invented", "--kind", "navigator_service")[0] == 0
    assert told("agency", "add", "beacon", "--name", "Invented", "--kind", "police")[0] == 2
    assert told("agency", "add", "other", "--name", "Invented", "--kind", "circus")[0] == 2
    person = ["--agency", "beacon", "--name", "Nora Invented", "--email", "nora@beacon.invalid", "--role", "navigator"]
    ended, out, _ = told("user", "add", *person, "--json")
    assert (ended, json.loads(out)["roles"]) == (0, ["navigator"])
    assert len(json.loads(out)["password"]) >= 12
    people = json.loads(told("user", "list", "--agency", "beacon", "--json")[1])
    assert [one["email"] for one in people] == ["nora@beacon.invalid"]
    assert told("user", "leave", "nora@beacon.invalid")[0] == 0
    ended, out, _ = told("client", "add", "beacon-app", "--agency", "beacon", "--scope", "cases:read", "--json")
    first = json.loads(out)["secret"]
    assert first.startswith("lds_")
    assert json.loads(told("client", "rotate", "beacon-app", "--json")[1])["secret"] != first
    assert told("client", "off", "beacon-app")[0] == 0
    assert json.loads(told("client", "list", "--agency", "beacon", "--json")[1])[0]["active"] is False
    assert told("client", "off", "nobody")[0] == 2
    assert told("keys", "new")[0] == 0
    kinds = [row["kind"] for row in json.loads(told("keys", "list", "--json")[1])]
    assert kinds == ["token", "seal", "index"]
    assert told("agency", "off", "beacon")[0] == 0
    assert told("check", "--json")[:2] == (0, "[]\n")
    assert json.loads(told("verify", "--json")[1])["whole"] is True


def test_an_agreement_is_recorded_listed_and_ended_by_commands(place: Path, told: Any) -> None:
    told("migrate")
    for agency in ("beacon", "harbour"):
        told("agency", "add", agency, "--name", "Invented", "--kind", "charity")
    days = ["--from", "2026-01-01", "--until", "2090-12-30", "--source", "Paper 1"]
    paper = ["agreement", "add", "beacon", "harbour", "--purpose", "sharing", "--class", "C1", *days]
    ended, out, _ = told(*paper, "--json")
    made = json.loads(out)
    assert (ended, made["purposes"], made["ended_at"]) == (0, ["sharing"], None)
    assert told(*paper, "--class", "C4")[0] == 2
    assert told(*(word if word != "harbour" else "nobody" for word in paper))[0] == 2
    assert "sharing" in told("agreement", "list")[1]
    assert json.loads(told("agreement", "list", "--agency", "nobody", "--json")[1]) == []
    assert told("agreement", "end", made["id"])[0] == 0
    assert told("agreement", "end", "0" * 32)[0] == 2
    assert json.loads(told("agreement", "list", "--json")[1])[0]["ended_at"] is not None


def test_whoever_was_taken_out_can_be_brought_back(place: Path, told: Any) -> None:
    told("migrate")
    told("agency", "add", "beacon", "--name", "Invented", "--kind", "navigator_service")
    told("user", "add", "--agency", "beacon", "--name", "Nora", "--email", "nora@beacon.invalid", "--role", "navigator")
    told("client", "add", "beacon-app", "--agency", "beacon", "--scope", "cases:read")
    for kind, way, name in (("user", "leave", "nora@beacon.invalid"), ("client", "off", "beacon-app")):
        assert told(kind, way, name)[0] == 0
        assert active(told, kind) is False
        assert told(kind, "back" if kind == "user" else "on", name)[0] == 0
        assert active(told, kind) is True
    for way, stands in (("off", False), ("on", True)):
        assert told("agency", way, "beacon")[0] == 0
        assert json.loads(told("agency", "list", "--json")[1])[0]["active"] is stands
    for words in (["agency", "on", "nobody"], ["client", "on", "nobody"], ["user", "back", "nobody@beacon.invalid"]):
        assert told(*words)[0] == 2


def test_an_account_is_unlocked_also_where_the_keys_lie_in_a_folder_of_their_own(
    place: Path, monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    from api import sealing, tries
    from api.cli.place import open_database
    from referral.settings import Settings

    monkeypatch.setenv("LODESTAR_KEYS", str(place / "keys"))
    told("migrate")
    told("agency", "add", "beacon", "--name", "Invented", "--kind", "navigator_service")
    email, now = "nora@beacon.invalid", datetime.now(UTC)
    told("user", "add", "--agency", "beacon", "--name", "Nora", "--email", email, "--role", "navigator")
    settings = Settings()
    db, trier = open_database(settings), tries.Trier.of(sealing.load_or_make(settings.key_folder, now), email, None)
    for _ in range(4):
        tries.reserve(db, trier, now)
    assert not tries.reserve(db, trier, now)
    assert told("user", "unlock", email)[0] == 0
    assert tries.reserve(db, tries.Trier(trier.account, "elsewhere"), now)


def active(told: Any, kind: str) -> bool:
    return bool(json.loads(told(kind, "list", "--agency", "beacon", "--json")[1])[0]["active"])


# fmt: off
HERE = ["--agency", "beacon"]
POLICE = ["--name", "N", "--kind", "police"]
WRONG = (
    (["agency", "add", "beacon", *POLICE],                                         "of this short name already"),
    (["agency", "add", "other", "--name", "N", "--kind", "circus"],                "police, local_authority"),
    (["agency", "add", "Other One", *POLICE],                                      "small letters"),
    (["agency", "add", "other", *POLICE, "--email", "x"],                          "no e-mail address"),
    (["user", "add", *HERE, "--name", "N", "--email", "n@x.invalid", "--role", "king"], "there are navigator"),
    (["client", "add", "app", *HERE, "--scope", "all"],                            "there are cases:read"),
    (["explain", "7KQ4-2MX9-T"],                                                   "no case of this id or reference"),
    (["verify", "7KQ4-2MX9-T"],                                                    "no case of this id or reference"),
    (["export", "7KQ4-2MX9-T"],                                                    "no case of this id or reference"),
    (["as-it-stood", "7KQ4-2MX9-T", "--at", "2026-10-01T12:00Z"],                  "no case of this id or reference"),
    (["as-it-stood", "7KQ4-2MX9-T", "--at", "2089-10-01T12:00Z"],                  "a moment that has passed"),
)
# fmt: on


@pytest.mark.parametrize(("words", "says"), WRONG)
def test_what_an_installation_cannot_take_is_told_without_the_libraries_words(
    words: list[str], says: str, place: Path, told: Any
) -> None:
    told("migrate")
    told("agency", "add", "beacon", "--name", "Invented", "--kind", "navigator_service")
    ended, out, err = told(*words)
    assert (ended, out) == (2, "")
    assert says in err
    for raw in ("should", "pattern", "roles.0", "Input", "take part in", "just taken"):
        assert raw not in err


@pytest.mark.slow
def test_the_demo_ends_well_and_leaves_nothing_open(place: Path, told: Any) -> None:
    ended, out, _ = told("demo")
    assert ended == 0
    assert ", open\n" not in out
    assert "check: all is well" in out
    assert "every chain is whole" in out
    assert list(place.iterdir()) == []


@pytest.mark.slow
def test_a_second_run_adds_nothing(place: Path, told: Any) -> None:
    first = told("run", "--prepare")
    events = json.loads(told("verify", "--json")[1])["events"]
    assert (first[0], events > 100) == (0, True)
    assert "left out" not in first[2]
    ended, out, err = told("run", "--prepare")
    assert (ended, err) == (0, "")
    assert "TOKEN=ey" in out
    assert json.loads(told("verify", "--json")[1])["events"] == events
    assert told("check", "--json")[0] == 0


@pytest.mark.slow
def test_damage_is_named_and_ends_by_its_kind(place: Path, told: Any) -> None:
    import sqlite3

    told("run", "--prepare")
    with sqlite3.connect(place / "var" / "lodestar.db") as db:
        case = db.execute("select case_id from events where seq = 3 limit 1").fetchone()[0]
        reference = db.execute("select reference from cases where id = ?", [case]).fetchone()[0]
        edit = "update events set body = replace(body, 'seq', 'sec') where case_id = ? and seq = 3"
        db.execute("drop trigger events_no_update")
        db.execute(edit, [case])
    ended, out, _ = told("verify")
    assert ended == 10
    assert f"first bad place: case {reference}, event 3" in out
    assert "kind of damage: edited" in out
    assert told("verify", reference)[0] == 10
    assert told("explain", reference)[0] == 0
    ended, out, _ = told("export", reference)
    assert (ended, json.loads(out)["case"]["reference"]) == (0, reference)
    ended, out, _ = told("as-it-stood", reference, "--at", f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}", "--json")
    assert (ended, json.loads(out)["reference"]) == (0, reference)
