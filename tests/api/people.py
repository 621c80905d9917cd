"""Invented people who are written down in cases, over HTTP. For the tests of search and of the duplicate check."""

from typing import Any

from tests.api.knocking import Knocker

THEM: dict[str, Any] = {
    "first_name": "Ștefania", "last_name": "Țurcanu", "date_of_birth": "1999-03-04", "phone": "07700 900123",
    "address_street": "12 Harbour Lane", "address_postcode": "M1 1AE",
}  # fmt: skip
AGAIN = {"first_name": "Shtefania", "last_name": "Turcanu", "date_of_birth": "1999-03-04"}
ELSE = {"first_name": "Meron", "last_name": "Tekle", "date_of_birth": "2001-11-30"}


def written_down(api: Knocker, who: dict[str, str], identity: dict[str, Any]) -> str:
    """A case of this agency with this person in it."""
    case = str(api.opened(who)["case"])
    named(api, who, case, identity)
    return case


def named(api: Knocker, who: dict[str, str], case: str, identity: dict[str, Any]) -> None:
    """Another identity for the same case."""
    answer = api.move(who, case, "intake.save", identity=identity)
    assert answer.status_code == 200, answer.text


def search(api: Knocker, who: dict[str, str], **told: Any) -> Any:
    """A search."""
    return api.http.post("/v1/search", headers=who, json=told)


def check(api: Knocker, who: dict[str, str], case: str, purpose: str = "before_referral") -> Any:
    """A duplicate check."""
    return api.http.post(f"/v1/cases/{case}/duplicates", headers=who, json={"purpose": purpose})
