"""R5, who is responsible today: a support service takes the case, a worker accepts it, and nothing counts before it is accepted.

House rules where no published number exists: acceptance is explicit, a hand-over needs a summary and a new acceptance, and a
worker who leaves puts every case into hand-over at once.
"""

from referral.access import May, Part, Role
from referral.errors import Reason
from workflows.facts import Effect, Facts
from workflows.forms import AgencyId, Because, Code, Form, Note, Nothing, Text, UserId
from workflows.guards import agreed_between, consents_to, strand_is
from workflows.states import States, because, by
from workflows.table import OPENING, STAY, Move, Workflow
from workflows.withdrawal import has_not_withdrawn

SUPPORT_ENDED = ("exited", "closed", "declined", "refused")


class Assignment(States):
    """Who holds the case."""

    # fmt: off
    UNASSIGNED       = "unassigned", "No support service has been asked yet.", by(Role.SUPPORT_COORDINATOR)
    OFFERED          = "offered", "One support service has been asked to take the case.", by(Role.SUPPORT_COORDINATOR, deadline="offer_answer")
    HELD             = "held", "The service's duty team holds the case; no worker has it yet.", by(Role.SUPPORT_COORDINATOR)
    PROPOSED         = "proposed", "A worker has been asked and has not yet accepted.", by(Role.SUPPORT_WORKER, deadline="worker_answer")
    ACCEPTED         = "accepted", "A worker has accepted and has not yet met the person.", by(Role.SUPPORT_WORKER, deadline="first_meeting")
    ACTIVE           = "active", "A worker is responsible and has met the person.", because("The review of support calls for attention.")
    HANDOVER_PENDING = "handover_pending", "The worker gives the case up; the duty team holds it until another accepts.", by(Role.SUPPORT_COORDINATOR)
    ENDED            = "ended", "Nobody needs to be responsible any more."
    # fmt: on


class Offer(Form):
    """Which support service is asked."""

    provider: AgencyId
    note: Text | None = None


class Proposal(Form):
    """Which worker is asked, and who stands in for them."""

    worker: UserId
    deputy: UserId | None = None


class Deputy(Form):
    """Who stands in."""

    deputy: UserId


class Handover(Form):
    """What the next worker must know."""

    reason: Code
    summary: Text


class Introduction(Form):
    """The first meeting."""

    present_outgoing_worker: bool = False
    face_to_face: bool = True
    note: Text | None = None


def support_runs(facts: Facts) -> Reason | None:
    """Nobody is shown to a service who has not asked for support, or whose support has ended."""
    if facts.state("support") in (None, *SUPPORT_ENDED):
        return Reason("no_support_wanted", "Support has not been asked for, or has ended.")
    return None


def is_support_service(facts: Facts) -> Reason | None:
    """Only a working support service can be asked."""
    if not isinstance(facts.form, Offer):
        return None
    agency = facts.agencies.get(facts.form.provider)
    if agency is None or not agency.active or agency.kind not in ("support_provider", "charity"):
        return Reason("not_a_support_service", "This agency is not a support service that can be asked.")
    return None


def may_be_shown(facts: Facts) -> Reason | None:
    """A case is offered only under an agreement, where the law of the case asks for one."""
    return agreed_between(facts, facts.form.provider, "support") if isinstance(facts.form, Offer) else None


def was_asked(facts: Facts) -> Reason | None:
    """Only the service that was asked can answer."""
    if facts.told().get("provider") == facts.actor.agency or facts.actor.is_system:
        return None
    return Reason("not_yours_to_answer", "Another service was asked.")


def works_here(facts: Facts) -> Reason | None:
    """The worker and the deputy belong to the service that holds the case, and are two people."""
    form = facts.form
    if not isinstance(form, (Proposal, Deputy)):
        return None
    named = [form.worker, form.deputy] if isinstance(form, Proposal) else [form.deputy]
    for user in filter(None, named):
        row = facts.users.get(user)
        if row is None or not row.active or row.agency != facts.case.owner_agency:
            return Reason("not_your_worker", "This worker does not work for the service that holds the case.")
    worker = named[0] if isinstance(form, Proposal) else facts.told().get("worker")
    if form.deputy == worker:
        return Reason("own_deputy", "A worker cannot be their own deputy.")
    return None


def is_the_worker(facts: Facts) -> Reason | None:
    """Only the worker who was asked can accept or reject."""
    return (
        None if facts.told().get("worker") == facts.actor.id else Reason("not_the_worker", "Another worker was asked.")
    )


def join_provider(_: Facts, form: Offer) -> Effect:
    """The service sees the case from the moment it is asked."""
    return Effect(join=((form.provider, Part.SUPPORT),))


def let_go(facts: Facts, _: Form) -> Effect:
    """The service that declined no longer takes part."""
    provider = str(facts.told().get("provider"))
    return Effect(leave=((provider, Part.SUPPORT),), forget=("provider",))


def hold(facts: Facts, _: Form) -> Effect:
    """The service's duty team becomes accountable."""
    return Effect(case={"owner_agency": facts.actor.agency, "owner_user": None})


def own(facts: Facts, _: Form) -> Effect:
    """The worker becomes accountable; before this nobody but the duty team was."""
    return Effect(case={"owner_user": facts.actor.id})


