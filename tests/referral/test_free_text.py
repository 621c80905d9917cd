"""How often ordinary notes are taken for what they are not, and how often what they tell is seen: with floors."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from referral import free_text
from referral.form.complete import problems
from tests.examples import complete_adult_referral
from tests.matching_pairs import same

DOC = (Path(__file__).parent.parent.parent / "docs" / "matching.md").read_text()
STREETS = (
    "12 Harbour Lane", "Flat 2, 7 Station Road", "3 Church Street", "40A Queens Avenue", "The Old Mill, Bridge Road",
    "Flat 11, Rosewood Court", "8 Long Acre", "221 High Street",
)  # fmt: skip
CODES = ("M1 1AE", "SW1A 2AA", "LS2 9JT", "B33 8TH", "CR2 6XH", "DN55 1PT", "EC1A 1BB", "W1A 0AX")

# Ordinary notes, invented, with nothing of anybody in them.
ORDINARY_NOTES = """
She was calm and wanted tea. An interpreter comes on Monday at 10:30.
Spoke with the officer in the case; the crime number is 4412/26. Nothing new.
He asked about his documents and when he may work. Explained twice.
The house is warm now. The heating was mended on 3 March 2026.
Missed the appointment at the surgery on High Road; new one in two weeks.
They sang a song together and had a long walk in the park by the church.
Rang the helpline 08000 121 700, waited 12 minutes, no answer.
Reference 7KQ4-2MX9-T. Papers go to the authority by Friday.
She wishes to see her children. Hope is what keeps her going, she said.
Solicitor called: the hearing is at 9:15 in court 4, second floor.
He will move to another region. The place is not known to us and should not be.
Bridge to the station is closed; travel takes an hour more than usual.
Risk looked at again: low at night, medium by day, no contact from anybody.
The young man next door was rude; staff spoke to him, and he said sorry.
Her English is better. She reads the signs in the high street without help now.
Weekly allowance of 49.18 was paid on 2026-09-16; receipt no. 20260916-77.
""".strip().splitlines()


def people() -> list[dict[str, Any]]:
    return [
        {**one.identity(), "address_street": STREETS[turn % len(STREETS)], "address_postcode": CODES[turn % len(CODES)],
         "phone": f"07700 9{turn:05d}"}
        for turn, (_, one, _) in enumerate(same()[:400])
    ]  # fmt: skip


def told_of(person: dict[str, Any]) -> dict[str, list[str]]:
    """Sentences that do tell it, spelt as people in a hurry spell."""
    first, last = person["first_name"], person["last_name"]
    code, phone = person["address_postcode"], person["phone"]
    digits = re.sub(r"\D", "", phone)
    street = person["address_street"].split(", ")[-1]
    return {
        "postcode": [f"at {code}.", f"at {code.lower()}", f"({code.replace(' ', '')})", f"{code[:2]}-{code[2:]}"],
        "phone": [f"on {phone}", f"+44{digits[1:]}", f"tel. {digits[:5]}-{digits[5:]}", " ".join(digits)],
        "street": [f"lives at {street}", street.upper(), street.replace("Road", "Rd").replace("Street", "St.")],
        "name": [f"{first} {last} came", f"{last}, {first}"],
    }  # fmt: skip


def false_alarms() -> dict[str, float]:
    """Of 10,000 looks at an ordinary note: how many were taken to tell something, by kind."""
    looks, wrong = 0, dict.fromkeys(("postcode", "street", "phone", "name"), 0)
    told = [free_text.said(note) for note in ORDINARY_NOTES]
    for person in people():
        known = free_text.own(person)
        looks += len(told)
        for kind in wrong:
            wrong[kind] += sum(bool(known[kind] & said[kind]) for said in told)
    return {kind: round(10_000 * count / looks, 1) for kind, count in wrong.items()}


def seen() -> dict[str, float]:
    """Of the sentences that tell it, how many were seen, in percent."""
    found: dict[str, list[bool]] = {}
    for person in people():
        known = free_text.own(person)
        for kind, sentences in told_of(person).items():
            found.setdefault(kind, []).extend(bool(known[kind] & free_text.said(one)[kind]) for one in sentences)
    return {kind: round(100 * sum(hits) / len(hits), 1) for kind, hits in found.items()}


def test_ordinary_notes_are_hardly_ever_refused() -> None:
    wrong = false_alarms()
    assert wrong["postcode"] == wrong["phone"] == 0
    assert wrong["street"] <= 100
    assert wrong["name"] <= 100


def test_what_a_note_tells_is_seen_however_it_is_spelt() -> None:
    assert {kind: share >= 97 for kind, share in seen().items()} == dict.fromkeys(seen(), True)


def test_the_figures_of_the_documents_are_those_that_are_measured() -> None:
    wrong, right = false_alarms(), seen()
    for kind in wrong:
        row = re.search(rf"^\| {kind} \| ([\d.]+) \| ([\d.]+) \|", DOC, re.MULTILINE)
        assert row, kind
        assert (float(row[1]), float(row[2])) == (right[kind], wrong[kind])


@pytest.mark.parametrize("note", (*ORDINARY_NOTES, " ".join(ORDINARY_NOTES)))
def test_an_ordinary_note_is_no_list(note: str) -> None:
    assert not free_text.lists(free_text.said(note))


@pytest.mark.parametrize(
    "text",
    (
        " ".join(f"M{number} 1AE" for number in range(1, 7)),
        " ".join(f"07700 9{number:05d}" for number in range(30)),
        "077009000013141592653589793238462643",
        ", ".join(f"{name} Lane" for name in ("Harbour", "Church", "Mill", "Bridge", "Castle", "Orchard", "Willow")),
        " ".join(str(10_115 + number) for number in range(80)),
        " ".join(f"a{number}@example.invalid" for number in range(9)),
    ),
)
def test_whoever_tries_many_places_in_one_note_is_refused_whether_one_fits_or_not(text: str) -> None:
    assert free_text.lists(free_text.said(text))


@pytest.mark.parametrize(
    ("text", "code"),
    (("She sleeps at 12 Harbour Ln.", "place_in_text"), ("She has 07700 900123.", "contact_in_text")),
)
def test_a_referral_is_not_sent_with_the_persons_whereabouts_in_its_account(text: str, code: str) -> None:
    answers, identity = complete_adult_referral()
    known = identity | {"address_street": "12 Harbour Lane", "phone": "07700 900123"}
    [account] = [name for name, told in answers.items() if isinstance(told, str) and len(told) > 60][:1]
    before = problems(answers, known, False, "referral", date(2026, 9, 16))
    after = problems({**answers, account: f"{answers[account]} {text}"}, known, False, "referral", date(2026, 9, 16))
    assert [one.code for one in after if one not in before] == [code]
    assert "Harbour" not in str(after)
