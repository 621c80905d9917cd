"""Every way by which something leaves the house, walked as everybody: the API by its own document, and what is written.

Each way gives bytes. What may stand in them is for others to say.
"""

import io
import re
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from email import message_from_bytes
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from api.cli import main, place
from api.v1.moves import MoveRoute
from referral.access import Role
from referral.db import Database
from referral.settings import Settings
from tests.api.addresses import BODIES
from tests.attacks.canaries import planted
from tests.attacks.planting import Scene, Who
from tests.attacks.post_office import PostOffice
from tests.databases import plain
from tests.postgres import OWNER
from tests.told import told as told_of
from tests.world import World, a
from workflows.ask import Ask
from workflows.engine import perform
from workflows.heartbeat import beat

WORDS = planted()
OPEN = place.open_database


@dataclass(frozen=True)
class Out:
    """Something that left: by which way, to whom, and what it was."""

    way: str
    who: Who | None
    told: bytes
    status: int = 0

    @property
    def path(self) -> str:
        return self.way.partition(" ")[2].partition("?")[0]


def document(scene: Scene) -> dict[str, Any]:
    """The document that the running API gives of itself."""
    told: dict[str, Any] = scene.api.http.get("/openapi.json").json()["paths"]
    return told


def _heard(way: str, who: Who, answer: Any) -> Out:
    assert answer.status_code < 500, (way, who.name, answer.text)
    lines = [f"{name}: {value}" for name, value in answer.headers.multi_items()]
    return Out(way, who, "\n".join(lines).encode() + b"\n\n" + answer.content, answer.status_code)


def filled(scene: Scene, path: str) -> str:
    """The address with real ids in it."""
    kind = "operation" if "/operations" in path else "concern" if "/concerns" in path else "person"
    case = scene.case if kind == "person" else scene.others[kind]
    real = path.replace("{case}", case).replace("{place}", scene.place).replace("{reveal}", scene.reveal)
    return re.sub(r"\{\w+\}", "0" * 32, real.replace("{client}", "nobody").replace("{size}", "1"))


def looks(scene: Scene, people: Sequence[Who], *, whole: bool) -> Iterator[Out]:
    """Every GET of the document: as it is, with every parameter as it is meant, and with something planted in each.

    Where not the whole of it is wanted, all parameters stand in one question.
    """
    for path, told in document(scene).items():
        if "get" not in told:
            continue
        tails = list(_queries(told["get"], whole=whole))
        for who in people:
            for tail in tails:
                answer = scene.api.http.get(filled(scene, path) + tail, headers=who.headers)
                yield _heard(f"GET {path}{tail}", who, answer)
    for who in people:
        yield from _pages(scene, who, most=30 if whole else 3)
        odd = quote(WORDS[2])
        for path in (f"/v1/cases/{odd}", f"/v1/{odd}", f"/v1/cases/{scene.case}/{odd}"):
            yield _heard(f"GET odd {path.count('/')}", who, scene.api.http.get(path, headers=who.headers))


# fmt: off
GOOD = {  # values that a parameter takes, each tried alone
    "workflow": ("decision", "housing", "intake"), "open": ("true", "false"), "owner": ("me", "agency"),
    "overdue": ("true", "false"), "limit": ("1",), "at": ("2026-09-18T09:00:00Z",), "by": ("occurred",),
    "language": ("en", "cy"), "state": (), "cursor": (), "operation": (), "from": ("1",), "to": ("1",),
}
# fmt: on


def _queries(operation: dict[str, Any], *, whole: bool) -> Iterator[str]:
    yield ""
    names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    if names and not whole:
        yield "?" + "&".join(f"{name}={quote(word)}" for name, word in zip(names, cycle(WORDS), strict=False))
        return
    for name, word in zip(names, cycle(WORDS), strict=False):
        yield from (f"?{name}={value}" for value in GOOD.get(name, ()))
        yield f"?{name}={quote(word)}"
    if names:
        yield f"?{quote(WORDS[0])}={quote(WORDS[1])}"


def _pages(scene: Scene, who: Who, *, most: int) -> Iterator[Out]:
    """Each list by so many pages of one; and some states that can be asked for."""
    for path in ("/v1/cases", f"/v1/cases/{scene.case}/timeline", "/v1/as-it-stood/cases"):
        cursor = ""
        for _ in range(most):
            answer = scene.api.http.get(f"{path}?limit=1{cursor}", headers=who.headers)
            yield _heard(f"GET {path.replace(scene.case, '{case}')}?limit=1&cursor=", who, answer)
            more = answer.json().get("next") if answer.status_code == 200 else None
            if not more:
                break
            cursor = f"&cursor={quote(more)}"
    for workflow, state in (("decision", "recovery"), ("housing", "moving"), ("intake", "received")):
        tail = f"?workflow={workflow}&state={state}"
        yield _heard(f"GET /v1/cases{tail}", who, scene.api.http.get(f"/v1/cases{tail}", headers=who.headers))