def disown(facts: Facts, _: Form) -> Effect:
    """The duty team is accountable again until somebody accepts."""
    return Effect(case={"owner_user": None}, forget=("worker",), dismiss=_named(facts, "worker"))


def keep_deputy(facts: Facts, form: Proposal) -> Effect:
    """Whoever stood in until now goes on standing in, unless they are asked to be the worker. Both see the case at once."""
    same = form.deputy is None and facts.told().get("deputy") == form.worker
    return Effect(forget=("deputy",) if same else (), enlist=tuple(filter(None, (form.worker, form.deputy))))


def enlist_deputy(facts: Facts, form: Deputy) -> Effect:
    """Whoever stands in now is of the team; whoever stood in before no longer is."""
    before = tuple(user for user in _named(facts, "deputy") if user != form.deputy)
    return Effect(enlist=(form.deputy,), dismiss=before)


def _named(facts: Facts, which: str) -> tuple[str, ...]:
    named = facts.told().get(which)
    return (str(named),) if named else ()


def give_back(facts: Facts, _: Form) -> Effect:
    """The service has no more to do: whoever referred the person is accountable again, if they still take part."""
    state, told = facts.strand.state if facts.strand else "", facts.told()
    if state in (A.UNASSIGNED, A.OFFERED):  # no service ever took it; what one was only asked for, it need not see
        provider = str(told.get("provider"))
        asked = ((provider, Part.SUPPORT),) if state == A.OFFERED and provider != facts.case.owner_agency else ()
        return Effect(leave=asked, forget=("provider",))
    order = (Part.FIRST_RESPONDER, Part.REFERRER)
    near = [agency for part in order for agency, as_what in sorted(facts.parts) if as_what == part]
    owner = facts.case.owner_agency
    back = owner if owner in near or not near else near[0]
    return Effect(case={"owner_agency": back, "owner_user": None}, forget=("worker",))


A = Assignment
WANTED = (consents_to("support"), support_runs, has_not_withdrawn)
PAPERS = ("agreements",)
HELD_BY_WORKER = [A.ACCEPTED, A.ACTIVE]

# fmt: off
ASSIGNMENT = Workflow("assignment", Assignment, {A.ENDED}, again=True, says="Who is responsible today?", moves=[
    #    move             leaves                          enters              needs                asks          only if                 does           then  tells
    Move("open",          OPENING,                        A.UNASSIGNED,       May.ASK_SUPPORT,     Nothing,      WANTED),
    Move("offer",         [A.UNASSIGNED],                 A.OFFERED,          May.OFFER_CASE,      Offer,        (*WANTED, is_support_service, may_be_shown), join_provider, (),   ("support",), PAPERS),
    Move("take",          [A.OFFERED],                    A.HELD,             May.TAKE_CASE,       Note,         (was_asked,),           hold,          (),   ("referrer", "first_responder")),
    Move("decline_offer", [A.OFFERED],                    A.UNASSIGNED,       May.TAKE_CASE,       Because,      (was_asked,),           let_go,        (),   ("owner",)),
    Move("lapse_offer",   [A.OFFERED],                    A.UNASSIGNED,       May.ACT_AS_SYSTEM,   Nothing,      (),                     let_go,        (),   ("owner", "support")),
    Move("recall",        [A.OFFERED],                    A.ENDED,            May.ACT_AS_SYSTEM,   Nothing,      (),                     let_go,        (),   ("owner", "manager")),
    Move("propose",       [A.HELD, A.HANDOVER_PENDING],   A.PROPOSED,         May.PROPOSE_WORKER,  Proposal,     (works_here,),          keep_deputy,   (),   ("support",)),
    Move("accept",        [A.PROPOSED],                   A.ACCEPTED,         May.ACCEPT_CASE,     Nothing,      (is_the_worker,),       own,           (),   ("owner", "referrer")),
    Move("reject",        [A.PROPOSED],                   A.HELD,             May.ACCEPT_CASE,     Because,      (is_the_worker,),       disown,        (),   ("owner",)),
    Move("introduce",     [A.ACCEPTED],                   A.ACTIVE,           May.ACCEPT_CASE,     Introduction, (is_the_worker,)),
    Move("name_deputy",   [A.HELD, A.PROPOSED, *HELD_BY_WORKER], STAY,        May.PROPOSE_WORKER,  Deputy,       (works_here,),          enlist_deputy),
    Move("hand_over",     HELD_BY_WORKER,                 A.HANDOVER_PENDING, May.ACCEPT_CASE,     Handover,     (),                     disown,        (),   ("owner",)),
    Move("worker_leaves", [A.PROPOSED, *HELD_BY_WORKER],  A.HANDOVER_PENDING, May.ACT_AS_SYSTEM,   Nothing,      (),                     disown,        (),   ("owner",)),
    Move("end",           [A.UNASSIGNED, A.OFFERED, A.HELD, A.PROPOSED, *HELD_BY_WORKER, A.HANDOVER_PENDING], A.ENDED, May.WORK_SUPPORT, Because, (strand_is("support", *SUPPORT_ENDED),), give_back),
])
# fmt: on
