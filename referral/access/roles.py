"""Roles, rights to make moves, and scopes as tables, and the actor. Nothing is allowed unless it is listed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person is on a case."""

    NAVIGATOR = "navigator"  # meets people, records consent, prepares referrals, stays to the end
    FIRST_RESPONDER = "first_responder"  # adopts and submits a referral, or notifies without consent
    SUPPORT_COORDINATOR = "support_coordinator"  # takes or declines cases for a support service
    SUPPORT_WORKER = "support_worker"  # is responsible for one person's support
    HOUSING_COORDINATOR = "housing_coordinator"  # keeps beds, offers and places
    CASEWORKER = "caseworker"  # records the competent authority's decisions
    MANAGER = "manager"  # sees timelines and deadlines of the agency, and proves them
    AGENCY_ADMIN = "agency_admin"  # keeps the agency's people and clients
    SYSTEM_ADMIN = "system_admin"  # keeps the installation, reads no case
    SYSTEM = "system"  # the engine itself, when a deadline ends or a move follows another


class May(StrEnum):
    """What may be done: `area:act`. Every move needs exactly one."""

    OPEN_CASE = "case:open"
    READ_CASE = "case:read"
    PREPARE = "referral:prepare"
    SUBMIT = "referral:submit"
    RECEIVE = "referral:receive"
    DECIDE = "decision:record"
    ASK_CLOSE = "decision:ask_close"
    ASK_SUPPORT = "support:request"
    WORK_SUPPORT = "support:work"
    EXTEND_SUPPORT = "support:extend"
    OFFER_CASE = "assignment:offer"
    TAKE_CASE = "assignment:take"
    PROPOSE_WORKER = "assignment:propose"
    ACCEPT_CASE = "assignment:accept"
    ASK_HOUSING = "housing:request"
    PLACE = "housing:place"
    ASK_TO_KNOW = "address:ask"
    LET_KNOW = "address:approve"
    TAKE_OFF = "address:take_off"
    REVEAL_ADDRESS = "address:reveal"
    LOCK_ADDRESS = "address:lock"
    SPEAK_FOR = "housing:speak_for"
    PROTECT = "protection:decide"
    RECORD_CONTACT = "contact:record"
    RECORD_CONSENT = "consent:record"
    ACKNOWLEDGE = "consent:acknowledge"
    RECORD_CHILD = "child:record"
    DECIDE_CHILD = "child:decide"
    INQUIRE = "inquiry:ask"
    ANSWER = "inquiry:answer"
    CHALLENGE = "inquiry:challenge"
    DECIDE_STAY = "stay:decide"
    RECORD_JUSTICE = "justice:record"
    LEAD_OPERATION = "operation:lead"
    CAPTURE = "operation:capture"
    RECEIVE_CONCERN = "concern:receive"
    ASSESS_CONCERN = "concern:assess"
    ASK_ACCOUNT = "account:ask"
    KEEP_RECORDS = "records:keep"
    REVIEW_GLASS = "glass:review"
    TEAM = "team:keep"
    KEEP_USERS = "users:keep"
    KEEP_CLIENTS = "clients:keep"
    KEEP_AGREEMENTS = "agreements:keep"
    VERIFY = "audit:verify"
    SEARCH = "people:search"
    INTRODUCE = "introduction:answer"
    CHECK_DUPLICATES = "duplicates:check"
    WITNESS = "audit:witness"
    ACT_AS_SYSTEM = "system:act"


_FIRST_CONTACT = {
    May.OPEN_CASE, May.READ_CASE, May.PREPARE, May.ASK_SUPPORT, May.ASK_HOUSING, May.SPEAK_FOR, May.RECORD_CONTACT,
    May.RECORD_CONSENT, May.RECORD_CHILD, May.ANSWER, May.CHALLENGE, May.RECORD_JUSTICE, May.LEAD_OPERATION,
    May.CAPTURE, May.RECEIVE_CONCERN, May.ASSESS_CONCERN, May.ASK_CLOSE, May.OFFER_CASE, May.ACKNOWLEDGE,
}  # fmt: skip

