"""The policy as two tables: which role reads which field, and which role does which act. What is not listed is denied.

Moves are not here: the right that each needs stands in its table, and who holds it in `roles.py`. A navigator prepares
a referral and hands it over; only first responders submit.
"""

from enum import StrEnum

from referral.access.roles import May, Role
from referral.basis import Level

CLIENT = "client"  # the column of a partner agency's machine


class Code(StrEnum):
    """On what condition."""

    TEAM = "P"  # of the case team: takes part in this case in person
    OWN = "O"  # within the own agency: its cases, people and objects, without being of the team
    REFERRED = "D"  # of the team of a referral that the own agency drafted or submitted
    MASKED = "M"  # of the team, and then only a summary: initials, coded answers, role and desk instead of a name
    REVEAL = "R"  # of the team and on the list of this item; for a purpose, one at a time, recorded
    GLASS = "G"  # only by breaking the glass: a reason, a time limit, read only, reviewed by somebody else
    ASK = "4"  # may ask; takes effect when another entitled person approves
    APPROVE = "A"  # may approve what another person asked for, never the own request
    COUNTS = "X"  # counts, status or metadata without personal data
    SCOPE = "S"  # a machine, by its scopes, on cases in which its agency takes part
    NEVER = "-"


class Group(StrEnum):
    """Fields that are read by the same people."""

    OPEN = "of no case"
    WORKFLOW = "reference, states, deadlines, next act and its owner"
    IDENTITY = "name, other names, date of birth, nationality"
    CONTACT = "safe contact route, safe times, interpreter, warnings"
    ADDRESS = "address, present whereabouts, travel plan"
    REGION = "region of the placement"
    ACCOUNT = "account of exploitation, suspects, allegations"
    IMMIGRATION = "immigration status and history"
    HEALTH = "health, trauma, pregnancy"
    RISK = "risk assessment, threats"
    OUTCOME = "outcome of the two decisions and its days"
    REASONS = "reasons and evidence of a decision"
    PLAN = "support plan, needs, appointments"
    CONSENT = "consent and legal basis"
    ASSOCIATES = "associates, relatives, who must never be told"
    STAFF = "who of the staff works on the case"
    ATTACHMENT = "attachment; its content as its label says"
    TIMELINE = "timeline; each entry as its fields say"
    LOOKS = "who looked at this case"


class Act(StrEnum):
    """What is done that is no move: `area:act`."""

    USE_OWN_ACCOUNT = "account:use"
    READ_LAW = "law:read"
    LIST_CASES = "case:list"
    READ_CASE = "case:read"
    READ_OFFERED = "case:read_offered"
    READ_TIMELINE = "case:read_timeline"
    READ_ACCOUNT = "case:read_account"
    READ_DEADLINES = "case:read_deadlines"
    READ_ANSWERS = "referral:read"
    READ_MISSING = "referral:read_missing"
    READ_FUNNEL = "operation:count"
    READ_LOOKS = "case:read_looks"
    SEARCH = "person:search"
    CHECK_DUPLICATE = "person:check_duplicate"
    BREAK_GLASS = "glass:break"
    REVIEW = "glass:review"
    COUNT_GLASS = "glass:count"
    SHARE = "case:share"
    NAME_TO_ADDRESS = "address:list"
    EXPORT = "case:export"
    PRINT = "case:print"
    ERASE = "case:erase"
    REPORT = "statistics:read"
    MANY_AT_ONCE = "case:bulk"
    KEEP_USERS = "users:keep"
    GRANT = "users:grant"
    USE_APPROVALS = "approvals:use"
    KEEP_CLIENTS = "clients:keep"
    WIDEN_CLIENT = "clients:widen"
    DISABLE_CLIENT = "clients:disable"
    KEEP_WEBHOOKS = "webhooks:keep"
    VERIFY = "audit:verify"
    WITNESS = "audit:witness"
    ACKNOWLEDGE = "withdrawal:acknowledge"
    KEEP_AGREEMENTS = "agreements:keep"
    KEEP_PLACES = "place:keep"
    LOCK_PLACE = "place:lock"
    REVEAL = "address:reveal"
    READ_REVEALS = "address:read_reveals"
    RUN_INSTALLATION = "installation:run"
    ACT_AS_ANOTHER = "account:act_as_another"


COLUMNS = (
    Role.NAVIGATOR, Role.FIRST_RESPONDER, Role.SUPPORT_COORDINATOR, Role.SUPPORT_WORKER, Role.HOUSING_COORDINATOR,
    Role.CASEWORKER, Role.MANAGER, Role.AGENCY_ADMIN, Role.SYSTEM_ADMIN, CLIENT,
)  # fmt: skip

