"""Every role, act, field group and relation against real answers; the page in docs/ is what they were."""

from pathlib import Path

import pytest

from referral.access import ACTS, READS, Act, Code, Group, Level, Role
from referral.access.policy import LEVELS
from tests.api.knocking import knocking
from tests.attacks.permissions import observed, page
from tests.attacks.relations import TAILS
from tests.world import World

PAGE = Path(__file__).parents[2] / "docs/permissions.md"
LOOKS = {
    "": Act.READ_CASE, "/offered": Act.READ_OFFERED, "/timeline": Act.READ_TIMELINE,
    "/deadlines": Act.READ_DEADLINES, "/answers": Act.READ_ANSWERS, "/completeness": Act.READ_MISSING,
}  # fmt: skip
TEAM = ("duty team", "named", "accountable", "asked to act")
ANYWAY = (Role.MANAGER.value, "client")  # who is related to every case of the agency
FROM_NOTES = (Group.REASONS, Group.PLAN)


def expected(code: Code, column: str, relation: str) -> str:
    """What a cell of the policy means for a relation, said once more and otherwise than decide() says it."""
    part = relation != "stranger"
    team = relation in TEAM or (column in ANYWAY and part)
    if code in (Code.OWN, Code.SCOPE):
        return "whole" if part else "nothing"
    if code is Code.TEAM:
        return "whole" if team else "nothing"
    if code is Code.REFERRED:
        return "whole" if team and relation != "asked to act" else "nothing"
    if code is Code.MASKED:
        return "short" if team else "nothing"
    return "nothing"


@pytest.mark.slow
def test_everybody_sees_what_the_policy_says_and_the_page_says_the_same(
    world: World, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with knocking(world, tmp_path) as api:
        found = observed(api)
    for (column, relation), (_, answers, saw) in found.items():
        where = f"{column}, {relation}"
        visible = answers[""].status_code == 200
        code = ACTS[Act.READ_CASE][column]
        assert visible == (
            expected(code, column, relation) != "nothing" or (code is Code.COUNTS and relation != "stranger")
        ), where
        for tail, act in LOOKS.items():
            status = answers[tail].status_code
            asked = (
                column == Role.CASEWORKER and relation == "asked to act" and act in (Act.READ_ANSWERS, Act.READ_MISSING)
            )
            counts = ACTS[act][column] is Code.COUNTS and visible
            may = visible and not asked and (expected(ACTS[act][column], column, relation) != "nothing" or counts)
            assert status == (200 if may else 403 if visible else 404), f"{where} {tail}"
        for group, saw_it in saw.items():
            must = expected(READS[group][column], column, relation)
            if group is Group.WORKFLOW and visible:
                must = "whole"
            if group in FROM_NOTES and must == "short":
                must = "nothing"  # a text has no short form
            reads = "/timeline" if group in (*FROM_NOTES, Group.STAFF, Group.TIMELINE) else "/answers"
            if group in (Group.WORKFLOW, Group.OUTCOME, Group.CONSENT):
                reads = ""
            if relation == "asked to act" and LEVELS[group] is Level.LIFE:
                must = "nothing"  # the parts of the police and of a local authority do not cover it
            if answers[reads].status_code != 200:
                must = "nothing"
            assert saw_it == must, f"{where}: {group}"
    text = page(found)
    if request.config.getoption("--write-docs"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "stale: run pytest tests/attacks/test_permissions.py --write-docs"


def test_every_look_is_enumerated() -> None:
    assert set(LOOKS) == set(TAILS)
