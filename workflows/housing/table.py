"""R4, where the person is safe tonight: the states, guards, effects and table of housing. A bed is offered, held, taken, changed or left.

House rules where no published number exists. Refusing an offer never touches support, and nobody is placed where they asked not to be.
"""

from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from referral.access import AgencyKind, May, Part, Role
from referral.errors import Reason
from workflows.facts import Effect, Facts, Row
from workflows.forms import Because, Form
from workflows.guards import adult, consents_to, day_of, strand_is
from workflows.housing.forms import (
    Absence,
    Answer,
    Arrival,
    Ask,
    Assessment,
    Eviction,
    Exclusion,
    Interim,
    Leaving,
    MoveTo,
    Offer,
    Refused,
    SafeThere,
    Upheld,
    WelfareCheck,
)
from workflows.states import States, by
from workflows.table import OPENING, STAY, Move, Workflow
from workflows.withdrawal import has_not_withdrawn

HOUSES = (AgencyKind.SUPPORT_PROVIDER, AgencyKind.CHARITY, AgencyKind.LOCAL_AUTHORITY, AgencyKind.ASYLUM)
AGREES = consents_to("support")


class Housing(States):
    """Where the matter of a safe place stands."""

    # fmt: off
    ASSESSMENT_NEEDED = "assessment_needed", "Somebody said that the person is not safe where they are.", by(Role.HOUSING_COORDINATOR, Role.SUPPORT_WORKER)
    ELIGIBLE          = "eligible", "The person needs a place, and none is offered yet.", by(Role.HOUSING_COORDINATOR)
    NOT_ELIGIBLE      = "not_eligible", "The person is safe where they are and is supported there.", by(Role.SUPPORT_WORKER, Role.HOUSING_COORDINATOR)
    BED_WAIT          = "bed_wait", "No fitting bed is free.", by(Role.HOUSING_COORDINATOR)
    INTERIM           = "interim", "The person sleeps somewhere safe for now.", by(Role.HOUSING_COORDINATOR)
    OFFER_MADE        = "offer_made", "A bed is held; the person has not answered.", by(Role.SUPPORT_WORKER, Role.NAVIGATOR, Role.HOUSING_COORDINATOR)
    OFFER_REFUSED     = "offer_refused", "The person did not take the bed; another can be offered.", by(Role.HOUSING_COORDINATOR)
    ACCEPTED          = "accepted", "The person takes the bed and has not moved in.", by(Role.HOUSING_COORDINATOR)
    PLACED            = "placed", "The person lives there.", by(Role.HOUSING_COORDINATOR)
    MOVING            = "moving", "The person moves from one place to another.", by(Role.HOUSING_COORDINATOR)
    ABSENT            = "absent", "The person has not come back; their welfare is checked.", by(Role.HOUSING_COORDINATOR, Role.SUPPORT_WORKER)
    EXCLUDED          = "excluded", "No place is offered for a stated reason, until a review.", by(Role.HOUSING_COORDINATOR)
    EVICTED           = "evicted", "The person had to leave the place.", by(Role.HOUSING_COORDINATOR, Role.SUPPORT_WORKER)
    LEFT              = "left", "No place is needed any more."
    # fmt: on


def bed_fits(facts: Facts) -> Reason | None:
    """A bed of ours that is free, outside every region the person must avoid, and meets all that it must."""
    form = facts.form
    if not isinstance(form, (Offer, MoveTo)):
        return None
    row = facts.beds.get(form.bed if isinstance(form, Offer) else form.to_bed)
    if row is None or row.agency != facts.actor.agency:
        return Reason("not_your_bed", "This is not a bed of your agency.")
    if not row.active or row.held:
        return Reason("bed_not_free", "This bed cannot be offered: somebody holds it, or it is out of use.")
    told = facts.told()
    if row.region.casefold() in {str(region).casefold() for region in told.get("avoid_regions", ())}:
        return Reason("avoided_region", "This bed lies in a region that the person must avoid.")
    if missing := sorted(set(told.get("must", ())) - set(form.meets)):
        return Reason("must_not_met", f"This bed does not meet what it must: {', '.join(missing)}.")
    return None


def can_house(facts: Facts) -> Reason | None:
    """A service that is named works here and houses people, and the person agrees that it learns of them."""
    form = facts.form
    if not isinstance(form, Ask) or form.housed_by is None:
        return None
    row = facts.agencies.get(form.housed_by)
    if row is None or not row.active or row.kind not in HOUSES:
        return Reason("not_a_housing_service", "This agency is not one that can be asked for a place.")
    return AGREES(facts)


