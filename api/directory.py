"""The installation's people: agencies, their staff, their clients; added, listed, taken out. For routes and commands.

Every function works in a session that its caller has opened, so that several acts can be one.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from api import sessions
from api.passwords import LONGEST, SHORTEST, hash_password, new_secret
from referral.access import SCOPES, AgencyKind, Role
from referral.errors import BadForm, Blocked, NotFound, Reason, Taken
from referral.ids import new_id
from referral.models import Agency, Client, User
from workflows.forms import Line

# Who decides, and who keeps the installation, work in agencies of a certain kind; everybody else may work anywhere.
# A local authority decides where its panel has the case of a child, and nowhere else: guards see to that.
AUTHORITIES = frozenset({AgencyKind.COMPETENT_AUTHORITY, AgencyKind.LOCAL_AUTHORITY})
ONLY_IN: dict[str, frozenset[AgencyKind]] = {
    Role.CASEWORKER: AUTHORITIES,
    Role.SYSTEM_ADMIN: frozenset({AgencyKind.INSTALLATION}),
    "decisions:write": AUTHORITIES,
}


ELEVATED = frozenset({Role.MANAGER, Role.CASEWORKER, Role.AGENCY_ADMIN, Role.SYSTEM_ADMIN})  # to be given by two people
NO_PASSWORD = "-"  # noqa: S105  no password has this as its hash
HELD = tuple(role.value for role in Role if role is not Role.SYSTEM)  # by people


def _small(text: Any) -> Any:
    return text.strip().lower() if isinstance(text, str) else text


def a_role(role: str) -> str:
    """A role that a person can hold. Raises ValueError."""
    if role not in HELD:
        raise ValueError(f"there is no such role; there are {', '.join(HELD)}")
    return role


def a_scope(scope: str) -> str:
    """A scope that a client can hold. Raises ValueError."""
    if scope not in SCOPES:
        raise ValueError(f"there is no such scope; there are {', '.join(SCOPES)}")
    return scope


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Email = Annotated[
    str, BeforeValidator(_small), StringConstraints(pattern=r"^[!#-?A-~]{1,64}@[a-z0-9.-]{1,120}$", max_length=200)
]


class _New(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


New = TypeVar("New", bound=BaseModel)
Row = TypeVar("Row", bound=SQLModel)


class NewAgency(_New):
    """A legal body that takes part in cases."""

    id: Slug
    name: Line
    kind: AgencyKind
    nation: Literal["england", "wales", "scotland", "northern_ireland"] | None = None
    email: Email | None = None


class Invited(_New):
    """A person of staff, who will choose a password with the code of an invitation."""

    name: Line
    email: Email
    roles: list[Annotated[str, AfterValidator(a_role)]] = Field(min_length=1, max_length=8)


class NewUser(Invited):
    """A person of staff with a password: the first administrator of an installation, and invented people."""

    password: Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)] = Field(repr=False)


class NewClient(_New):
    """A partner agency's system."""

    id: Slug
    scopes: list[Annotated[str, AfterValidator(a_scope)]] = Field(min_length=1, max_length=len(SCOPES))


def read(shape: type[New], told: dict[str, Any]) -> New:
    """What was told, in its shape. Raises BadForm."""
    try:
        return shape.model_validate(told)
    except ValidationError as wrong:
        raise BadForm(wrong=wrong, form=shape) from None


def add_agency(session: Session, new: NewAgency, now: datetime) -> Agency:
    """Add an agency. Raises Taken where the short name is used."""
    row = Agency(id=new.id, name=new.name, kind=new.kind, nation=new.nation, email=new.email, created_at=now)
    return _add(session, row, "id_used", "There is an agency of this short name already.")


def add_user(session: Session, agency: str, new: Invited, now: datetime) -> User:
    """Add a person of staff. Raises Taken where somebody signs in with this address already.

    Without a password they cannot sign in before they have accepted an invitation. Roles that weigh much are asked for
    by approving.py first; whoever runs the installation gives them here directly.
    """
    fits(session, agency, new.roles)
    stored = hash_password(new.password) if isinstance(new, NewUser) else NO_PASSWORD
    row = User(
        id=new_id(), agency_id=agency, name=new.name, email=new.email, password_hash=stored,
        roles=" ".join(dict.fromkeys(new.roles)), created_at=now,
    )  # fmt: skip
    return _add(session, row, "email_used", "Somebody signs in with this e-mail address already.")


def give_roles(session: Session, agency: str, user: str, roles: list[str], now: datetime) -> User:
    """From now on they have these roles and no others; their sessions see it at the next request. Raises NotFound."""
    row = find_user(session, agency, user)
    fits(session, agency, roles)
    if set(roles) - set(row.roles.split()):
        row.roles_since = now  # who was just given a role approves nothing yet
    row.roles = " ".join(dict.fromkeys(roles))
    session.add(row)
    return row


