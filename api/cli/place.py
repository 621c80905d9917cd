"""Where a command works: the settings, the database they name, and the law with the installation's own rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.cli.words import Wrong
from referral.db import Database
from referral.settings import Settings
from workflows.jurisdiction import Law


def open_database(settings: Settings) -> Database:
    """The installation's database, which must exist and stand at the newest step."""
    from datetime import UTC, datetime

    from referral.migrate import is_current
    from referral.vault import open_vault

    db = Database(settings.database, pool=settings.pool, vault=open_vault(settings.key_folder, datetime.now(UTC)))
    file = Path(db.url.database or "")
    if not db.is_postgres and not file.is_file():
        raise Wrong(
            f"There is no database at {file} yet. `lodestar migrate` makes one, `lodestar run` one with demo cases."
        )
    if not is_current(db):
        raise Wrong("The database is not at the newest step. Run `lodestar migrate` first.")
    return db


def warn_of_gaps(db: Database, settings: Settings) -> None:
    """Say loudly what the second line lacks before anybody is served. Raises Wrong if LODESTAR_STRICT_ROLE is set."""
    from api.cli.words import aside
    from referral.second_line import gaps

    found = gaps(db)
    if found and settings.strict_role:
        db.close()
        raise Wrong(" ".join(found))
    for gap in found:
        aside(f'WARNING: {gap} See docs/operators.md, "Two database roles".')


@contextmanager
def one_case() -> Iterator[None]:
    """Where a command looks for one case: say simply that there is none."""
    from referral.errors import NotFound

    try:
        yield
    except NotFound:
        raise Wrong("There is no case of this id or reference.") from None


def read_rules(own: Path | None) -> Law:
    """The shipped law, with an installation's own rules and bank holidays over it."""
    from referral import working_days
    from workflows import catalogue
    from workflows.law_files import read_law

    if own is not None and not own.is_dir():
        raise Wrong(f"There is no folder {own} with rules of your own.")
    if own is not None and (own / "calendars").is_dir():
        try:
            working_days.use_overlays(own / "calendars")
        except ValueError as error:
            raise Wrong(str(error)) from error
    law = read_law(catalogue.known(), own)
    for jurisdiction in law.values():
        catalogue.check_against(jurisdiction)
    return law