def could_decide(facts: Facts) -> Reason | None:
    """Whoever lacks the capacity to refuse has not refused."""
    if isinstance(facts.form, Refused) and facts.form.capacity == "no":
        return Reason(
            "no_capacity", "Somebody who lacks the capacity to refuse is decided for in their best interests."
        )
    return None


def decided_here(facts: Facts) -> Reason | None:
    """A named person of this agency answers for it, and an exclusion is looked at again."""
    form = facts.form
    if isinstance(form, (Exclusion, Eviction)):
        row = facts.users.get(form.decided_by)
        if row is None or not row.active or row.agency != facts.actor.agency:
            return Reason("not_your_colleague", "Whoever decided this does not work for your agency.")
    if isinstance(form, Upheld) and form.due_on <= day_of(facts):
        return Reason("not_ahead", "The review must lie in the future.")
    return None


def has_old_bed(facts: Facts) -> Reason | None:
    """Only somebody who still has the bed they came from can go back to it."""
    return None if facts.told().get("hold") else Reason("no_old_bed", "There is no bed to go back to.")


def join_housing(_: Facts, form: Ask) -> Effect:
    """The service that is to find the place sees the case from now on."""
    return Effect(join=((form.housed_by, Part.HOUSING),) if form.housed_by else ())


def let_go(facts: Facts, _: Form) -> Effect:
    """Whatever is held is free again, and a service that took part for the place alone no longer does."""
    gone = tuple(pair for pair in sorted(facts.parts) if pair[1] == Part.HOUSING)
    return Effect(rows=_let_go(facts, "", "to_"), forget=(*OLD, *NEW), leave=gone)


def _held(facts: Facts, bed: str, since: date) -> tuple[str, Row]:
    """A new hold, named after the strand's version so that nothing random is needed."""
    named = f"{facts.strand.id}:{facts.strand.version}:{bed}" if facts.strand else bed
    hold = blake2b(named.encode(), digest_size=16).hexdigest()
    return hold, _row(facts, hold, bed, since, None)


def _row(facts: Facts, hold: str, bed: str, since: date, until: datetime | None) -> Row:
    return Row(
        "bed_holds", {"id": hold, "bed_id": bed, "case_id": facts.case.id, "held_from": since, "held_until": until}
    )


def _let_go(facts: Facts, *prefixes: str) -> tuple[Row, ...]:
    told: Any = facts.told()
    return tuple(
        _row(facts, told[f"{to}hold"], told[f"{to}bed"], date.fromisoformat(told[f"{to}from"]), facts.now)
        for to in prefixes
        if told.get(f"{to}hold")
    )


OLD, NEW = ("hold", "bed", "from"), ("to_hold", "to_bed", "to_from")


def hold(facts: Facts, form: Offer) -> Effect:
    """From now on nobody else can be offered this bed."""
    held, row = _held(facts, form.bed, form.from_date)
    offers = int(facts.told().get("offers", 0)) + 1
    return Effect(remember={"hold": held, "from": form.from_date.isoformat(), "offers": offers}, rows=(row,))


def free(facts: Facts, _: Form) -> Effect:
    """Whatever is held for the person is free again."""
    return Effect(rows=_let_go(facts, "", "to_"), forget=(*OLD, *NEW))


def hold_next(facts: Facts, form: MoveTo) -> Effect:
    """The new bed is held beside the old one until the person has arrived."""
    held, row = _held(facts, form.to_bed, form.to_from)
    return Effect(remember={"to_hold": held}, rows=(row,))


def change_beds(facts: Facts, _: Form) -> Effect:
    """The old bed is free; the new one is now the person's."""
    told = facts.told()
    now_held = {old: told[new] for old, new in zip(OLD, NEW, strict=True) if new in told}
    return Effect(remember=now_held, rows=_let_go(facts, ""), forget=NEW)


def keep_old(facts: Facts, _: Form) -> Effect:
    """The new bed is free; the person keeps the old one."""
    return Effect(rows=_let_go(facts, "to_"), forget=NEW)


H = Housing
NO_BED = [
    H.ASSESSMENT_NEEDED,
    H.ELIGIBLE,
    H.NOT_ELIGIBLE,
    H.BED_WAIT,
    H.INTERIM,
    H.OFFER_REFUSED,
    H.EXCLUDED,
    H.EVICTED,
]
WITH_BED = [H.OFFER_MADE, H.ACCEPTED, H.PLACED, H.MOVING, H.ABSENT]
IN_SUPPORT = strand_is(
    "support", "emergency_support", "in_assessment", "in_support", "move_on", "rna_pending", "extended", "exit_notice"
)
TEAM = ("owner", "worker", "support")

