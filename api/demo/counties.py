"""Four counties: one force leads, three take part; six addresses in one morning, one man held at an airport, seven women met.

After press reports of a real operation; every person, place and detail is invented.
"""
# ruff: noqa: E501, S106 - `pass_to` is no password; a line of a story stands on one line, so that its columns line up

from api.demo.story import Step, born, case, step

OP = "operation"
SIGNS = ["documents_held", "fear"]

# fmt: off
TIPS: list[Step] = [
    step("-9 21:30", "openline-desk",  "concern.receive", "tip", "A caller who gives no name tells the helpline of a house with many visitors.", jurisdiction="england-and-wales", channel="helpline", categories=["sexual_exploitation"], region="eastshire", still_going_on="yes", account="Invented: men come and go at night."),
    step("-8 09:10", "openline-desk",  "concern.assess",  "tip", "The helpline judges it, and passes it to the police.", urgent=True, pass_to="eastshire-police"),
    step("-7 11:30", "piers",          "concern.link",    "tip", "The police link it to the operation they are planning.", case=case(OP)),
    step("2 18:00",  "openline-desk",  "concern.receive", "second tip", "After the news, somebody calls about the same house.", jurisdiction="england-and-wales", channel="tip_line", categories=["sexual_exploitation"], still_going_on="no"),
    step("5 09:00",  "openline-desk",  "concern.assess",  "second tip", "It tells nothing new.", urgent=False, pass_to="eastshire-police"),
    step("5 11:00",  "piers",          "concern.close",   "second tip", "Closed: known already.", reason="known_already"),
]
OPERATION: list[Step] = [
    step("-7 10:00", "piers",          "operation.plan",        OP, "Eastshire Police plan the operation and lead it.", jurisdiction="england-and-wales", kind="raid", name="op-heron", starts_on=lambda known: known.day(0).isoformat(), ends_on=lambda known: known.day(0).isoformat()),
    step("-7 10:10", "piers",          "operation.add_partner", OP, "Three other forces take part.", partner="northmoor-police"),
    step("-7 10:11", "piers",          "operation.add_partner", OP, "The second.", partner="westvale-police"),
    step("-7 10:12", "piers",          "operation.add_partner", OP, "The third.", partner="southfen-police"),
    step("-7 10:20", "piers",          "operation.add_partner", OP, "Victim navigators come along from the start.", partner="beacon"),
    *(
        step(f"-6 14:0{number}", "piers", "operation.add_place", OP, f"Address {number}, by a label and never as an address.", place_kind="raid", label=f"address-{number}", region=region)
        for number, region in enumerate(("eastshire", "eastshire", "northmoor", "westvale", "westvale", "southfen"), start=1)
    ),
    step("0 04:30", "piers",          "operation.start",   OP, "It begins."),
    step("0 05:40", "eastshire-desk", "operation.tally",   OP, "All six addresses were entered; eight people are held.", addresses_entered=6, suspects_held=8),
    step("0 06:05", "piers",          "operation.tally",   OP, "One more is held at an airport.", suspects_held=1),
    step("0 06:30", "beacon-app",     "operation.capture", OP, "Eight women are recorded in one call; six get a case of their own.", opens=("Elena", "Ioana", "Mihaela", "Daria", "Anca", "Livia"), people=[
        *({"outcome": "opened", "place_kind": "raid", "indicators": SIGNS, "language": "romanian"} for _ in range(6)),
        {"outcome": "advised", "place_kind": "raid", "under_18": "no"},
        {"outcome": "declined_help", "place_kind": "raid", "under_18": "no"},
    ]),
    step("0 06:50", "nora",           "intake.encounter",  "Sofia", "A ninth is seventeen: a child, with a case at once.", jurisdiction="england-and-wales", place_kind="raid", operation=case(OP), indicators=SIGNS, language="romanian", under_18="yes", born=born(18, 50), outcome="child"),
    step("9 10:00", "piers",          "operation.close",   OP, "The operation is over; the cases that came of it go on.", reason="work_done"),
]
# fmt: on