# A first responder reads where a case stands also where their force was only asked to act; of the person they read only
# what their own agency referred.
# fmt: off
_READS = {
    #                         class            VN  FR  SC  SW  HC  CA  MA  AA  SA  client
    Group.OPEN:        (Level.OPEN,     "O   O   O   O   O   O   O   O   O   S"),
    Group.WORKFLOW:    (Level.WORKFLOW, "P   P   P   P   P   P   O   X   X   S"),
    Group.IDENTITY:    (Level.PERSONAL, "P   D   P   P   M   P   M   -   -   S"),
    Group.CONTACT:     (Level.PERSONAL, "P   D   P   P   P   P   M   -   -   -"),
    Group.ADDRESS:     (Level.LIFE,     "R   -   R   R   R   -   4   -   -   -"),
    Group.REGION:      (Level.PERSONAL, "P   -   P   P   P   P   O   X   -   -"),
    Group.ACCOUNT:     (Level.SPECIAL,  "P   D   M   M   -   P   R   -   -   S"),
    Group.IMMIGRATION: (Level.SPECIAL,  "P   D   P   M   -   P   -   -   -   -"),
    Group.HEALTH:      (Level.SPECIAL,  "M   D   P   P   M   M   -   -   -   -"),
    Group.RISK:        (Level.PERSONAL, "P   D   P   P   P   P   O   -   -   -"),
    Group.OUTCOME:     (Level.WORKFLOW, "P   M   P   P   M   P   O   -   -   S"),
    Group.REASONS:     (Level.SPECIAL,  "P   -   M   -   -   P   R   -   -   -"),
    Group.PLAN:        (Level.PERSONAL, "P   -   P   P   M   M   X   -   -   S"),
    Group.CONSENT:     (Level.PERSONAL, "P   P   P   P   P   P   O   -   -   M"),
    Group.ASSOCIATES:  (Level.LIFE,     "P   D   P   P   M   P   -   -   -   -"),
    Group.STAFF:       (Level.PERSONAL, "P   M   P   P   P   M   O   O   X   M"),
    Group.ATTACHMENT:  (Level.SPECIAL,  "P   D   P   P   M   P   R   -   -   S"),
    Group.TIMELINE:    (Level.WORKFLOW, "P   P   P   P   P   P   O   -   -   S"),
    Group.LOOKS:       (Level.PERSONAL, "P   -   P   -   -   -   O   -   X   -"),
}
# A search finds only cases of whose team the seeker is. The right is what a machine's scopes must give; a person needs
# only the role.
_ACTS = {
    #                        a machine's right                     VN  FR  SC  SW  HC  CA  MA  AA  SA  client
    Act.USE_OWN_ACCOUNT:  ((),                                   "O   O   O   O   O   O   O   O   O   S"),
    Act.READ_LAW:         ((),                                   "O   O   O   O   O   O   O   O   O   S"),
    Act.LIST_CASES:       ((May.READ_CASE,),                     "O   O   O   O   O   O   O   X   -   S"),
    Act.READ_CASE:        ((May.READ_CASE,),                     "P   P   P   P   P   P   O   X   X   S"),
    Act.READ_OFFERED:     ((May.READ_CASE,),                     "P   P   P   P   P   P   O   -   -   S"),
    Act.READ_TIMELINE:    ((May.READ_CASE,),                     "P   P   P   P   P   P   O   -   -   S"),
    Act.READ_ACCOUNT:     ((May.READ_CASE,),                     "P   P   P   P   P   P   O   X   X   S"),
    Act.READ_DEADLINES:   ((May.READ_CASE,),                     "P   P   P   P   P   P   O   X   -   S"),
    Act.READ_ANSWERS:     ((May.PREPARE, May.SUBMIT, May.DECIDE), "P   D   P   P   P   P   O   -   -   S"),
    Act.READ_MISSING:     ((May.PREPARE, May.SUBMIT, May.DECIDE), "P   D   -   -   -   P   -   -   -   S"),
    Act.READ_FUNNEL:      ((May.READ_CASE,),                     "P   P   P   P   P   P   O   -   -   S"),
    Act.READ_LOOKS:       ((),                                   "P   -   P   -   -   -   O   -   X   -"),
    Act.SEARCH:           ((),                                   "O   -   O   -   -   O   -   -   -   -"),
    Act.CHECK_DUPLICATE:  ((),                                   "O   O   -   -   -   O   -   -   -   -"),
    Act.BREAK_GLASS:      ((),                                   "G   -   G   -   -   G   G   -   -   -"),
    Act.REVIEW:           ((),                                   "-   -   -   -   -   -   A   -   -   -"),
    Act.COUNT_GLASS:      ((),                                   "-   -   -   -   -   -   O   -   -   -"),
    Act.SHARE:            ((),                                   "4   -   4   -   -   4   A   -   -   -"),
    Act.NAME_TO_ADDRESS:  ((),                                   "A   -   A   -   4   -   -   -   -   -"),
    Act.EXPORT:           ((),                                   "4   -   -   -   -   4   A   -   -   -"),
    Act.PRINT:            ((),                                   "R   -   R   -   -   -   -   -   -   -"),
    Act.ERASE:            ((),                                   "-   -   -   -   -   -   4   -   -   -"),
    Act.REPORT:           ((),                                   "-   -   O   -   -   O   O   X   -   -"),
    Act.MANY_AT_ONCE:     ((),                                   "-   -   -   -   -   4   4   -   -   -"),
    Act.KEEP_USERS:       ((),                                   "-   -   -   -   -   -   -   O   O   -"),
    Act.GRANT:            ((),                                   "-   -   -   -   -   -   A   4   A   -"),
    Act.USE_APPROVALS:    ((),                                   "-   -   -   -   -   -   O   O   O   -"),
    Act.KEEP_CLIENTS:     ((),                                   "-   -   -   -   -   -   -   O   O   -"),
    Act.WIDEN_CLIENT:     ((),                                   "-   -   -   -   -   -   -   4   A   -"),
    Act.DISABLE_CLIENT:   ((),                                   "-   -   -   -   -   -   -   O   O   S"),
    Act.KEEP_WEBHOOKS:    ((),                                   "-   -   -   -   -   -   -   4   A   -"),
    Act.VERIFY:           ((),                                   "-   -   -   -   -   -   O   X   X   -"),
    Act.WITNESS:          ((),                                   "-   -   -   -   -   O   O   O   X   S"),
    Act.ACKNOWLEDGE:      ((May.ACKNOWLEDGE,),                   "O   O   O   O   O   O   O   -   -   S"),
    Act.KEEP_AGREEMENTS:  ((),                                   "-   -   -   -   -   -   -   O   O   -"),
    Act.KEEP_PLACES:      ((),                                   "-   -   -   -   O   -   -   -   -   -"),
    Act.LOCK_PLACE:       ((),                                   "-   -   O   O   O   -   O   -   -   -"),
    Act.REVEAL:           ((),                                   "P   -   P   P   P   -   O   -   -   -"),
    Act.READ_REVEALS:     ((),                                   "P   -   P   -   P   -   O   -   -   -"),
    Act.RUN_INSTALLATION: ((),                                   "-   -   -   -   -   -   -   -   O   -"),
    Act.ACT_AS_ANOTHER:   ((),                                   "-   -   -   -   -   -   -   -   -   -"),
}
# fmt: on


