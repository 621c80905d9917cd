"""Airport week: Border Force, a regional unit, an assault referral centre and victim navigators work one airport for four days.

After press reports of a real week of action, 16 to 19 September; every person, place and detail is invented.
"""
# ruff: noqa: E501 - a line of a story stands on one line, so that its columns line up

from api.demo.answers import adult
from api.demo.chapters import agreed, conclusive, explained, left, reached, reasonable, taken
from api.demo.story import Step, on, step

OP = "airport week"
DAYS = (  # flights watched, passengers spoken to, enhanced checks, leaflets given
    (5, 371, 1, 200),
    (6, 402, 1, 210),
    (7, 418, 2, 230),
    (6, 352, 0, 190),
)
CHECKED = {"outcome": "advised", "place_kind": "airport", "under_18": "no", "indicators": ["fear"]}

# fmt: off
WEEK: list[Step] = [
    step("-14 10:00", "bashir",     "operation.plan",        OP, "Border Force plan a week of action and lead it.", jurisdiction="england-and-wales", kind="airport", name="op-skylark", starts_on=on(0), ends_on=on(3)),
    step("-14 10:05", "bashir",     "operation.add_partner", OP, "The regional unit takes part.", partner="skygate-regional"),
    step("-14 10:06", "bashir",     "operation.add_partner", OP, "So do the police,", partner="eastshire-police"),
    step("-14 10:07", "bashir",     "operation.add_partner", OP, "the assault referral centre,", partner="saffron-centre"),
    step("-14 10:08", "bashir",     "operation.add_partner", OP, "and the navigators.", partner="beacon"),
    step("-14 10:10", "bashir",     "operation.add_place",   OP, "Arrivals, by a label.", place_kind="airport", label="arrivals", region="skygate"),
    step("0 05:30",   "bashir",     "operation.start",       OP, "The week begins."),
    *(
        step(f"{day} 21:00", "bashir", "operation.tally",    OP, f"Day {day + 1}: {flights} flights, {spoken} passengers spoken to.", flights_watched=flights, passengers_spoken_to=spoken, enhanced_checks=checks, leaflets_given=leaflets)
        for day, (flights, spoken, checks, leaflets) in enumerate(DAYS)
    ),
    step("0 13:20", "beacon-app",   "operation.capture",     OP, "One passenger is checked and advised.", people=[CHECKED]),
    step("1 10:10", "beacon-app",   "operation.capture",     OP, "Another.", people=[CHECKED]),
    step("2 06:10", "beacon-app",   "operation.capture",     OP, "Two in one call: one advised, one who needs more.", opens=("Mirela",), people=[CHECKED, {"outcome": "referred", "place_kind": "airport", "indicators": ["documents_held", "fear"], "language": "romanian"}]),
    step("5 10:00", "bashir",       "operation.close",       OP, "The week is over.", reason="work_done"),
]


def _later(steps: list[Step], days: int) -> list[Step]:
    """The same chapter, so many days later."""
    moved = []
    for one in steps:
        day, _, time = one.when.partition(" ")
        moved.append(Step(f"{int(day) + days} {time}", one.who, one.move, one.case, one.says, one.told, one.opens, one.refused, one.strand))
    return moved


MIRELA: list[Step] = [
    *_later(explained("naveed", "Mirela"), 2),
    *_later(agreed("naveed", "Mirela", adult("BF-SKYLARK-1", "Mirela", "Inventaj", organisation="Border Force at Skygate (invented)"), police=False), 2),
    step("2 12:00", "naveed",   "intake.prepare",     "Mirela", "Handed to Border Force, which may submit.", to="skygate-border"),
    step("2 13:00", "bashir",   "intake.adopt",       "Mirela", "An officer has read it and answers for it."),
    step("2 13:30", "bashir",   "intake.submit",      "Mirela", "The one referral of the week.", authority="authority", reference="BF-SKYLARK-1"),
    step("2 15:00", "bashir",   "justice.record_crime", "Mirela", "The crime is recorded, without her name: she did not agree to that.", force="eastshire-police", crime_reference="INV/0418/26", recorded_on=on(2), with_identity=False),
    step("2 16:00", "casework", "intake.acknowledge", "Mirela", "It has arrived.", reference="REC-BF-SKYLARK-1", authority="SCA"),
    *taken("Mirela", 5, "lena", "lantern", "luca", "livvy"),
    *reasonable("Mirela", 8),
    *reached("Mirela", 9, "lena", "luca"),
    step("20 10:00", "bashir",  "justice.drop",       "Mirela", "Nothing more can be done there; she knows.", reason="no_suspect", person_told="yes"),
    step("33 10:00", "luca",    "contact.verify",     "Mirela", "Her number still works.", channel="own_phone", safe_to_call=True),
    step("37 10:00", "luca",    "support.review",     "Mirela", "The plan is looked at with her.", needs=["legal", "work"], risk="low", due_on=on(65)),
    *conclusive("Mirela", 44),
    step("51 10:00", "luca",    "support.forgo_rna",  "Mirela", "She wants no further assessment.", persons_choice=True, explained=True),
    step("60 10:00", "luca",    "contact.verify",     "Mirela", "Her number still works.", channel="own_phone", safe_to_call=True),
    step("70 10:00", "luca",    "support.review",     "Mirela", "Moving on is prepared.", needs=["move_on"], risk="low", due_on=on(90)),
    *left("Mirela", 90, "lena", "luca"),
]
# fmt: on