ROLES: dict[Role, frozenset[May]] = {
    Role.NAVIGATOR: frozenset(_FIRST_CONTACT | {
        May.LET_KNOW, May.TAKE_OFF, May.REVEAL_ADDRESS, May.LOCK_ADDRESS, May.SEARCH, May.CHECK_DUPLICATES,
        May.INTRODUCE, May.TEAM, May.ASK_ACCOUNT,
    }),
    Role.FIRST_RESPONDER: frozenset(_FIRST_CONTACT | {
        May.SUBMIT, May.RECEIVE, May.LOCK_ADDRESS, May.CHECK_DUPLICATES, May.INTRODUCE,
    }),
    Role.SUPPORT_COORDINATOR: frozenset({
        May.READ_CASE, May.ASK_SUPPORT, May.WORK_SUPPORT, May.OFFER_CASE, May.TAKE_CASE, May.PROPOSE_WORKER,
        May.ACCEPT_CASE, May.ASK_HOUSING, May.SPEAK_FOR, May.RECORD_CONTACT, May.RECORD_CONSENT, May.ANSWER,
        May.CHALLENGE, May.ASK_CLOSE, May.RECEIVE_CONCERN, May.LET_KNOW, May.TAKE_OFF, May.REVEAL_ADDRESS,
        May.LOCK_ADDRESS, May.ACKNOWLEDGE, May.SEARCH, May.INTRODUCE, May.TEAM, May.ASK_ACCOUNT,
    }),
    Role.SUPPORT_WORKER: frozenset({
        May.READ_CASE, May.WORK_SUPPORT, May.ACCEPT_CASE, May.ASK_HOUSING, May.SPEAK_FOR, May.RECORD_CONTACT,
        May.RECORD_CONSENT, May.ANSWER, May.CHALLENGE, May.REVEAL_ADDRESS, May.LOCK_ADDRESS,
        May.ACKNOWLEDGE,
    }),
    Role.HOUSING_COORDINATOR: frozenset({
        May.READ_CASE, May.PLACE, May.ASK_HOUSING, May.RECORD_CONTACT, May.ASK_TO_KNOW, May.TAKE_OFF,
        May.REVEAL_ADDRESS, May.LOCK_ADDRESS, May.ACKNOWLEDGE, May.TEAM,
    }),
    Role.CASEWORKER: frozenset({
        May.READ_CASE, May.RECEIVE, May.DECIDE, May.ASK_CLOSE, May.EXTEND_SUPPORT, May.PROTECT, May.DECIDE_CHILD,
        May.RECORD_CHILD, May.INQUIRE, May.DECIDE_STAY, May.RECORD_CONTACT, May.ACKNOWLEDGE, May.SEARCH,
        May.CHECK_DUPLICATES, May.INTRODUCE, May.WITNESS, May.TEAM, May.ASK_ACCOUNT,
    }),
    Role.MANAGER: frozenset({
        May.READ_CASE, May.PROPOSE_WORKER, May.KEEP_RECORDS, May.VERIFY, May.ACKNOWLEDGE, May.WITNESS, May.TEAM,
        May.REVEAL_ADDRESS, May.LOCK_ADDRESS, May.REVIEW_GLASS,
    }),
    Role.AGENCY_ADMIN: frozenset({May.KEEP_USERS, May.KEEP_CLIENTS, May.KEEP_AGREEMENTS, May.WITNESS}),
    Role.SYSTEM_ADMIN: frozenset({May.KEEP_USERS, May.KEEP_CLIENTS, May.KEEP_AGREEMENTS, May.VERIFY, May.WITNESS}),
    Role.SYSTEM: frozenset({May.ACT_AS_SYSTEM, May.READ_CASE}),
}  # fmt: skip

