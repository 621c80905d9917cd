"""What many stories have in common, told once: agreeing, being referred, being supported, getting a bed, leaving."""
# ruff: noqa: E501 - a line of a story stands on one line, so that its columns line up

from typing import Any

from api.demo.story import Step, bed, on, staff, step

SIGNED: dict[str, Any] = {
    "language": "romanian",
    "interpreter": "professional",
    "how": "written",
    "signed_by": "person",
}
SPOKEN: dict[str, Any] = {"language": "romanian", "interpreter": "professional"}
NOTICE = "notice-2026-04"


def explained(who: str, case: str) -> list[Step]:
    """The first day until the person has understood what a referral is."""
    # fmt: off
    return [
        step("0 07:20", who, "intake.answer_age", case, "She says that she is an adult.", under_18="no", rests_on="own_word"),
        step("0 07:40", who, "intake.make_safe",  case, "She is taken to a quiet place, away from the others.", done=["moved_to_reception"]),
        step("0 08:00", who, "contact.verify",    case, "How she can be called safely is noted.", channel="own_phone", safe_to_call=True, safe_to_write=True),
        step("0 09:00", who, "intake.explain",    case, "What a referral is, in private and in her language.", **SPOKEN, private=True, notice_version=NOTICE, explained=["support", "outcomes", "data_sharing"]),
    ]
    # fmt: on


def agreed(who: str, case: str, form: dict[str, Any], *, police: bool = True) -> list[Step]:
    """Three answers, and the form as far as it is known."""
    # fmt: off
    return [
        step("0 10:00", who, "intake.consent", case, "She agrees to the referral and to support" + (" and to talk to the police." if police else "."), **SIGNED, referral=True, support=True, police=police, notice_version=NOTICE),
        step("0 11:00", who, "intake.save",    case, "The form so far is saved; nothing is judged yet.", **form),
    ]
    # fmt: on


def referred(
    who: str, case: str, reference: str, *, officer: str = "petra", to: str = "eastshire-police"
) -> list[Step]:
    """A navigator prepares; an officer of a listed organisation adopts and submits; the authority confirms."""
    # fmt: off
    return [
        step("0 15:00", who,        "intake.submit",       case, "A navigator cannot submit: refused, and recorded.", refused="not_allowed", authority="authority", reference=reference),
        step("0 15:05", who,        "intake.prepare",      case, "The navigator hands the prepared referral to the police.", to=to),
        step("1 08:40", officer,    "intake.adopt",        case, "An officer has read it and answers for it."),
        step("1 09:10", officer,    "intake.submit",       case, "Sent to the competent authority.", authority="authority", reference=reference),
        step("1 11:00", officer,    "justice.record_crime", case, "The crime is recorded.", force="eastshire-police", crime_reference="INV/0416/26", recorded_on=on(1), with_identity=True, willing="yes"),
        step("1 15:00", "casework", "intake.acknowledge",  case, "The authority's system confirms that it arrived.", reference=f"REC-{reference}", authority="SCA"),
    ]
    # fmt: on


def taken(case: str, day: int, coordinator: str, provider: str, worker: str, deputy: str) -> list[Step]:
    """A service takes the case, and a worker accepts it; before that nobody but the duty team is responsible."""
    # fmt: off
    return [
        step(f"{day} 09:30", "naveed",    "assignment.offer",   case, "One service is asked.", provider=provider),
        step(f"{day} 10:10", coordinator, "assignment.take",    case, "It takes the case; its duty team is accountable."),
        step(f"{day} 10:40", coordinator, "assignment.propose", case, "A worker is asked, with a deputy.", worker=staff(worker), deputy=staff(deputy)),
        step(f"{day} 13:00", worker,      "assignment.accept",  case, "The worker accepts, and is accountable from now on."),
    ]
    # fmt: on


def reasonable(case: str, day: int) -> list[Step]:
    """The first decision, and its letter."""
    # fmt: off
    return [
        step(f"{day} 11:00", "cass", "decision.find_reasonable", case, "Reasonable grounds: recovery begins, and support looks for her.", reasons=["account", "indicators"]),
        step(f"{day} 15:30", "cass", "decision.serve",           case, "The letter is served, not where she was exploited.", about="reasonable", served_on=on(day), to="person", not_where_exploited=True),
    ]
    # fmt: on


