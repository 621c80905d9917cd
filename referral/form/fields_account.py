"""The rows on what happened: background, account, insight, places, exploiters, types, risk, police."""
# ruff: noqa: E501 - a row stands on one line, so that its columns line up

from referral.access import Group
from referral.form import codes
from referral.form.field import MAY, MUST, Field, Kind
from referral.form.predicates import always, happened_in_uk, happened_overseas, said, ticked

EXPLOITERS_KNOWN = said("exploiters_location_known", "yes")

# fmt: off
ACCOUNT = [
    # name, official key, section, kind, asked when, required, says
    Field("birthplace",         "birthplace",         "background", Kind.SHORT_TEXT, always, MUST, "Where the person was born", group=Group.IDENTITY),
    Field("family",             "family",             "background", Kind.TEXT, always, MUST, "Their family, before the exploitation", group=Group.ASSOCIATES),
    Field("education",          "education",          "background", Kind.TEXT, always, MUST, "Their education, before the exploitation", group=Group.ACCOUNT),
    Field("employment_history", "employment-history", "background", Kind.TEXT, always, MUST, "Their work, before the exploitation", group=Group.ACCOUNT),

    Field("several_situations", "potential-victim-exploitative-situation-multiple", "exploitation", Kind.YES_NO_NOT_SURE, always, MUST,
          "Were they exploited in more than one situation?", codes=codes.SEVERAL_SITUATIONS, group=Group.ACCOUNT),
    # One of the two date questions: not known how many situations is asked like one.
    Field("when_happened", "when-did-the-exploitation-take-place", "exploitation", Kind.TEXT,
          said("several_situations", "no", "not_sure"), MUST, "When the exploitation took place", group=Group.ACCOUNT),
    Field("when_each_happened", "when-did-the-exploitation-take-place-multiple", "exploitation", Kind.TEXT,
          said("several_situations", "yes"), MUST, "For each situation: start, end and type", group=Group.ACCOUNT),
    Field("how_started",       "how-did-the-exploitation-start", "exploitation", Kind.TEXT, always, MUST, "How it started: promises, expectations, promised pay", group=Group.ACCOUNT),
    Field("taken_somewhere",   "were-they-taken-somewhere-by-their-exploiter", "exploitation", Kind.YES_NO, always, MUST, "Were they taken somewhere by their exploiter?", group=Group.ACCOUNT),
    Field("journey_details",   "were-they-taken-somewhere-by-their-exploiter-journey-details", "exploitation", Kind.TEXT,
          said("taken_somewhere", "yes"), MUST, "The journey", group=Group.ACCOUNT),
    Field("required_to_do",    "what-were-they-required-to-do", "exploitation", Kind.TEXT, always, MUST, "What they were required to do", group=Group.ACCOUNT),
    Field("living_conditions", "living-conditions", "exploitation", Kind.TEXT, always, MUST, "How they lived", group=Group.ACCOUNT),
    Field("how_treated",       "how-they-were-treated", "exploitation", Kind.TEXT, always, MUST, "How they were treated", group=Group.ACCOUNT),
    Field("still_in_situation", "still-in-exploitative-situation", "exploitation", Kind.YES_NO, always, MUST, "Are they still in the situation?", group=Group.ACCOUNT),
    Field("what_keeps_them",   "what-is-keeping-them-in-situation", "exploitation", Kind.TEXT,
          said("still_in_situation", "yes"), MUST, "What is keeping them there", group=Group.ACCOUNT),
    Field("how_left",          "how-why-did-they-leave-the-situation", "exploitation", Kind.TEXT,
          said("still_in_situation", "no"), MUST, "How and why they left", group=Group.ACCOUNT),
    Field("last_contact",         "when-last-contact", "exploitation", Kind.CHOICE, always, MUST, "When they were last in contact with the exploiter", codes=codes.LAST_CONTACT, group=Group.ACCOUNT),
    Field("last_contact_details", "details-last-contact", "exploitation", Kind.TEXT, always, MAY, "Details of that contact", group=Group.ACCOUNT),
    # Trap: the official key and the field it fills downstream still say "first chance", but the question now asks
    # whether it was reported before. The value goes over as it is and must not be turned round: yes means yes, it was
    # reported before; no is followed by "why now". Home Office, report modern slavery service, April 2026; grade A.
    Field("reported_before", "is-this-the-first-chance-to-report", "exploitation", Kind.YES_NO_NOT_SURE, always, MUST, "Was this reported before?", group=Group.ACCOUNT),
    Field("why_report_now",  "why-report-now", "exploitation", Kind.TEXT, said("reported_before", "no"), MUST, "Why it is reported now", group=Group.ACCOUNT),

    Field("indicators_seen",    "modern-slavery-indicators", "insight", Kind.YES_NO, always, MUST, "Did you see signs of modern slavery?", group=Group.ACCOUNT),
    Field("indicators",         "", "insight", Kind.CHOICES, said("indicators_seen", "yes"), MAY, "Which signs", codes=codes.INDICATORS, group=Group.ACCOUNT),
    Field("indicators_details", "modern-slavery-indicators-details", "insight", Kind.TEXT, said("indicators_seen", "yes"), MUST, "What you saw", group=Group.ACCOUNT),
    Field("interview_details",  "where-how-interview-carried-out", "insight", Kind.TEXT, always, MUST, "Where and how you talked with them, who was there", group=Group.ACCOUNT),
    Field("own_judgement",      "professional-insight", "insight", Kind.TEXT, always, MUST, "Your own professional judgement, and reasons for gaps or delay", group=Group.ACCOUNT),
    Field("dishonesty_seen",    "evidence-of-dishonesty", "insight", Kind.YES_NO, always, MUST, "Is there evidence of dishonesty? Only evidence counts; fear and trauma explain much", group=Group.ACCOUNT),
    Field("dishonesty_details", "evidence-of-dishonesty-details", "insight", Kind.TEXT, said("dishonesty_seen", "yes"), MUST, "The evidence", group=Group.ACCOUNT),
    Field("others_involved",         "are-others-involved", "insight", Kind.YES_NO, always, MUST, "Are other professionals involved?", group=Group.CONTACT),
    Field("others_involved_details", "are-others-involved-details", "insight", Kind.TEXT, said("others_involved", "yes"), MUST, "Who they are", group=Group.CONTACT, others=True),

    Field("where_happened",   "where-exploitation-happened", "location", Kind.CHOICE, always, MUST, "Where the exploitation happened", codes=codes.WHERE_HAPPENED, statistics="place", group=Group.ACCOUNT),
    Field("uk_places",        "where-exploitation-happened-uk-city", "location", Kind.PLACES, happened_in_uk, MUST, "Towns and cities, up to ten", group=Group.ACCOUNT),
    Field("uk_other_place",   "where-exploitation-happened-other-uk-other-location", "location", Kind.TEXT, happened_in_uk, MAY, "Addresses or other places in the United Kingdom", group=Group.ACCOUNT),
    Field("countries",        "where-exploitation-happened-overseas-country", "location", Kind.COUNTRIES, happened_overseas, MUST, "Countries, up to ten", group=Group.ACCOUNT),
    Field("overseas_other_place", "where-exploitation-happened-other-overseas-other-location", "location", Kind.TEXT, happened_overseas, MAY, "Addresses or other places overseas", group=Group.ACCOUNT),
    # Where the person is now decides which police force hears of the case; "unknown" is allowed.
    Field("current_town",     "current-pv-location-uk-city", "location", Kind.SHORT_TEXT, always, MUST, "The town where the person is now", group=Group.ADDRESS),
    Field("current_region",   "current-pv-location-uk-region", "location", Kind.CHOICE, always, MUST, "The region where the person is now", codes=codes.REGIONS, group=Group.REGION),

    Field("who_exploited",                "who-exploited-pv", "exploiters", Kind.TEXT, always, MUST, "Who exploited them", group=Group.ACCOUNT, others=True),
    Field("exploiters_location_known",    "exploiters-location", "exploiters", Kind.YES_NO, always, MUST, "Is it known where the exploiters are?", group=Group.ACCOUNT, others=True),
    Field("exploiters_in_uk",             "are-exploiters-in-the-uk", "exploiters", Kind.YES_NO, EXPLOITERS_KNOWN, MUST, "Are they in the United Kingdom?", group=Group.ACCOUNT, others=True),
    Field("exploiters_location_details",  "exploiters-current-location-details", "exploiters", Kind.TEXT, EXPLOITERS_KNOWN, MUST, "Where they are", group=Group.ACCOUNT, others=True),

    # Each tick has an official key of its own: the code's.
    Field("exploitation_types", "", "types", Kind.CHOICES, always, MUST, "Every type of exploitation that applies", codes=codes.EXPLOITATION_TYPES, statistics="exploitation", group=Group.ACCOUNT),
    Field("other_exploitation", "other-exploitation-details", "types", Kind.TEXT, ticked("exploitation_types", "other"), MUST, "The other type", group=Group.ACCOUNT),
    # The official form has no such tick; the statistics count it.
    Field("county_lines", "", "types", Kind.YES_NO_NOT_SURE, ticked("exploitation_types", "forced_to_commit_crime"), MAY, "Was it county lines?", statistics="county_lines", group=Group.ACCOUNT),

    Field("other_victims",           "any-other-pvs", "risk", Kind.YES_NO_NOT_SURE, always, MUST, "Are there other possible victims?", group=Group.RISK, others=True),
    Field("other_victims_details",   "other-potential-victims-yes-details", "risk", Kind.TEXT, said("other_victims", "yes"), MAY, "Who: names of operations, family", group=Group.ASSOCIATES, others=True),
    Field("other_victims_suspected", "other-potential-victims-not-sure-details", "risk", Kind.TEXT, said("other_victims", "not_sure"), MAY, "What makes you think there may be others", group=Group.ASSOCIATES, others=True),
    Field("future_concerns",         "future-exploitation-concerns", "risk", Kind.YES_NO, always, MUST, "Could they be exploited again?", group=Group.RISK),
    Field("future_concerns_reasons", "future-exploitation-reasons", "risk", Kind.TEXT, said("future_concerns", "yes"), MUST, "Why", group=Group.RISK),

    Field("reported_to_police", "reported-to-police", "police", Kind.YES_NO, always, MUST, "Was it reported to the police?", group=Group.ACCOUNT),
    Field("police_force",       "reported-to-police-police-forces", "police", Kind.SHORT_TEXT, said("reported_to_police", "yes"), MUST, "Which force", group=Group.ACCOUNT),
    Field("crime_reference",    "reported-to-police-crime-reference", "police", Kind.SHORT_TEXT, said("reported_to_police", "yes"), MUST, "Crime or incident reference", group=Group.ACCOUNT),
    # Decides also how much identity a notification carries.
    Field("cooperates",         "authorities-cooperation", "police", Kind.YES_NO, always, MUST, "Will they cooperate with the authorities?", group=Group.ACCOUNT),
    Field("cooperates_details", "authorities-cooperation-details", "police", Kind.TEXT, said("cooperates", "yes"), MAY, "How", group=Group.ACCOUNT),

    Field("evidence_attached", "", "evidence", Kind.YES_NO, always, MAY, "Are files attached?", group=Group.ATTACHMENT),
    Field("evidence_list",     "what-evidence-you-will-submit", "evidence", Kind.TEXT, said("evidence_attached", "yes"), MUST, "What the files are, each with its date", group=Group.ATTACHMENT),
]
# fmt: on