def searches(scene: Scene, people: Sequence[Who]) -> Iterator[Out]:
    """The questions in which a canary is what is looked for."""
    bodies = (
        {"name": "Žofinčka Kvapilová"}, {"name": "Kvapilova, Zofincka", "match": "exact"}, {"date_of_birth": "1991-08-23"},
        {"name": "Kvapilova", "date_of_birth": "1991-08-23"}, {"reference": scene.reference},
    )  # fmt: skip
    for who in people:
        for body in bodies:
            yield _heard("POST /v1/search", who, scene.api.http.post("/v1/search", headers=who.headers, json=body))
        path = "/v1/cases/{case}/duplicates"
        body = {"purpose": "before_support"}
        yield _heard(f"POST {path}", who, scene.api.http.post(filled(scene, path), headers=who.headers, json=body))


def refusals(scene: Scene, people: Sequence[Who], *, every: int = 1) -> Iterator[Out]:
    """Every POST of the document with something planted everywhere in it, so that it must be refused; changes nothing.

    Each person tries every so many.
    """
    routes = {
        route.path: route for route in scene.api.app.routes if isinstance(route, MoveRoute) and not route.row.opens
    }
    posts = [path for path, told in document(scene).items() if "post" in told and path != "/oauth/token"]
    for turn, who in enumerate(people):
        for number, path in enumerate(posts):
            if (number + turn) % every:
                continue
            headers = who.headers | {"If-Match": "*", "Idempotency-Key": "k" * 20}
            body = _spoilt(routes.get(path), path, number)
            yield _heard(f"POST {path}", who, scene.api.http.post(filled(scene, path), headers=headers, json=body))
        for headers, content in (
            ({"If-Match": quote(WORDS[5])}, b"{}"), ({"Idempotency-Key": WORDS[2]}, b"{}"),
            ({"If-Match": "*"}, f'{{"form": {{"note": "{WORDS[2]}"'.encode()),
        ):  # fmt: skip
            answer = scene.api.http.post(
                f"/v1/cases/{scene.case}/housing/offer", headers=who.headers | headers, content=content
            )
            yield _heard("POST housing/offer, spoilt", who, answer)
    for body in (
        {"grant_type": WORDS[0], "client_id": WORDS[1]},
        {"grant_type": "client_credentials", "scope": WORDS[2]},
    ):
        yield _heard("POST /oauth/token", scene.who("nobody"), scene.api.http.post("/oauth/token", data=body))


def _spoilt(route: MoveRoute | None, path: str, number: int) -> dict[str, Any]:
    words = cycle(WORDS[number % len(WORDS) :] + WORDS[: number % len(WORDS)])
    names = list(route.row.move.asks.model_fields) if route else list(BODIES.get(path, ()))
    wrong = {name: next(words) for name in names} | {next(words): next(words)}
    return {"form": wrong, "occurred_at": next(words)} if route and number % 2 else {"form": wrong} if route else wrong


def moves(scene: Scene, people: Sequence[Who], *, every: int = 1) -> Iterator[Out]:
    """Every move of a person's case as it is meant, with something planted in its texts. Changes the case.

    Of the people, each tries every so many.
    """
    text = f"She is at {WORDS[2]}, ask for Kvapilová, call 07700 900846."
    for number, route in enumerate(scene.api.app.routes):
        if not isinstance(route, MoveRoute) or route.row.opens or route.row.workflow.of != "person":
            continue
        asks, row = route.row.move.asks, route.row
        form = told_of(row.name, **({"note": text} if "note" in asks.model_fields else {}))
        for who in people[number % every :: every]:
            headers = who.headers | {"If-Match": "*"}
            answer = scene.api.http.post(filled(scene, route.path), headers=headers, json={"form": form})
            yield _heard(f"POST {route.path}", who, answer)


def exceptions(scene: Scene) -> Iterator[Out]:
    """What the door raises inside the house, with all that a careless handler could print of it."""
    for route in scene.api.app.routes:
        if isinstance(route, MoveRoute) and not route.row.opens and route.row.workflow.of == "person":
            form = dict(zip(route.row.move.asks.model_fields, cycle(WORDS), strict=False)) | {WORDS[1]: WORDS[2]}
            ask = Ask(a(Role.SUPPORT_WORKER), route.row.name, scene.world.now, case=scene.case, form=form)
            try:
                perform(scene.world.db, scene.world.law, ask)
            except Exception as error:  # noqa: BLE001  whatever it is
                lines = [str(error), repr(error), *traceback.format_exception_only(error)]
                yield Out(f"exception {route.row.name}", None, "\n".join(lines).encode())