def reached(case: str, day: int, coordinator: str, worker: str, kind: str = "outreach") -> list[Step]:
    """The service reaches the person within 48 hours; the worker meets her; a plan is agreed."""
    # fmt: off
    return [
        step(f"{day} 10:00", coordinator, "support.record_attempt", case, "Nobody answers in the morning.", channel="phone", time_of_day="morning"),
        step(f"{day} 16:00", coordinator, "support.reach",          case, "She is reached, and accepts support.", accepts=True),
        step(f"{day} 17:00", worker,      "assignment.introduce",   case, "The worker meets her."),
        step(f"{day + 2} 11:00", worker,  "support.agree_plan",     case, "A plan is agreed with her.", kind=kind, needs=["safety", "health", "legal"], agreed_with_person=True, due_on=on(day + 28)),
    ]
    # fmt: on


def housed(case: str, day: int, worker: str, bed_name: str, *, asked: bool = False) -> list[Step]:
    """A bed is offered, held, accepted and taken; never in a region she must avoid."""
    needs: dict[str, Any] = {"avoid_regions": ["Eastshire"], "must": ["women_only"]}
    # fmt: off
    ask = [] if asked else [step(f"{day} 10:00", worker, "housing.ask", case, "She is not safe where she is.", reason="known_to_exploiters", safe_tonight=False, **needs)]
    return [
        *ask,
        step(f"{day} 11:30", "hugo", "housing.find_eligible", case, "Assessed: she needs a place.", risk_assessed_on=on(day), risk_to_others="none", **needs),
        step(f"{day} 12:30", "hugo", "housing.offer",         case, "A bed is held for her.", bed=bed(bed_name), from_date=on(day), meets=["women_only"], family_together="no_family", others_there_checked=True),
        step(f"{day} 15:00", worker, "housing.accept",        case, "She takes it.", agrees="yes"),
        step(f"{day} 18:00", "hugo", "housing.place",         case, "She has moved in.", arrived_on=on(day), transport="with_worker"),
    ]
    # fmt: on


def conclusive(case: str, day: int) -> list[Step]:
    """The second decision, its letter, and that no permission to stay is needed."""
    # fmt: off
    return [
        step(f"{day} 10:00", "cass", "decision.find_conclusive", case, "Conclusive grounds: moving on begins.", reasons=["account", "police_evidence"]),
        step(f"{day} 14:00", "cass", "decision.serve",           case, "The letter is served.", about="conclusive", served_on=on(day), to="person", not_where_exploited=True),
        step(f"{day} 14:30", "cass", "stay.not_needed",          case, "She needs no permission to stay.", reason="settled_status"),
    ]
    # fmt: on


def left(case: str, day: int, coordinator: str, worker: str, *, bed_too: bool = False, **more: Any) -> list[Step]:
    """A planned exit; nobody's support ends by itself."""
    going = "own_home"
    # fmt: off
    out = [step(f"{day} 12:00", "hugo", "housing.leave", case, "The bed is free again.", reason="moved_on", going_to=going)] if bed_too else []
    return [
        *out,
        step(f"{day} 13:00", worker, "support.exit", case, "A planned exit, safe and appropriate.", **{"safe_and_appropriate": True, "plan": ["housing", "health", "work"], "going_to": going, "person_told": True, **more}),
        step(f"{day + 1} 10:00", "cass", "decision.conclude", case, "The authority has nothing more to decide."),
        step(f"{day + 1} 11:00", coordinator, "support.close", case, "Closed; support can be asked for anew.", reason="planned_exit"),
    ]
    # fmt: on


def answered(case: str, day: int, *holders: str) -> list[Step]:
    """After a withdrawal each holder says what became of what it holds, in the order in which they were asked."""
    # fmt: off
    return [
        step(f"{day} {13 + place}:00", who, "acknowledgement.acknowledge", case, "What is held is kept for as long as the law asks, and no longer.", strand=str(place + 1), what="kept_by_law", law="data-protection-act-2018")
        for place, who in enumerate(holders)
    ]
    # fmt: on
