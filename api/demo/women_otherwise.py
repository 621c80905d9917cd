"""Mihaela withdraws, Anca refuses and is only notified, Livia wants no help, and Sofia turns eighteen. All invented."""
# ruff: noqa: E501 - a line of a story stands on one line, so that its columns line up

from api.demo.answers import adult, child, nobody
from api.demo.chapters import (
    NOTICE,
    SIGNED,
    SPOKEN,
    agreed,
    answered,
    explained,
    left,
    reached,
    reasonable,
    referred,
    taken,
)  # fmt: skip
from api.demo.story import Step, born, on, staff, step

# fmt: off
MIHAELA: list[Step] = [
    *explained("naveed", "Mihaela"),
    *agreed("naveed", "Mihaela", adult("ESP-HERON-3", "Mihaela", "Inventoiu")),
    *referred("naveed", "Mihaela", "ESP-HERON-3"),
    *taken("Mihaela", 2, "lena", "lantern", "livvy", "luca"),
    *reasonable("Mihaela", 6),
    *reached("Mihaela", 7, "lena", "livvy"),
    step("21 10:00", "naveed", "consent.withdraw",       "Mihaela", "She takes her consent to the referral back. No reason is needed; nothing closes by itself.", strand="1", **SIGNED),
    *answered("Mihaela", 21, "cass", "naveed", "petra", "lena"),
    step("22 10:00", "casework", "decision.confirm_close", "Mihaela", "A machine may not confirm this.", refused="blocked"),
    step("22 11:00", "cass",   "decision.confirm_close", "Mihaela", "A caseworker confirms. Support gives notice, and plans the exit."),
    step("23 10:00", "livvy",  "support.exit",           "Mihaela", "A planned exit, at her own wish.", safe_and_appropriate=True, plan=["move_on"], going_to="family_or_friends", by_choice=True, person_told=True),
    step("23 15:00", "naveed", "justice.drop",           "Mihaela", "Her part of the matter is not taken further.", reason="person_does_not_wish", person_told="yes"),
    step("24 10:00", "lena",   "support.close",          "Mihaela", "Closed; a new referral stays possible.", reason="planned_exit"),
]

ANCA: list[Step] = [
    *explained("nora", "Anca"),
    step("0 10:30", "nora",  "intake.refuse",        "Anca", "She does not want to be referred, nor to report. Nobody presses her.", will_cooperate=False, reason="afraid"),
    step("0 10:40", "nora",  "intake.save",          "Anca", "Her name cannot be kept: refused.", refused="blocked", identity={"first_name": "Anca"}),
    step("0 11:30", "nora",  "intake.save",          "Anca", "What the law asks for, without a name.", **nobody("ESP-HERON-5")),
    step("0 12:00", "nora",  "intake.ask_to_notify", "Anca", "The police have the duty to notify; the navigators do not.", to="eastshire-police"),
    step("0 16:00", "petra", "intake.notify",        "Anca", "Notified, anonymously.", reference="ESP-HERON-5"),
    step("0 16:30", "nora",  "consent.give",         "Anca", "She does want somebody at her side: support is a question of its own.", **SIGNED, purpose="support", notice_version=NOTICE),
    step("0 16:40", "nora",  "support.refer_urgently", "Anca", "Support is asked for, without any report.", reach_by="own_phone", risks=["unsafe_tonight"]),
    step("0 16:50", "naveed", "assignment.offer",    "Anca", "Lantern is asked.", provider="lantern"),
    step("0 17:10", "lena",  "assignment.take",      "Anca", "Lantern takes the case."),
    step("0 17:30", "lena",  "support.accept_urgent", "Anca", "Support begins tonight.", risk="medium", needs_accommodation=False),
    step("1 10:00", "lena",  "assignment.propose",   "Anca", "A worker is asked.", worker=lambda known: known.staff("luca")),
    step("1 11:00", "luca",  "assignment.accept",    "Anca", "He accepts."),
    step("1 16:00", "luca",  "assignment.introduce", "Anca", "They meet."),
    step("20 10:00", "luca", "consent.withdraw",     "Anca", "She has found her feet and takes her consent to support back: the end is planned with her.", strand="2", **SIGNED),
    *answered("Anca", 21, "nora", "petra"),
    step("22 10:00", "luca", "support.exit",         "Anca", "A planned exit.", safe_and_appropriate=True, plan=["move_on"], going_to="family_or_friends", by_choice=True, person_told=True),
    step("22 11:00", "lena", "support.close",        "Anca", "Closed.", reason="planned_exit"),
]

