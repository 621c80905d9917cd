"""decide() as a table: every role, code and relation; and the same rule in a list's statement as in Python."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral.access import (
    ACTS,
    NO_RELATION,
    READS,
    ROLES,
    SCOPES,
    SYSTEM,
    Act,
    Actor,
    Code,
    Context,
    Group,
    Level,
    Matter,
    May,
    Outcome,
    Part,
    Relation,
    Role,
    decide,
    relation_of,
    rights,
    scope_rights,
)
from referral.access.policy import COLUMNS, LEVELS, OPENED_BY_GLASS, TELLS
from referral.basis import CLASSES, Participation
from tests.world import START, a

PEOPLE = [role for role in Role if role is not Role.SYSTEM]
NOW = Context(START)
MACHINE = Actor("desk", "client", "harbour", "support_provider", (), scope_rights(tuple(SCOPES)))


ALL = frozenset(CLASSES)
SEEN = Relation(takes_part=True, covered=ALL)  # of the agency, and of no team


def team(*roles: str, referred: bool = False, listed: bool = False) -> Relation:
    return replace(SEEN, team=frozenset(roles), referred=referred, listed=listed)


def outcome(actor: Actor, act: Act | May, relation: Relation | None, group: Group | None = None) -> Outcome:
    return decide(actor, act, Matter(relation, group), NOW).outcome


def test_every_act_and_every_field_has_a_code_for_every_column() -> None:
    assert set(ACTS) == set(Act)
    assert set(READS) == set(LEVELS) == set(Group)
    for row in (*ACTS.values(), *READS.values()):
        assert set(row) == {str(column) for column in COLUMNS}


@pytest.mark.parametrize(("role", "act"), list(product(PEOPLE, Act)))
def test_a_stranger_to_a_case_gets_nothing_and_is_told_it_is_not_there(role: Role, act: Act) -> None:
    assert outcome(a(role), act, NO_RELATION) is Outcome.DENY_HIDDEN


@pytest.mark.parametrize(("role", "right"), list(product(PEOPLE, May)))
def test_a_move_is_allowed_exactly_to_the_roles_that_hold_its_right_and_are_of_the_team(role: Role, right: May) -> None:
    for relation in (team(role), SEEN):
        found = outcome(a(role), right, relation)
        if found is Outcome.DENY_HIDDEN:
            assert not relation.team or role not in COLUMNS
        else:
            agency_wide = role is Role.MANAGER
            holds = right in ROLES[role] and (agency_wide or (role in relation.team))
            assert found is (Outcome.ALLOW if holds else Outcome.DENY)


@pytest.mark.parametrize(("role", "group"), list(product(PEOPLE, Group)))
def test_a_field_is_read_as_its_code_says(role: Role, group: Group) -> None:
    code, actor = READS[group][role], a(role)
    full = team(role, referred=True)
    expected = {
        Code.TEAM: Outcome.ALLOW, Code.OWN: Outcome.ALLOW, Code.REFERRED: Outcome.ALLOW,
        Code.MASKED: Outcome.ALLOW_MASKED, Code.COUNTS: Outcome.ALLOW_MASKED, Code.REVEAL: Outcome.DENY,
        Code.ASK: Outcome.NEEDS_SECOND_PERSON, Code.NEVER: Outcome.DENY,
    }[code]  # fmt: skip
    assert outcome(actor, Act.READ_CASE, full, group) is (
        Outcome.DENY if role is Role.MANAGER and code is Code.REVEAL else expected
    )
    if code is Code.REFERRED:
        assert outcome(actor, Act.READ_CASE, team(role), group) is Outcome.DENY


def test_a_reveal_needs_the_list_and_a_fresh_second_factor() -> None:
    listed = team(Role.NAVIGATOR, listed=True)
    plain = a(Role.NAVIGATOR)
    assert outcome(plain, Act.READ_CASE, listed, Group.ADDRESS) is Outcome.NEEDS_STEP_UP
    for minutes, expected in ((4, Outcome.ALLOW), (6, Outcome.NEEDS_STEP_UP)):
        proved = Actor(
            plain.id, "user", plain.agency, plain.agency_kind, plain.roles, plain.may, factor="totp",
            stepped_up_at=START - timedelta(minutes=minutes),
        )  # fmt: skip
        assert outcome(proved, Act.READ_CASE, listed, Group.ADDRESS) is expected
        assert outcome(proved, Act.READ_CASE, team(Role.NAVIGATOR), Group.ADDRESS) is Outcome.DENY


@pytest.mark.parametrize("group", list(Group))
def test_a_broken_glass_opens_everything_but_what_could_kill(group: Group) -> None:
    actor, glass = a(Role.MANAGER), replace(SEEN, glass=True)
    found = outcome(actor, Act.READ_CASE, glass, group)
    assert (found is Outcome.ALLOW) == (LEVELS[group] is not Level.LIFE)
    assert outcome(a(Role.CASEWORKER), Act.READ_CASE, Relation(glass=True), Group.ACCOUNT) is Outcome.ALLOW
    assert outcome(a(Role.HOUSING_COORDINATOR), Act.READ_CASE, Relation(glass=True)) is Outcome.DENY_HIDDEN


@pytest.mark.parametrize("act", sorted(set(Act) - OPENED_BY_GLASS))
def test_a_broken_glass_is_for_reading_one_case(act: Act) -> None:
    for role in (Role.NAVIGATOR, Role.SUPPORT_COORDINATOR, Role.CASEWORKER, Role.MANAGER):
        assert decide(a(role), act, Matter(Relation(glass=True)), NOW).reason != "glass"


def test_nobody_approves_what_they_asked_for_themselves() -> None:
    manager = a(Role.MANAGER)
    for asked_by, expected in ((None, Outcome.DENY), (manager.id, Outcome.DENY), ("another", Outcome.ALLOW)):
        context = Context(START, asked_by=asked_by)
        assert decide(manager, Act.EXPORT, Matter(SEEN), context).outcome is expected
    assert outcome(a(Role.NAVIGATOR), Act.EXPORT, team(Role.NAVIGATOR)) is Outcome.NEEDS_SECOND_PERSON


def test_without_a_legal_basis_today_nobody_sees_the_case() -> None:
    for role in (Role.NAVIGATOR, Role.MANAGER):
        assert outcome(a(role), Act.READ_CASE, replace(team(role), covered=frozenset())) is Outcome.DENY_HIDDEN
    assert outcome(MACHINE, Act.READ_CASE, Relation(takes_part=True)) is Outcome.DENY_HIDDEN
    assert outcome(MACHINE, Act.READ_CASE, SEEN) is Outcome.ALLOW


SUBSETS = [frozenset(some) for size in range(5) for some in combinations(CLASSES, size)]


@pytest.mark.parametrize(("column", "group"), list(product(COLUMNS, Group)))
def test_a_field_is_read_only_where_the_basis_covers_its_class(column: str, group: Group) -> None:
    actor = MACHINE if column == "client" else a(Role(column))
    standing = replace(team(*actor.roles), referred=True)
    whole = outcome(actor, Act.READ_CASE, standing, group)
    for covered in SUBSETS:
        found = outcome(actor, Act.READ_CASE, replace(standing, covered=covered), group)
        if Level.WORKFLOW not in covered:
            assert found is Outcome.DENY_HIDDEN
        elif LEVELS[group] is Level.OPEN or LEVELS[group] in covered:
            assert found is whole
        else:
            assert found is Outcome.DENY


@pytest.mark.parametrize("act", sorted(TELLS))
def test_an_act_that_tells_a_class_needs_a_basis_that_covers_it(act: Act) -> None:
    roles = [role for role in PEOPLE if outcome(a(role), act, team(role)) is Outcome.ALLOW]
    assert roles
    for role, covered in product(roles, SUBSETS):
        found = outcome(a(role), act, replace(team(role), covered=covered))
        hidden = Outcome.DENY if Level.WORKFLOW in covered else Outcome.DENY_HIDDEN
        assert found is (Outcome.ALLOW if covered >= TELLS[act] | {Level.WORKFLOW} else hidden)


def test_a_broken_glass_reads_also_what_no_basis_covers() -> None:
    glass = Relation(takes_part=True, glass=True, covered=frozenset({Level.WORKFLOW.value}))
    assert outcome(a(Role.MANAGER), Act.READ_CASE, glass, Group.ACCOUNT) is Outcome.ALLOW
    assert outcome(a(Role.MANAGER), Act.READ_CASE, glass, Group.ASSOCIATES) is Outcome.DENY


def test_a_machine_sees_what_its_agency_takes_part_in_and_never_an_address() -> None:
    seen = replace(SEEN, listed=True)
    for group in Group:
        allowed = decide(MACHINE, Act.READ_CASE, Matter(seen, group), NOW).allowed
        assert allowed == (READS[group]["client"] is not Code.NEVER)
    assert READS[Group.ADDRESS]["client"] is Code.NEVER
    assert outcome(MACHINE, Act.READ_CASE, NO_RELATION) is Outcome.DENY_HIDDEN


def test_the_engine_makes_what_follows() -> None:
    assert outcome(SYSTEM, May.SUBMIT, NO_RELATION) is Outcome.ALLOW


def test_nobody_acts_as_another_and_a_navigator_submits_nothing() -> None:
    for role in PEOPLE:
        assert outcome(a(role), Act.ACT_AS_ANOTHER, None) is Outcome.DENY
    assert outcome(a(Role.NAVIGATOR), May.SUBMIT, team(Role.NAVIGATOR)) is Outcome.DENY
    assert outcome(a(Role.FIRST_RESPONDER), May.SUBMIT, team(Role.FIRST_RESPONDER)) is Outcome.ALLOW


@pytest.mark.parametrize("role", PEOPLE)
def test_the_rights_of_a_role_and_its_row_of_the_table_agree(role: Role) -> None:
    """A list exists once; where the rights that an account shows say the same as the table, they say it alike."""
    for right, act in ((May.KEEP_USERS, Act.KEEP_USERS), (May.KEEP_CLIENTS, Act.KEEP_CLIENTS)):
        assert (right in ROLES[role]) == (ACTS[act][role] is not Code.NEVER)
    reads = ACTS[Act.READ_CASE][role]
    assert (May.READ_CASE in ROLES[role]) == (reads in (Code.TEAM, Code.OWN))


# fmt: off
MINE, OTHER = "m" * 32, "o" * 32
STANDING = [
    # roles of mine,                 others named,                       named,  owner, expected roles of the team
    (("navigator",),                  (),                                False,  None,  {"navigator"}),
    (("navigator",),                  (("navigator",),),                 False,  None,  set()),
    (("navigator",),                  (("navigator",),),                 True,   None,  {"navigator"}),
    (("navigator",),                  (("navigator",),),                 False,  MINE,  {"navigator"}),
    (("navigator",),                  (("support_worker",),),            False,  None,  {"navigator"}),
    (("navigator", "support_worker"), (("navigator",),),                 False,  None,  {"support_worker"}),
    (("manager",),                    (("navigator",),),                 False,  None,  set()),
    (("support_worker",),             (("support_worker", "manager"),),  False,  OTHER, set()),
]
# fmt: on


@pytest.mark.parametrize(("roles", "others", "named", "owner", "expected"), STANDING)
def test_the_duty_team_stands_in_role_by_role(
    roles: tuple[str, ...], others: tuple[tuple[str, ...], ...], named: bool, owner: str | None, expected: set[str]
) -> None:
    actor = Actor(MINE, "user", "harbour", "support_provider", roles, rights(roles))
    members = {("harbour", OTHER, held) for held in others} | ({("harbour", MINE, roles)} if named else set())
    share = [Participation("harbour", Part.SUPPORT)]
    found = relation_of(actor, "person", owner, share, members, START)
    assert found.covered == {"C1", "C2", "C3"}
    assert found.team == frozenset(expected)
    far = {("lantern", OTHER, roles)}
    assert relation_of(actor, "person", None, share, far, START).team == set(roles) - {"manager"}
    for none in (Participation("lantern", Part.SUPPORT), replace(share[0], ends_on=START)):
        assert relation_of(actor, "person", owner, [none], members, START) == NO_RELATION
    leads = [Participation("harbour", Part.LEAD)]
    assert relation_of(actor, "operation", None, leads, members, START).team == set(roles) - {"manager"}


@given(
    roles=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True),
    act=st.sampled_from(Act),
    group=st.none() | st.sampled_from(Group),
    takes_part=st.booleans(),
    named=st.sets(st.sampled_from(PEOPLE)),
    covered=st.sampled_from(SUBSETS),
)
def test_more_relation_never_gives_less(
    roles: list[Role], act: Act, group: Group | None, takes_part: bool, named: set[Role], covered: frozenset[str]
) -> None:
    held = tuple(role.value for role in roles)
    actor = Actor(MINE, "user", "harbour", "support_provider", held, rights(held))
    less = Relation(takes_part=True, team=frozenset(named & set(roles)), covered=covered) if takes_part else NO_RELATION
    more = Relation(takes_part=True, referred=True, team=frozenset(held), listed=True, covered=ALL)
    order = list(Outcome)
    assert order.index(outcome(actor, act, more, group)) <= order.index(outcome(actor, act, less, group))