# What a partner agency's machine may be given; never housing, never an agency's people.
SCOPES: dict[str, frozenset[May]] = {
    "cases:read": frozenset({May.READ_CASE}),
    "encounters:write": frozenset({May.OPEN_CASE, May.RECORD_CONTACT, May.RECORD_CONSENT, May.RECORD_CHILD,
                                   May.CAPTURE, May.RECEIVE_CONCERN}),
    "referrals:prepare": frozenset({May.PREPARE, May.ASK_SUPPORT}),
    "referrals:submit": frozenset({May.SUBMIT, May.RECEIVE}),
    "decisions:write": frozenset({May.DECIDE, May.RECEIVE, May.INQUIRE, May.DECIDE_CHILD, May.EXTEND_SUPPORT,
                                  May.PROTECT, May.DECIDE_STAY}),
    "support:write": frozenset({May.WORK_SUPPORT, May.OFFER_CASE, May.TAKE_CASE, May.PROPOSE_WORKER, May.ACCEPT_CASE,
                                May.ASK_SUPPORT, May.SPEAK_FOR, May.ASK_HOUSING}),
    "inquiries:write": frozenset({May.ANSWER, May.CHALLENGE}),
    "justice:write": frozenset({May.RECORD_JUSTICE}),
    "operations:write": frozenset({May.LEAD_OPERATION, May.ASSESS_CONCERN}),
    "audit:witness": frozenset({May.WITNESS}),
}  # fmt: skip


class AgencyKind(StrEnum):
    """What an agency is; which kinds may submit a referral stands in referral/form/codes.py."""

    POLICE = "police"
    LOCAL_AUTHORITY = "local_authority"
    BORDER_FORCE = "border_force"
    IMMIGRATION_ENFORCEMENT = "immigration_enforcement"
    ASYLUM = "asylum"
    HOME_OFFICE_OTHER = "home_office_other"
    NATIONAL_AGENCY = "national_agency"
    HEALTH_TRUST_NI = "health_trust_ni"
    CHARITY = "charity"  # a charity on the list of first responder organisations
    NAVIGATOR_SERVICE = "navigator_service"  # embedded with the police, not a first responder
    SUPPORT_PROVIDER = "support_provider"
    COMPETENT_AUTHORITY = "competent_authority"
    HEALTH_SERVICE = "health_service"
    HELPLINE = "helpline"
    INSTALLATION = "installation"  # whoever runs this installation


class Part(StrEnum):
    """As what an agency takes part in a case."""

    REFERRER = "referrer"
    FIRST_RESPONDER = "first_responder"
    AUTHORITY = "authority"
    SUPPORT = "support"
    HOUSING = "housing"
    POLICE = "police"
    LOCAL_AUTHORITY = "local_authority"
    LEAD = "lead"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a person or a partner agency's client, with the rights read at this request."""

    id: str
    kind: str  # user | client | system
    agency: str
    agency_kind: str
    roles: tuple[str, ...]
    may: frozenset[May]
    on_behalf_of: str | None = None
    nation: str | None = None  # of the agency
    factor: str = "none"  # none | password | totp | passkey | oidc | client: how they proved who they are
    stepped_up_at: datetime | None = None  # UTC, when a second factor was last proved

    @property
    def is_system(self) -> bool:
        """True for the engine itself."""
        return self.kind == "system"

    def holds(self, act: May) -> bool:
        """Whether the right is there. The engine makes what follows and what a deadline fires, and needs none."""
        return act in self.may or self.is_system


SYSTEM = Actor("system", "system", "system", AgencyKind.INSTALLATION, (Role.SYSTEM,), ROLES[Role.SYSTEM])


def rights(roles: tuple[str, ...]) -> frozenset[May]:
    """All that these roles may do together."""
    return frozenset().union(*(ROLES[Role(role)] for role in roles))


def scope_rights(scopes: tuple[str, ...]) -> frozenset[May]:
    """All that a client with these scopes may do."""
    return frozenset().union(*(SCOPES[scope] for scope in scopes))


def who_may(act: May) -> tuple[str, ...]:
    """The roles that hold a permission, in the order of the table."""
    return _HOLDERS[act]


_HOLDERS = {act: tuple(role.value for role, acts in ROLES.items() if act in acts) for act in May}