LIVIA: list[Step] = [
    *explained("naveed", "Livia")[:2],
    step("0 08:30", "naveed", "intake.advise", "Livia", "She wants no help, takes a card with a number, and goes.", outcome="declined_help", given=["helpline_card"]),
]

SOFIA: list[Step] = [
    step("0 07:15", "nora",   "child.tell_local_authority", "Sofia", "The council is told within the hour.", contact="Invented duty social worker", phone="01632 960099", email="children@brightwater.invalid", agency="brightwater"),
    step("0 07:30", "nora",   "intake.start_child",   "Sofia", "A child is referred; nobody asks a child to decide that."),
    step("0 09:30", "nora",   "child.refer_to_guardian", "Sofia", "A guardian is asked for.", service="independent_guardian"),
    step("0 11:00", "nora",   "intake.save",          "Sofia", "The form so far.", **child("ESP-HERON-6", "Sofia", "Inventica", born(18, 50))),
    step("0 13:00", "nora",   "intake.prepare",       "Sofia", "Handed to the police.", to="eastshire-police"),
    step("0 15:00", "petra",  "intake.adopt",         "Sofia", "An officer answers for it."),
    step("0 15:30", "petra",  "intake.submit",        "Sofia", "Sent on the same day.", authority="authority", reference="ESP-HERON-6"),
    step("0 16:50", "marcus", "contact.add_member",  "Sofia", "Petra has the case; who investigates is put on it by name.", colleague=staff("piers")),
    step("0 17:00", "piers",  "justice.record_crime", "Sofia", "The crime is recorded.", force="eastshire-police", crime_reference="INV/0417/26", recorded_on=on(0), with_identity=True),
    step("1 10:00", "casework", "intake.acknowledge", "Sofia", "It has arrived.", reference="REC-ESP-HERON-6", authority="SCA"),
    step("1 11:00", "cass",   "child.go_to_authority", "Sofia", "The authority decides, not a panel: there is none here."),
    step("2 10:00", "nora",   "child.hold_strategy_discussion", "Sofia", "The safeguarding partners meet.", held_on=on(2)),
    step("5 10:00", "nora",   "child.allocate_guardian", "Sofia", "She has a guardian.", kind="independent_guardian", name="Invented guardian"),
    step("6 12:00", "cass",   "decision.find_reasonable", "Sofia", "Reasonable grounds. A child's support is the council's.", reasons=["account", "indicators"]),
    step("6 15:00", "cass",   "decision.serve",       "Sofia", "A child's letter goes to the council.", about="reasonable", served_on=on(6), to="local_authority", not_where_exploited=True),
    step("21 10:00", "piers", "justice.investigate",  "Sofia", "The force investigates."),
    step("30 10:00", "nora",  "contact.verify",       "Sofia", "She can be reached through her worker.", channel="through_worker"),
    step("50 11:00", "nora",  "child.explain_at_eighteen", "Sofia", "Eighteen today, with the decision pending: what that means is explained, not before the day.", **SPOKEN),
    step("51 11:00", "nora",  "child.remain",         "Sofia", "She wants to stay, and wants support as an adult.", **SIGNED, wants_support=True, notice_version=NOTICE),
    *taken("Sofia", 52, "ceri", "harbour", "wanda", "will"),
    *reached("Sofia", 53, "ceri", "wanda"),
    step("60 10:00", "piers", "justice.drop",         "Sofia", "Her part of the matter is not taken further.", reason="other_charges_suffice", person_told="yes"),
    step("70 10:00", "cass",  "decision.find_conclusive", "Sofia", "Conclusive grounds.", reasons=["account", "police_evidence"]),
    step("70 14:00", "cass",  "decision.serve",       "Sofia", "The letter is hers now.", about="conclusive", served_on=on(70), to="person", not_where_exploited=True),
    step("70 14:30", "cass",  "stay.not_needed",      "Sofia", "She needs no permission to stay.", reason="settled_status"),
    step("78 10:00", "wanda", "support.review",       "Sofia", "Moving on is prepared.", needs=["move_on", "work"], risk="low", due_on=on(105)),
    step("80 10:00", "wanda", "support.forgo_rna",    "Sofia", "She wants no further assessment.", persons_choice=True, explained=True),
    step("105 10:00", "wanda", "support.review",      "Sofia", "Her own room is ready.", needs=["move_on"], risk="low", due_on=on(117)),
    *left("Sofia", 117, "ceri", "wanda"),
]
# fmt: on
