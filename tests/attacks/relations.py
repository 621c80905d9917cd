"""Somebody of every role in every relation to a case full of canaries, and what they get to see over HTTP."""

from dataclasses import dataclass
from typing import Any

import orjson

from referral import audit
from referral.access import SCOPES, Group, Part, Role
from referral.ids import new_id, new_reference
from referral.models import Agency, Answers, Case, Client, Event, Key, Member, Note, Participant, Person, Strand, User
from tests.api.knocking import Knocker
from tests.world import START, vault
from workflows.sharing import AS_WHAT

RELATIONS = ("stranger", "duty team", "named", "accountable", "colleague has it", "asked to act")
COLUMNS = (*(role.value for role in Role if role is not Role.SYSTEM), "client")
HOMES: dict[str, tuple[str, str]] = {  # column -> kind of agency, and as what it takes part
    Role.NAVIGATOR: ("navigator_service", Part.REFERRER),
    Role.FIRST_RESPONDER: ("police", Part.FIRST_RESPONDER),
    Role.SUPPORT_COORDINATOR: ("support_provider", Part.SUPPORT),
    Role.SUPPORT_WORKER: ("support_provider", Part.SUPPORT),
    Role.HOUSING_COORDINATOR: ("support_provider", Part.HOUSING),
    Role.CASEWORKER: ("competent_authority", Part.AUTHORITY),
    Role.MANAGER: ("police", Part.FIRST_RESPONDER),
    Role.AGENCY_ADMIN: ("police", Part.FIRST_RESPONDER),
    Role.SYSTEM_ADMIN: ("installation", Part.PARTNER),
    "client": ("police", Part.FIRST_RESPONDER),
}
ASKED = {Role.CASEWORKER.value: Part.LOCAL_AUTHORITY}  # as what an agency takes part that was only asked to act
# For each group a free answer, and a coded one. No text stands anywhere else.
CANARIES: dict[Group, tuple[str, str, str, Any]] = {
    Group.IDENTITY: ("first_name", "Zenobia-canary", "gender", "female"),
    Group.CONTACT: ("phone", "+44 20 7946 0123", "phone_route", "own"),
    Group.ADDRESS: ("address_street", "13 Canary Wharfage", "", None),
    Group.REGION: ("current_region", "north_west", "", None),
    Group.ACCOUNT: ("how_treated", "Beaten-canary", "where_happened", "uk"),
    Group.IMMIGRATION: ("home_office_reference", "HO-canary-1", "has_home_office_reference", "yes"),
    Group.HEALTH: ("communication_help", "Hearing-canary", "needs_communication_help", "yes"),
    Group.RISK: ("future_concerns_reasons", "Threat-canary", "future_concerns", "yes"),
    Group.ASSOCIATES: ("family", "Brother-canary", "has_children", "yes"),
    Group.ATTACHMENT: ("evidence_list", "Photograph-canary", "evidence_attached", "yes"),
}
IDENTITY = ("first_name", "phone", "address_street", "home_office_reference")
NOTES = {Group.REASONS: ("decision", "Reasons-canary"), Group.PLAN: ("support", "Plan-canary")}
STRANDS = {
    "intake": "received", "decision": "cg_positive", "consent": "given", "support": "in_support",
    "contact": "in_contact", "stay": "none", "disqualification": "none",
}  # fmt: skip
TAILS = ("", "/offered", "/timeline", "/deadlines", "/answers", "/completeness")


@dataclass(frozen=True)
class Standing:
    """One person or system, and one case to which they stand in this way."""

    column: str
    relation: str
    case: str
    actor: str
    headers: dict[str, str]


def stand(api: Knocker, column: str, relation: str) -> Standing:
    """Make the agency, the people and the case, and give back who asks."""
    kind, part = HOMES[column]
    if relation == "asked to act":
        part = ASKED.get(column, Part.POLICE)
    home, far, me, other, case = f"home-{new_id()[:8]}", f"far-{new_id()[:8]}", new_id(), new_id(), new_id()
    roles = Role.NAVIGATOR if column == "client" else column
    with api.world.db.write() as session:
        session.add_all(Agency(id=key, name=f"Invented {key}", kind=kind, created_at=START) for key in (home, far))
        session.flush()
        scopes = " ".join(SCOPES)
        session.add(Client(id=home, agency_id=home, secret_hash="-", scopes=scopes, created_at=START))
        session.add_all(
            User(id=user, agency_id=home, name="Invented", email=f"{user}@example.invalid", password_hash="-",
                 roles=roles, created_at=START)
            for user in (me, other)
        )  # fmt: skip
        fill(session, case, far if relation == "stranger" else home, part, me if relation == "accountable" else None)
        named = {"named": me, "asked to act": me, "colleague has it": other}.get(relation)
        if named:
            session.add(Member(case_id=case, user_id=named, agency_id=home, since=START, purpose="test"))
    if column == "client":
        return Standing(column, relation, case, home, api.token(f"client:{home}", list(SCOPES)))
    return Standing(column, relation, case, me, api.token(f"user:{me}"))