def shown_once(scene: Scene) -> Iterator[Out]:
    """The one answer that holds the address."""
    yield _heard("REVEAL /v1/cases/{case}/reveals/{reveal}/address", scene.who("the worker"), scene.answer)


def commands(scene: Scene) -> Iterator[Out]:
    """What the command line prints of the case, and says where it is asked wrongly."""
    url = scene.world.db.url.render_as_string(hide_password=False)
    given = {"LODESTAR_DATA": str(scene.folder), "LODESTAR_KEYS": str(scene.folder / "cli-keys"),
             "LODESTAR_DATABASE_URL": url}  # fmt: skip
    out = scene.folder / "bundle.json"
    with ExitStack() as closed, pytest.MonkeyPatch.context() as patch:

        def opened(settings: Settings) -> Database:
            return closed.enter_context(closing(OPEN(settings)))  # a process of its own would close it by ending

        patch.setattr(place, "open_database", opened)
        for name, value in given.items():
            patch.setenv(name, value)
        for line in (
            ("export", scene.case, "--out", str(out)), ("explain", scene.reference, "--json"), ("check",), ("verify",),
            ("as-it-stood", scene.reference, "--at", scene.world.now.isoformat(), "--json"), ("user", "list"),
            ("agency", "list"), ("client", "list"), ("agreement", "list"), ("explain", WORDS[2]), ("verify", WORDS[5]),
            ("as-it-stood", WORDS[5], "--at", WORDS[2]),
        ):  # fmt: skip
            said = io.StringIO()
            with redirect_stdout(said), redirect_stderr(said):
                ended = main(list(line))
            yield Out(f"lodestar {line[0]}", None, said.getvalue().encode(), ended)


def written(scene: Scene, office: PostOffice, log: io.StringIO) -> Iterator[Out]:
    """What is left behind: mails, files, what the commands print, the log, the database without its keys."""
    messages(scene, **office.settings)
    for mail in office.mails:
        parsed = message_from_bytes(mail.partition(b"\n\n")[2] or mail)
        plain = parsed.get_payload(decode=True)
        yield Out("mail", None, mail + (plain if isinstance(plain, bytes) else b""))
    yield from commands(scene)
    yield from files(scene)
    yield Out("log", None, log.getvalue().encode())
    yield Out("database", None, stored(scene.world))
    yield Out("database server's log", None, server_log(scene.world))


def stored(world: World) -> bytes:
    """Every byte that the database keeps: on SQLite its files, on PostgreSQL every row of every table."""
    if not world.db.is_postgres:
        file = Path(str(world.db.url.database))
        return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
    found = []
    owner = world.db.url.set(username=OWNER).render_as_string(hide_password=False)
    with psycopg.connect(plain(owner)) as raw:
        for (table,) in raw.execute("select relname from pg_stat_user_tables").fetchall():
            with raw.cursor().copy(f'copy "{table}" to stdout') as copy:
                found += [bytes(block) for block in copy]
    return b"".join(found)


def server_log(world: World) -> bytes:
    """What PostgreSQL itself has written down, where it can be read."""
    if not world.db.is_postgres:
        return b""
    owner = world.db.url.set(username=OWNER).render_as_string(hide_password=False)
    with psycopg.connect(plain(owner)) as raw:
        row = raw.execute("show data_directory").fetchone()
    log = Path(str(row[0] if row else "")).parent / "log"
    return log.read_bytes() if log.is_file() else b""


def messages(scene: Scene, **smtp: Any) -> None:
    """Let everything that waits be reminded of, sent and signed: to the given post office, or to the message log."""
    settings = Settings(data=scene.folder, witness_file=scene.folder / "elsewhere.jsonl", **smtp)
    for _ in range(3):
        beat(scene.world.db, scene.world.law, settings, scene.world.later(minutes=1))


def files(scene: Scene) -> Iterator[Out]:
    """Whatever was written beside the database, but for the keys."""
    for path in sorted(scene.folder.rglob("*")):
        inside = path.relative_to(scene.folder)
        if path.is_file() and "lodestar.db" not in path.name and inside.parts[0] not in ("keys", "cli-keys"):
            yield Out(f"file {inside}", None, path.read_bytes())
