"""The commands with two database roles: one that migrates, one that serves, and what is said of one that does both."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.cli import main
from api.cli.place import open_database, warn_of_gaps
from api.cli.words import Wrong
from referral.settings import Settings
from tests.databases import plain
from tests.roles import ROLE, SERVES, serving


@pytest.fixture
def owned(fresh_pg_database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, and the environment of its owner."""
    url = fresh_pg_database()
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute(ROLE.encode())
    monkeypatch.setenv("LODESTAR_DATA", str(tmp_path))
    monkeypatch.setenv("LODESTAR_DATABASE_URL", url)
    return url


def gaps_of(url: str, *, strict: bool, capsys: Any) -> str:
    settings = Settings(database_url=url, strict_role=strict)
    with closing(open_database(settings)) as db:
        warn_of_gaps(db, settings)
    return str(capsys.readouterr().err)


def test_the_owner_migrates_and_lets_in_a_role_that_the_check_finds_nothing_against(
    owned: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", "--grant", "nobody_here"]) == 2
    assert main(["migrate", "--grant", SERVES]) == 0
    capsys.readouterr()
    assert main(["check"]) == 1
    assert "owns the tables" in capsys.readouterr().out
    monkeypatch.setenv("LODESTAR_DATABASE_URL", serving(owned))
    assert main(["check"]) == 0
    assert main(["migrate", "--grant", SERVES]) != 0


def test_an_owner_that_serves_is_warned_of_loudly_or_refused(owned: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--grant", SERVES]) == 0
    capsys.readouterr()
    assert "WARNING: The database role is a superuser" in gaps_of(owned, strict=False, capsys=capsys)
    with pytest.raises(Wrong, match="serve as one that owns nothing"):
        gaps_of(owned, strict=True, capsys=capsys)
    assert gaps_of(serving(owned), strict=True, capsys=capsys) == ""


def test_sqlite_has_no_roles_to_grant_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LODESTAR_DATA", str(tmp_path))
    monkeypatch.delenv("LODESTAR_DATABASE_URL", raising=False)
    assert main(["migrate", "--grant", SERVES]) == 2
