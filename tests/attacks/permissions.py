"""The page docs/permissions.md, made from real answers: every role in every relation, each look and each field."""

from typing import Any

from referral.access import ROLES, Group, May
from tests.api.knocking import Knocker
from tests.attacks.relations import COLUMNS, RELATIONS, TAILS, Standing, looks, seen, stand

SIGNS = {"whole": "yes", "short": "short", "nothing": "-"}
HEAD = """# Who sees what, and who may do what

Made by the tests from what the API really answers (`pytest tests/attacks/test_permissions.py --write-docs`), on an
invented case with something in every field. The policy itself is one table, `referral/access/policy.py`.

| relation | what it means |
| --- | --- |
| stranger | the agency takes no part in the case |
| duty team | the agency takes part, and nobody of the role was named for the case |
| named | on the case's team by name |
| accountable | the accountable worker |
| colleague has it | somebody else of the same agency and role is named |
| asked to act | named; the agency takes part for the police or as a local authority, and referred or decides nothing |

*yes* is whole, *short* is initials, coded answers, or role and desk instead of a name, *-* is nothing. Addresses are
shown to nobody here: they are revealed one at a time. What the basis of an agency does not cover is *-* for everybody
there; here each part covers what it covers as a rule, so whoever was only asked to act reads nothing of associates. 404 is
the answer of a case that does not exist, byte for byte.
"""


MOVES = """## Moves

The right that each move needs stands in its [table](workflows/README.md). It counts for whoever is of the case's team
in that role; a manager's counts in the whole agency.
"""


def observed(api: Knocker) -> dict[tuple[str, str], tuple[Standing, dict[str, Any], dict[Group, str]]]:
    """What everybody gets, by column and relation."""
    found = {}
    for column in COLUMNS:
        for relation in RELATIONS:
            who = stand(api, column, relation)
            answers = looks(api, who)
            found[column, relation] = who, answers, seen(answers)
    return found


def page(found: dict[tuple[str, str], tuple[Standing, dict[str, Any], dict[Group, str]]]) -> str:
    """The page as it must stand in docs/."""
    parts = [HEAD]
    names = [column.replace("_", " ") for column in COLUMNS]
    for relation in RELATIONS:
        parts.append(f"## {relation.capitalize()}\n")
        parts.append(f"| field | {' | '.join(names)} |\n|{' --- |' * (len(names) + 1)}")
        groups = next(iter(found.values()))[2]
        for group in groups:
            cells = [SIGNS[found[column, relation][2][group]] for column in COLUMNS]
            parts.append(f"| {group.value} | {' | '.join(cells)} |")
        for tail in TAILS:
            cells = [str(found[column, relation][1][tail].status_code) for column in COLUMNS]
            parts.append(f"| `GET {tail or '/'}` | {' | '.join(cells)} |")
        parts.append("")
    parts.append(MOVES)
    roles = [role for role in ROLES if role != "system"]
    columns = " | ".join(role.replace("_", " ") for role in roles)
    parts.append(f"| right | {columns} |\n|{' --- |' * (len(roles) + 1)}")
    parts += [
        f"| `{right}` | {' | '.join('yes' if right in ROLES[role] else '-' for role in roles)} |"
        for right in May
        if right is not May.ACT_AS_SYSTEM
    ]
    return "\n".join(parts) + "\n"