# fmt: off
HOUSING = Workflow("housing", Housing, {H.LEFT}, again=True, says="Where is the person safe tonight?", moves=[
    #    move                 leaves                                              enters               needs            asks          only if          does         then tells
    Move("ask",               OPENING,                                            H.ASSESSMENT_NEEDED, May.ASK_HOUSING, Ask,          (adult, can_house), join_housing, (), ("housing", "support")),
    Move("find_eligible",     [H.ASSESSMENT_NEEDED],                              H.ELIGIBLE,          May.PLACE,       Assessment,   (IN_SUPPORT,),   None,        (), TEAM),
    Move("find_not_eligible", [H.ASSESSMENT_NEEDED],                              H.NOT_ELIGIBLE,      May.PLACE,       SafeThere,    (),              None,        (), TEAM),
    Move("assess_again",      [H.NOT_ELIGIBLE, H.EVICTED, H.EXCLUDED, H.INTERIM], H.ASSESSMENT_NEEDED, May.ASK_HOUSING, Ask,          (adult, can_house), join_housing, (), ("housing", "support")),
    Move("wait",              [H.ELIGIBLE, H.OFFER_REFUSED],                      H.BED_WAIT,          May.PLACE,       Because,      (),              None,        (), TEAM),
    Move("arrange_interim",   [*NO_BED, H.MOVING, H.ABSENT],                      H.INTERIM,           May.ASK_HOUSING, Interim,      (adult,),        free,        (), (*TEAM, "housing", "first_responder")),
    Move("offer",             [H.ELIGIBLE, H.BED_WAIT, H.OFFER_REFUSED, H.INTERIM], H.OFFER_MADE,      May.PLACE,       Offer,        (IN_SUPPORT, AGREES, has_not_withdrawn, bed_fits), hold, (), TEAM),
    Move("withdraw_offer",    [H.OFFER_MADE, H.ACCEPTED],                         H.ELIGIBLE,          May.PLACE,       Because,      (),              free,        (), TEAM),
    Move("accept",            [H.OFFER_MADE],                                     H.ACCEPTED,          May.SPEAK_FOR,   Answer,       (),              None,        (), ("housing", *TEAM)),
    Move("refuse",            [H.OFFER_MADE],                                     H.OFFER_REFUSED,     May.SPEAK_FOR,   Refused,      (could_decide,), free,        (), ("housing", *TEAM)),
    Move("place",             [H.ACCEPTED],                                       H.PLACED,            May.PLACE,       Arrival,      (IN_SUPPORT,),   None,        (), TEAM),
    Move("start_move",        [H.PLACED, H.INTERIM],                              H.MOVING,            May.PLACE,       MoveTo,       (IN_SUPPORT, bed_fits), hold_next, (), TEAM),
    Move("complete_move",     [H.MOVING],                                         H.PLACED,            May.PLACE,       Arrival,      (),              change_beds, (), TEAM),
    Move("call_off_move",     [H.MOVING],                                         H.PLACED,            May.PLACE,       Because,      (has_old_bed,),  keep_old,    (), TEAM),
    Move("mark_absent",       [H.PLACED],                                         H.ABSENT,            May.ASK_HOUSING, Absence,      (),              None,        (), (*TEAM, "housing", "manager")),
    Move("check_welfare",     [H.ABSENT],                                         STAY,                May.ASK_HOUSING, WelfareCheck, (),              None,        (), (*TEAM, "housing")),
    Move("come_back",         [H.ABSENT],                                         H.PLACED,            May.ASK_HOUSING, Because,      (),              None,        (), (*TEAM, "housing")),
    Move("exclude",           [H.ASSESSMENT_NEEDED, H.ELIGIBLE, H.BED_WAIT, H.INTERIM, H.OFFER_REFUSED, *WITH_BED], H.EXCLUDED, May.PLACE, Exclusion, (decided_here,), free, (), (*TEAM, "manager")),
    Move("review_exclusion",  [H.EXCLUDED],                                       H.ELIGIBLE,          May.PLACE,       Assessment,   (),              None,        (), TEAM),
    Move("uphold_exclusion",  [H.EXCLUDED],                                       STAY,                May.PLACE,       Upheld,       (decided_here,), None,        (), (*TEAM, "manager")),
    Move("evict",             [H.PLACED, H.ABSENT],                               H.EVICTED,           May.PLACE,       Eviction,     (decided_here,), free,        (), (*TEAM, "manager", "referrer")),
    Move("no_longer_needed",  NO_BED,                                             H.LEFT,              May.ASK_HOUSING, Leaving,      (),              let_go,      (), (*TEAM, "housing")),
    Move("leave",             WITH_BED,                                           H.LEFT,              May.PLACE,       Leaving,      (),              let_go,      (), (*TEAM, "first_responder")),
])
# fmt: on