def fill(session: Any, case: str, agency: str, part: str, owner: str | None) -> None:
    """A case with a canary for every group of fields."""
    session.add(Case(
        id=case, reference=new_reference(), kind="person", jurisdiction="england-and-wales", opened_at=START,
        updated_at=START, version=2, head=audit.GENESIS, salt=bytes(16), open=True, child="no", owner_agency=agency,
        owner_user=owner,
    ))  # fmt: skip
    session.flush()
    for workflow, state in STRANDS.items():
        told = orjson.dumps({"purpose": "support"} if workflow == "consent" else {}).decode()
        session.add(Strand(id=new_id(), case_id=case, workflow=workflow, number=1, state=state, version=1,
                           opened_at=START, entered_at=START, facts=told))  # fmt: skip
    session.add(Participant(
        case_id=case, agency_id=agency, part=part, since=START, opened_at=START, open=True, basis="public_task",
        purpose="support", classes=" ".join(AS_WHAT[part][1]),
    ))  # fmt: skip
    answers, identity = dict[str, Any](), dict[str, Any]()
    for name, text, coded, value in CANARIES.values():
        (identity if name in IDENTITY else answers)[name] = text
        if coded:
            answers[coded] = value
    key, kept = vault().make(case)
    session.add(Key(id=case, ring=kept.ring, wrapped=kept.wrapped, made_at=START))
    hidden = {
        name: key.seal("people", name, case, told) for name, told in {**identity, "date_of_birth": "1998-03-01"}.items()
    }
    session.add(Person(case_id=case, basis="referral", **hidden))
    kept_answers = key.seal("answers", "answers", case, orjson.dumps(answers).decode())
    session.add(Answers(case_id=case, answers=kept_answers, saved_at=START))
    for seq, (workflow, text) in enumerate(NOTES.values(), 1):
        move = {"decision": "decision.find_conclusive", "support": "support.agree_plan"}[workflow]
        body = {
            "seq": seq, "move": move, "strand": 1, "from": "cg_pending", "to": STRANDS[workflow], "reason": None,
            "occurred": START.isoformat(), "actor": {"id": "f" * 32, "kind": "user", "agency": agency, "roles": ["x"]},
            "by_rule": False, "rules": [], "law": "england-and-wales", "recorded": START.isoformat(), "schema": 1,
        }  # fmt: skip
        told = orjson.dumps(body).decode()
        session.add(Event(case_id=case, seq=seq, recorded_at=START, body=told, prev=b"", hash=b""))
        session.flush()
        said = key.seal("notes", "text", f"{case}/{seq}", orjson.dumps({"note": text}).decode())
        session.add(Note(case_id=case, seq=seq, text=said))


def looks(api: Knocker, who: Standing) -> dict[str, Any]:
    """The answer of every look at the case."""
    return {tail: api.http.get(f"/v1/cases/{who.case}{tail}", headers=who.headers) for tail in TAILS}


def seen(answers: dict[str, Any]) -> dict[Group, str]:
    """What of each group was seen: whole, short or nothing."""
    told = {tail: look.json() if look.status_code == 200 else {} for tail, look in answers.items()}
    case, form, events = told[""], told["/answers"], told["/timeline"].get("items", [])
    given = {**form.get("answers", {}), **form.get("identity", {})}
    found = {Group.WORKFLOW: "whole" if case.get("reference") else "nothing"}
    for group, (name, text, coded, value) in CANARIES.items():
        short = "short" if coded and given.get(coded) == value else "nothing"
        found[group] = "whole" if given.get(name) == text else short
    outcome = case.get("states", {}).get("decision")
    found[Group.OUTCOME] = {"cg_positive": "whole", "entitled": "short", None: "nothing"}[outcome]
    consent = [strand for strand in case.get("strands", ()) if strand["workflow"] == "consent"]
    found[Group.CONSENT] = "nothing" if not consent else "whole" if consent[0]["about"] else "short"
    found[Group.TIMELINE] = "whole" if events else "nothing"
    for group, (_, text) in NOTES.items():
        found[group] = "whole" if any((event["notes"] or {}).get("note") == text for event in events) else "nothing"
    staff = events[0]["actor"] if events else {"id": None, "roles": []}
    found[Group.STAFF] = "whole" if staff["id"] else "short" if staff["roles"] else "nothing"
    return found