def _row(codes: str) -> dict[str, Code]:
    return dict(zip((str(column) for column in COLUMNS), map(Code, codes.split()), strict=True))


READS: dict[Group, dict[str, Code]] = {group: _row(codes) for group, (_, codes) in _READS.items()}
ACTS: dict[Act, dict[str, Code]] = {act: _row(codes) for act, (_, codes) in _ACTS.items()}
RIGHTS: dict[Act, frozenset[May]] = {act: frozenset(needed) for act, (needed, _) in _ACTS.items()}
LEVELS: dict[Group, Level] = {group: level for group, (level, _) in _READS.items()}
# Of addresses a machine is told nothing, not even that it lacks a right.
FOR_PEOPLE = frozenset({Act.KEEP_PLACES, Act.LOCK_PLACE, Act.REVEAL, Act.READ_REVEALS})
# What an act tells beside the fields of an answer, or instead of them: whoever's basis covers less does not do it.
TELLS: dict[Act, frozenset[Level]] = {
    Act.READ_ACCOUNT: frozenset({Level.WORKFLOW, Level.PERSONAL, Level.SPECIAL}),
    Act.CHECK_DUPLICATE: frozenset({Level.PERSONAL}),
    Act.REVEAL: frozenset({Level.LIFE}),
    Act.READ_REVEALS: frozenset({Level.LIFE}),
}
# All that a broken glass opens: reading this one case. No list, no search, no export, no move, no ledger of addresses.
OPENED_BY_GLASS = frozenset({
    Act.READ_CASE, Act.READ_TIMELINE, Act.READ_DEADLINES, Act.READ_ANSWERS, Act.READ_MISSING,
})  # fmt: skip


def who_can(act: Act) -> tuple[str, ...]:
    """The roles that an act is open to in any way, in the order of the table."""
    return tuple(column for column, code in ACTS[act].items() if code is not Code.NEVER and column != CLIENT)
