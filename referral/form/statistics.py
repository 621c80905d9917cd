"""How the answers are counted: the published statistics use other categories than the form's ticks."""

from typing import NamedTuple

from referral.form.field import Answers

# Categories: Home Office, National Referral Mechanism statistics, 2023 to 2026; grade A. The assignment follows the
# form's headings, except that organs stand under criminal there and are a category of their own here. Making someone
# commit fraud stands under "labour and financial" in the form; whether it is counted as criminal was not seen: grade C.
# fmt: off
CATEGORY = {
    "forced_to_work":         "labour",
    "wages_taken":            "labour",
    "forced_to_commit_fraud": "labour",
    "prostitution":           "sexual",
    "child_exploitation":     "sexual",
    "held_and_assaulted":     "sexual",
    "forced_to_commit_crime": "criminal",
    "organs_removed":         "organ_harvesting",
    "unpaid_household_work":  "domestic_servitude",
    "other":                  "unknown",
}
CATEGORIES = ("labour", "sexual", "criminal", "domestic_servitude", "organ_harvesting", "unknown")
AGE = {"yes": "child", "no": "adult", "not_sure": "unknown"}
# fmt: on


class Counted(NamedTuple):
    """One case as the statistics count it. Says nothing that identifies anyone."""

    categories: tuple[str, ...]
    county_lines: bool
    age_group: str
    age_now: str
    gender: str
    place: str
    nation: str
    nationality: str


def categories(answers: Answers) -> tuple[str, ...]:
    """The categories in their fixed order. "unknown" stands alone: it only counts where nothing else is known."""
    ticks = answers.get("exploitation_types")
    found = (
        {CATEGORY.get(tick, "unknown") for tick in ticks if isinstance(tick, str)} if isinstance(ticks, list) else set()
    )
    return tuple(name for name in CATEGORIES if name in found - {"unknown"}) or ("unknown",)


def county_lines(answers: Answers) -> bool:
    """A flag on criminal exploitation, no category of its own."""
    return "criminal" in categories(answers) and answers.get("county_lines") == "yes"


def age_now(answers: Answers) -> str:
    """child, adult or unknown when the form is made. Not sure is unknown here, though treated as a child."""
    return AGE.get(str(answers.get("under_18")), "unknown")


def age_group(answers: Answers) -> str:
    """child, adult or unknown when exploited, which is what the statistics count.

    Only adults are asked about then: who is a child now was one when exploited.
    """
    if age_now(answers) != "adult":
        return age_now(answers)
    return AGE.get(str(answers.get("under_18_when_exploited")), "unknown")


def gender(answers: Answers) -> str:
    """female, male, other, or missing. Other is an answer, although its official code is "unknown"."""
    answer = answers.get("gender")
    return answer if answer in ("female", "male", "other") else "missing"


def counted(answers: Answers) -> Counted:
    """The whole row for the statistics."""
    return Counted(
        categories=categories(answers),
        county_lines=county_lines(answers),
        age_group=age_group(answers),
        age_now=age_now(answers),
        gender=gender(answers),
        place=str(answers.get("where_happened") or "unknown"),
        nation=str(answers.get("made_in") or "unknown"),
        nationality=str(answers.get("nationality") or "unknown"),
    )
