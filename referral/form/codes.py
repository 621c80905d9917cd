"""The coded lists of the form, and the kinds of agency that may send it. Lists that change often lie in TOML."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

import re
import tomllib
from pathlib import Path

from referral.form.field import Code

HERE = Path(__file__).parent

# Evidence files: Home Office, report modern slavery service, April 2026; grade A
EVIDENCE_FILES_LIMIT = 100
EVIDENCE_FILE_BYTES = 25 * 1024 * 1024
EVIDENCE_FILE_ENDINGS = ("jpg", "jpeg", "png", "pdf", "doc", "docx")

# fmt: off
NATIONS = {
    "england":          Code("england", "England"),
    "wales":            Code("wales", "Wales"),
    "scotland":         Code("scotland", "Scotland"),
    "northern_ireland": Code("northern-ireland", "Northern Ireland"),
}

# The heading is the form's. Beware: it lists the removal of organs under criminal; the statistics do not.
EXPLOITATION_TYPES = {
    "forced_to_work":         Code("types-of-exploitation-forced-to-work", "Labour and financial: forced to work for little or no pay"),
    "wages_taken":            Code("types-of-exploitation-wages-taken", "Labour and financial: wages taken or controlled"),
    "forced_to_commit_fraud": Code("types-of-exploitation-forced-to-commit-fraud", "Labour and financial: made to commit fraud"),
    "prostitution":           Code("types-of-exploitation-prostitution", "Sexual: prostitution"),
    "child_exploitation":     Code("types-of-exploitation-child-exploitation", "Sexual: exploitation of a child"),
    "held_and_assaulted":     Code("types-of-exploitation-taken-somewhere", "Sexual: taken somewhere, held and assaulted"),
    "forced_to_commit_crime": Code("types-of-exploitation-forced-to-commit-crime", "Criminal: made to commit crime"),
    "organs_removed":         Code("types-of-exploitation-organs-removed", "Criminal: organs removed"),
    "unpaid_household_work":  Code("types-of-exploitation-unpaid-household-work", "Domestic: unpaid household work"),
    "other":                  Code("types-of-exploitation-other", "Something else"),
}

SEVERAL_SITUATIONS = {
    "yes":      Code("yes", "More than one situation"),
    "no":       Code("no", "One situation"),
    "not_sure": Code("i-dont-know", "Not known"),
}

WHERE_HAPPENED = {
    "uk":              Code("uk", "In the United Kingdom"),
    "overseas":        Code("overseas", "Overseas"),
    "uk_and_overseas": Code("uk-and-overseas", "Both"),
}

LAST_CONTACT = {
    "week":          Code("within-the-last-week", "Within the last week"),
    "month":         Code("within-the-last-month", "Within the last month"),
    "three_months":  Code("within-the-last-3-month", "Within the last 3 months"),
    "six_months":    Code("within-the-last-6-month", "Within the last 6 months"),
    # The choice is in the April 2026 form; its official code was not seen and follows the others' pattern. Grade C.
    "twelve_months": Code("within-the-last-6-to-12-month", "Between 6 and 12 months ago"),
    "over_a_year":   Code("over-a-year-ago", "Over a year ago"),
    "not_sure":      Code("not-sure", "Not sure"),
}

# "unknown" is the official code of a stated answer ("do not identify as male or female"), never a missing one.
GENDERS = {
    "female": Code("female", "Female"),
    "male":   Code("male", "Male"),
    "other":  Code("unknown", "Do not identify as male or female"),
}

PHONE_ROUTES = {
    "own":         Code("yes", "Their own number"),
    "alternative": Code("pv-alternative-number", "Someone else's number"),
    "none":        Code("no", "No number"),
}

DECISION_TO = {
    "person":       Code("potential-victim", "The person"),
    "someone_else": Code("someone-else", "Someone else, with the person's permission"),
}

CONTACT_METHODS = {
    "email": Code("email", "E-mail"),
    "post":  Code("post", "Post"),
}

AGENCY_KINDS = {
    "police":                  "Police force or policing body",
    "local_authority":         "Council, combined authority or children's trust",
    "border_force":            "Border Force",
    "immigration_enforcement": "Immigration Enforcement",
    "asylum":                  "Asylum Group",
    "home_office_other":       "Another Home Office unit",
    "national_agency":         "National Crime Agency, Fair Work Agency, gangmasters body",
    "health_trust_ni":         "Health and Social Care Trust, Northern Ireland",
    "charity":                 "Charity listed as a first responder organisation",
}
# fmt: on

HOME_OFFICE_KINDS = frozenset({"border_force", "immigration_enforcement", "asylum", "home_office_other"})


def may_submit(kind: str, nation: str) -> bool:
    """Whether an agency of this kind may send a referral made in this nation.

    Home Office, report modern slavery service, list of organisations, April 2026; grade A. Health bodies only in
    Northern Ireland. Any other kind (a navigators' charity, a helpline, the NHS) prepares, and someone listed submits.
    """
    if nation not in NATIONS or kind not in AGENCY_KINDS:
        return False
    return kind != "health_trust_ni" or nation == "northern_ireland"


def duty_to_notify(kind: str, nation: str) -> str | None:
    """Whether an adult who refuses must still be notified: by "law", by "policy", or not at all.

    Modern Slavery Act 2015, section 52, England and Wales, from 1 November 2015; grade A. Scotland (section 38) and
    Northern Ireland (section 13) are off: their commencement was not found.
    """
    if nation not in ("england", "wales"):
        return None
    if kind in ("police", "local_authority", "national_agency"):
        return "law"
    return "policy" if kind in HOME_OFFICE_KINDS else None


def read_indicators(path: Path) -> tuple[dict[str, Code], dict[str, Code]]:
    """The general and the child indicators; an unusable file is refused with its name and the reason."""
    lists = []
    seen: set[str] = set()
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    if set(content) != {"general", "child"}:
        raise ValueError(f"{path.name}: needs exactly the tables [general] and [child]")
    for table in ("general", "child"):
        for code, says in content[table].items():
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", code) or not isinstance(says, str) or not says.strip():
                raise ValueError(f"{path.name}: [{table}] {code} is not a code with a sentence")
            if code in seen:
                raise ValueError(f"{path.name}: {code} is listed twice")
            seen.add(code)
        lists.append({code: Code("", says) for code, says in content[table].items()})
    return lists[0], lists[1]


def read_regions(path: Path) -> dict[str, tuple[Code, str]]:
    """Each region by our code, with the official name and the nation it lies in."""
    regions = {}
    for nation, names in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for name in names:
            regions[re.sub(r"[^a-z]+", "_", name.lower())] = (Code(name, name), nation)
    return regions


GENERAL_INDICATORS, CHILD_INDICATORS = read_indicators(HERE / "indicators.toml")
INDICATORS = GENERAL_INDICATORS | CHILD_INDICATORS
_REGIONS = read_regions(HERE / "regions.toml")
REGIONS = {code: region for code, (region, _) in _REGIONS.items()} | {"unknown": Code("Unknown", "Unknown")}
NATION_OF_REGION = {code: nation for code, (_, nation) in _REGIONS.items() if nation in NATIONS}
