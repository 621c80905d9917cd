"""Every address that takes a body, with a body that is right, so that a test can make it wrong."""

from typing import Any

from fastapi.routing import APIRoute

from api.examples import example
from api.v1.moves import MoveRoute

PLAN = {"kind": "raid", "name": "silver-birch", "starts_on": "2026-09-16", "ends_on": "2026-09-16"}
TIP = {"jurisdiction": "scotland", "channel": "helpline", "categories": ["labour"]}
BODIES: dict[str, dict[str, Any]] = {  # a body that is right, for the addresses that are no moves
    "/v1/session": {"email": "a@example.org", "password": "x"},
    "/v1/users": {"name": "A", "email": "a@example.org", "roles": ["navigator"]},
    "/v1/clients": {"id": "a", "scopes": ["cases:read"]},
    "/v1/session/code": {"code": "000000"},
    "/v1/session/passkey/begin": {},
    "/v1/session/passkey": {"ceremony": "0" * 32, "credential": {}},
    "/v1/session/provider/begin": {"agency": "nobody"},
    "/v1/session/provider": {"state": "x", "code": "x", "word": "x"},
    "/v1/sessions/{session}/end": {},
    "/v1/password": {"old": "x", "new": "x"},
    "/v1/invitations/accept": {"code": "x", "password": "x"},
    "/v1/factors/totp": {},
    "/v1/factors/totp/confirm": {"factor": "0" * 32, "code": "000000"},
    "/v1/factors/passkey": {},
    "/v1/factors/passkey/confirm": {"ceremony": "0" * 32, "credential": {}},
    "/v1/factors/recovery-codes": {},
    "/v1/factors/{factor}/remove": {},
    "/v1/users/{user}/roles": {"roles": ["navigator"]},
    "/v1/approvals/{approval}/approve": {"digest": "0" * 64},
    "/v1/approvals/{approval}/refuse": {},
    "/v1/approvals/{approval}/withdraw": {},
    "/v1/users/{user}/leave": {},
    "/v1/users/{user}/invite": {},
    "/v1/users/{user}/reset": {},
    "/v1/users/{user}/unlock": {},
    "/v1/users/{user}/disable": {},
    "/v1/users/{user}/enable": {},
    "/v1/users/{user}/end-sessions": {},
    "/v1/clients/{client}/enable": {},
    "/v1/clients/{client}/scopes": {"scopes": ["cases:read"]},
    "/v1/clients/{client}/keys": {"public_key": "x" * 100},
    "/v1/clients/{client}/keys/retire": {"slot": 1},
    "/v1/clients/{client}/secrets": {},
    "/v1/clients/{client}/secrets/retire": {},
    "/v1/clients/{client}/secrets/off": {"off": True},
    "/v1/clients/{client}/disable": {},
    "/v1/places": {"code_name": "Cedar", "region": "kent", "beds": ["Cedar 1"]},
    "/v1/places/{place}/address": {
        "from_at": "2026-09-16T09:00:00Z",
        "street": "1 Invented Row",
        "town": "Nowhere",
        "postcode": "ZZ1 1ZZ",
    },
    "/v1/places/{place}/lock": {},
    "/v1/places/{place}/ask-unlock": {},
    "/v1/places/{place}/unlock": {},
    "/v1/cases/{case}/reveals/{reveal}/address": {},
    "/v1/cases/{case}/reveals/{reveal}/close": {},
    "/v1/acknowledgements/{strand}": {"what": "deleted"},
    "/v1/agreements": {
        "from_agency": "eastshire-police",
        "to_agency": "harbour",
        "purposes": ["sharing"],
        "classes": ["C1"],
        "starts_on": "2026-09-16",
        "ends_on": "2026-12-31",
        "source": "Paper 1",
    },
    "/v1/agreements/{agreement}/end": {},
    "/v1/search": {"name": "Invented Person"},
    "/v1/cases/{case}/glass": {"ground": "legal_duty", "reason": "A court has ordered that it is told today."},
    "/v1/cases/{case}/duplicates": {"purpose": "before_referral"},
    "/v1/checkpoints/{size}/cosignatures": {"key": "k" * 40, "line": "l" * 40},
    "/v1/explain": {"rule": "C1", "start": "2026-09-16"},
}


class Address:
    """One route that takes a body, on a case that exists."""

    def __init__(self, route: APIRoute, cases: dict[str, str]) -> None:
        self.route = route
        self.row = route.row if isinstance(route, MoveRoute) else None
        of = self.row.workflow.of if self.row else "person"
        self.path = route.path.replace("{case}", cases[of]).replace("{client}", "nobody").replace("{size}", "1")
        for name in ("{user}", "{strand}", "{agreement}", "{session}", "{factor}", "{place}", "{reveal}", "{approval}"):
            self.path = self.path.replace(name, "0" * 32)
        self.good = {"form": dict(example(self.row.move.asks))} if self.row else BODIES[route.path]

    def dated(self, told: str) -> dict[str, Any] | None:
        """The good body with every date and time set to this; None where it has none."""
        if self.row is None:
            return None
        form, found = dict(self.good["form"]), False
        for name, field in self.row.move.asks.model_json_schema().get("properties", {}).items():
            kinds = {inner.get("format") for inner in (field, *field.get("anyOf", ()))}
            if kinds & {"date", "date-time"}:
                form[name], found = told if "date" in kinds else f"{told}T00:00:00Z", True
        return {"form": form} if found else None
