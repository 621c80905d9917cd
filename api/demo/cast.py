"""Who plays: agencies, staff, partner systems and beds. All invented; addresses end in .invalid, which no mail reaches."""
# ruff: noqa: E501 - a line of a story stands on one line, so that its columns line up

from typing import NamedTuple

from referral.access import AgencyKind, Role

PASSWORD = "invented-harbour-lights"  # noqa: S105  of invented people in a demo


class Agency(NamedTuple):
    """An invented agency."""

    id: str
    name: str
    kind: AgencyKind
    nation: str | None = "england"


class Staff(NamedTuple):
    """An invented member of staff, who signs in as `<name>@<agency>.invalid`."""

    name: str
    agency: str
    roles: tuple[Role, ...]
    full: str

    @property
    def email(self) -> str:
        """The address they sign in with."""
        return f"{self.name}@{self.agency}.invalid"


class System(NamedTuple):
    """An invented partner's system."""

    id: str
    agency: str
    scopes: tuple[str, ...]


class Bed(NamedTuple):
    """A bed by its code name."""

    name: str
    agency: str
    region: str


K, R = AgencyKind, Role

# fmt: off
AGENCIES = (
    Agency("eastshire-police", "Eastshire Police (invented)",             K.POLICE),
    Agency("northmoor-police", "Northmoor Police (invented)",             K.POLICE),
    Agency("westvale-police",  "Westvale Police (invented)",              K.POLICE),
    Agency("southfen-police",  "Southfen Police (invented)",              K.POLICE),
    Agency("skygate-border",   "Border Force at Skygate (invented)",      K.BORDER_FORCE),
    Agency("skygate-regional", "Regional unit at Skygate (invented)",     K.NATIONAL_AGENCY),
    Agency("saffron-centre",   "Saffron assault referral centre (invented)", K.HEALTH_SERVICE),
    Agency("beacon",           "Beacon victim navigators (invented)",     K.NAVIGATOR_SERVICE),
    Agency("harbour",          "Harbour support (invented)",              K.SUPPORT_PROVIDER),
    Agency("lantern",          "Lantern support (invented)",              K.SUPPORT_PROVIDER),
    Agency("brightwater",      "Brightwater Council (invented)",          K.LOCAL_AUTHORITY),
    Agency("openline",         "Openline helpline (invented)",            K.HELPLINE),
    Agency("authority",        "Competent authority (invented)",          K.COMPETENT_AUTHORITY, None),
    Agency("house",            "Whoever runs this installation (invented)", K.INSTALLATION, None),
)
STAFF = (
    Staff("nora",    "beacon",           (R.NAVIGATOR,),                         "Nora Invented"),
    Staff("naveed",  "beacon",           (R.NAVIGATOR, R.SUPPORT_COORDINATOR),   "Naveed Invented"),
    Staff("mona",    "beacon",           (R.MANAGER,),                           "Mona Invented"),
    Staff("adam",    "beacon",           (R.AGENCY_ADMIN,),                      "Adam Invented"),
    Staff("piers",   "eastshire-police", (R.FIRST_RESPONDER,),                   "Piers Invented"),
    Staff("petra",   "eastshire-police", (R.FIRST_RESPONDER,),                   "Petra Invented"),
    Staff("marcus",  "eastshire-police", (R.MANAGER,),                           "Marcus Invented"),
    Staff("bashir",  "skygate-border",   (R.FIRST_RESPONDER,),                   "Bashir Invented"),
    Staff("ceri",    "harbour",          (R.SUPPORT_COORDINATOR,),               "Ceri Invented"),
    Staff("wanda",   "harbour",          (R.SUPPORT_WORKER,),                    "Wanda Invented"),
    Staff("will",    "harbour",          (R.SUPPORT_WORKER,),                    "Will Invented"),
    Staff("hugo",    "harbour",          (R.HOUSING_COORDINATOR,),               "Hugo Invented"),
    Staff("lena",    "lantern",          (R.SUPPORT_COORDINATOR,),               "Lena Invented"),
    Staff("luca",    "lantern",          (R.SUPPORT_WORKER,),                    "Luca Invented"),
    Staff("livvy",   "lantern",          (R.SUPPORT_WORKER,),                    "Livvy Invented"),
    Staff("cass",    "authority",        (R.CASEWORKER,),                        "Cass Invented"),
    Staff("sidney",  "house",            (R.SYSTEM_ADMIN,),                      "Sidney Invented"),
)
SYSTEMS = (
    System("beacon-app",     "beacon",           ("cases:read", "encounters:write", "referrals:prepare", "operations:write")),
    System("eastshire-desk", "eastshire-police", ("cases:read", "encounters:write", "referrals:submit", "justice:write", "operations:write")),
    System("openline-desk",  "openline",         ("cases:read", "encounters:write", "operations:write")),
    System("casework",       "authority",        ("cases:read", "decisions:write")),
)
BEDS = (
    Bed("willow-1", "harbour", "Lakeland"),
    Bed("willow-2", "harbour", "Lakeland"),
    Bed("rowan-1",  "harbour", "Downland"),
)
# fmt: on
BY_NAME = {one.name: one for one in STAFF}