def add_client(session: Session, agency: str, new: NewClient, now: datetime) -> tuple[Client, str]:
    """Add a client. Its secret is given back once and never again. Raises Taken where the short name is used.

    Over HTTP it is asked for by widening.py first; whoever runs the installation adds it here directly.
    """
    secret = new_secret()
    return put_client(session, agency, new, secret.stored, now), secret.shown


def put_client(session: Session, agency: str, new: NewClient, stored: str, now: datetime) -> Client:
    """Add a client whose secret was made before, and told then. Raises Taken where the short name is used."""
    fits(session, agency, new.scopes)
    scopes = " ".join(dict.fromkeys(new.scopes))
    row = Client(id=new.id, agency_id=agency, secret_hash=stored, scopes=scopes, created_at=now)
    return _add(session, row, "id_used", "There is a client of this short name already.")


def renew_secret(session: Session, agency: str, client: str) -> str:
    """A new secret for a client; the old one is worth nothing from now on."""
    row, secret = find_client(session, agency, client, hold=True), new_secret()
    row.secret_hash, row.second_secret_hash = secret.stored, None
    session.add(row)
    return secret.shown


def agencies(session: Session) -> list[Agency]:
    """Every agency, by its short name."""
    return list(session.exec(select(Agency).order_by(col(Agency.id))))


def users(session: Session, agency: str) -> list[User]:
    """The staff of an agency, in the order in which they were added."""
    return list(
        session.exec(select(User).where(col(User.agency_id) == agency).order_by(col(User.created_at), col(User.id)))
    )


def clients(session: Session, agency: str) -> list[Client]:
    """The clients of an agency, by their short names."""
    return list(session.exec(select(Client).where(col(Client.agency_id) == agency).order_by(col(Client.id))))


def find_user(session: Session, agency: str, user: str) -> User:
    """One of the agency's own staff. Raises NotFound."""
    row = session.get(User, user)
    if row is None or row.agency_id != agency:
        raise NotFound
    return row


def find_client(session: Session, agency: str, client: str, *, hold: bool = False) -> Client:
    """One of the agency's own clients; held until the transaction ends where it is to be changed. Raises NotFound."""
    row = session.get(Client, client, with_for_update=hold or None, populate_existing=hold)
    if row is None or row.agency_id != agency:
        raise NotFound
    return row


def disable_agency(session: Session, agency: str) -> None:
    """It can no longer sign in or be asked. Its cases stay its own until they are handed over."""
    row = session.get(Agency, agency)
    if row is None:
        raise NotFound
    row.active = False
    session.add(row)


def enable_agency(session: Session, agency: str) -> None:
    """It works again, with whoever of it was not taken out by themselves, and with the cases that are still its own."""
    row = session.get(Agency, agency)
    if row is None:
        raise NotFound
    row.active = True
    session.add(row)


def disable_client(session: Session, agency: str, client: str) -> Client:
    """It gets no more tokens, and those it has are worth nothing."""
    row = find_client(session, agency, client, hold=True)
    row.active = False
    session.add(row)
    return row


def enable_client(session: Session, agency: str, client: str) -> Client:
    """It gets tokens again, with the secret that it had."""
    row = find_client(session, agency, client, hold=True)
    row.active = True
    session.add(row)
    return row


def set_left(session: Session, agency: str, user: str, now: datetime) -> User:
    """They cannot sign in any more. What becomes of their cases is decided by moves."""
    row = find_user(session, agency, user)
    row.active, row.left_at = False, row.left_at or now
    session.add(row)
    sessions.end_all(session, user, now)
    return row


def set_disabled(session: Session, agency: str, user: str, now: datetime) -> User:
    """They cannot sign in until they are enabled again. Their cases stay theirs."""
    row = find_user(session, agency, user)
    row.active = False
    session.add(row)
    sessions.end_all(session, user, now)
    return row


def set_back(session: Session, agency: str, user: str) -> User:
    """They sign in again, with password and roles as before. Cases that were handed over stay where they are."""
    row = find_user(session, agency, user)
    row.active, row.left_at = True, None
    session.add(row)
    return row


def fits(session: Session, agency: str, held: list[str]) -> None:
    """Raise where the agency is unknown, or is not of the kind in which this role or scope can be held."""
    home = session.get(Agency, agency)
    if home is None:
        raise BadForm(Reason("unknown_agency", "There is no agency of this short name."))
    if any(home.kind not in ONLY_IN[one] for one in held if one in ONLY_IN):
        raise Blocked(Reason("not_in_this_agency", "This role or scope cannot be held in an agency of this kind."))


def _add(session: Session, row: Row, code: str, says: str) -> Row:
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise Taken(Reason(code, says)) from None
    return row
