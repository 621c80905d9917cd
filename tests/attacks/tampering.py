"""What somebody does to the history who owns the database: each attack does it, and says what must then be named."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlmodel import Session

from referral import audit, checkpoints
from referral.checkpoints import Statement
from referral.models import Event
from tests.attacks.ledgers import (
    ORIGIN,
    Ledger,
    Line,
    edited,
    rebuild,
    relinked,
    replant,
    resign,
    stolen,
)


@dataclass
class Bad:
    """What must be named: the kind, and the place by its number, by case and event, or both."""

    kind: str
    number: int | None = None
    case: str = ""
    seq: int = 0


Attack = Callable[[Session, Ledger, list[Line], random.Random], Bad]


def _edit(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    place = dice.randrange(len(lines))
    case, seq, _, body = edited(lines[place])
    session.execute(
        text("update events set body = :body where case_id = :case and seq = :seq"),
        {"body": body, "case": case, "seq": seq},
    )
    return Bad("edited", place + 1, case, seq)


def _delete(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    place = dice.randrange(len(lines))
    case, seq, *_ = lines[place]
    session.execute(text("delete from events where case_id = :case and seq = :seq"), {"case": case, "seq": seq})
    return Bad("missing", place + 1, case, seq)


def _replay(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    """A true event once more, at the end of some case, which is made to fit it."""
    case = dice.choice(lines)[0]
    wanted = text("select version, head, id from cases where id = :case")
    version, head, _ = session.execute(wanted, {"case": case}).one()
    body, head = dice.choice(lines)[3], bytes(head)
    own = audit.link(head, body.encode())
    at = session.execute(text("select max(opened_at) from cases")).scalar_one()
    session.execute(
        text("insert into events values (:case, :seq, :at, :body, :prev, :own)"),
        {"case": case, "seq": version + 1, "at": at, "body": body, "prev": head, "own": own},
    )
    session.execute(
        text("update cases set version = version + 1, head = :own where id = :case"), {"own": own, "case": case}
    )
    return Bad("inserted", None, case, version + 1)


def _swap(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    places = {(case, seq): place for place, (case, seq, _, _) in enumerate(lines)}
    case, seq = dice.choice([(case, seq) for case, seq in places if (case, seq + 1) in places])
    one, two = session.get_one(Event, (case, seq)), session.get_one(Event, (case, seq + 1))
    for name in ("body", "prev", "hash"):
        mine = getattr(one, name)
        setattr(one, name, getattr(two, name))
        setattr(two, name, mine)
    return Bad("swapped", places[case, seq] + 1, case, seq)


def _cut(session: Session, ledger: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    """The newest events, with everything but the checkpoints made to fit."""
    left = dice.randrange(1, ledger.marks[-1])
    _only(session, lines[:left])
    return Bad("cut", left + 1)


def _remove_case(session: Session, ledger: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    """A whole case, with numbers and tree made anew; the checkpoints stay."""
    firsts = {case: place for place, (case, seq, _, _) in enumerate(lines) if seq == 1}

    def seen(case: str) -> bool:  # otherwise it is the same as if the newest events had been cut off
        rest = sum(one[0] != case for one in lines)
        return min(size for size in ledger.marks if size > firsts[case]) <= rest < ledger.marks[-1]

    case = dice.choice([case for case in firsts if seen(case)])
    _only(session, [line for line in lines if line[0] != case])
    return Bad("case_removed", firsts[case] + 1)


def _edit_row(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    case = dice.choice(lines)[0]
    session.execute(text("update cases set owner_agency = 'somebody' where id = :case"), {"case": case})
    version = session.execute(text("select version from cases where id = :case"), {"case": case}).scalar_one()
    place = {(one, seq): place + 1 for place, (one, seq, _, _) in enumerate(lines)}.get((case, version))
    return Bad("row_edited", place, case, version)


def _fork(session: Session, ledger: Ledger, _: list[Line], dice: random.Random) -> Bad:
    """Another root of the same size, signed by the true key."""
    size = dice.choice(ledger.marks[:-1])
    said = Statement(ORIGIN, size, dice.randbytes(32), 1, ledger.now)
    session.execute(
        text("update checkpoints set note = :note, root = :root where size = :size"),
        {"note": checkpoints.sign(stolen(ledger), ORIGIN, said), "root": said.root, "size": size},
    )
    return Bad("forked", size)


def _rewrite(session: Session, lines: list[Line], dice: random.Random) -> tuple[int, list[Line]]:
    """One event changed, and everything in the database made to fit it."""
    place = dice.randrange(len(lines))
    new = relinked([*lines[:place], edited(lines[place]), *lines[place + 1 :]])
    rebuild(session, new)
    return place + 1, new


def _rewrite_keeping(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    return Bad("rewritten", _rewrite(session, lines, dice)[0])


def _rewrite_with_own_key(session: Session, ledger: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    _, new = _rewrite(session, lines, dice)
    resign(session, new, ledger.marks, Ed25519PrivateKey.from_private_bytes(dice.randbytes(32)), ledger.now)
    return Bad("resigned", 1)


def _rewrite_dropping(session: Session, ledger: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    number, _ = _rewrite(session, lines, dice)
    session.execute(text("delete from checkpoints where size >= :size"), {"size": number})
    return Bad("checkpoints_dropped", number)


def _rewrite_with_stolen_key(session: Session, ledger: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    number, new = _rewrite(session, lines, dice)
    resign(session, new, ledger.marks, stolen(ledger), ledger.now)
    return Bad("rewritten", number)


def _roll_back(session: Session, ledger: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    """As the database was when it had so many events."""
    left = dice.randrange(1, ledger.marks[-1])
    _only(session, lines[:left])
    session.execute(text("delete from checkpoints where size > :left"), {"left": left})
    return Bad("rolled_back", left + 1)


def _only(session: Session, lines: list[Line]) -> None:
    rebuild(session, lines)
    session.flush()
    session.execute(text("delete from cases where id not in (select case_id from events)"))


def rows_as_told(session: Session, told: Any) -> dict[str, list[str]]:
    """A check of rows as small as can be: the digest of a case that nobody touched is zero."""
    owners = dict(session.execute(text("select id, owner_agency from cases")).all())
    live = {case: "0" * 32 if owners.get(case) == "nobody" else "1" * 32 for case in told}
    wrong = {
        case: [row for row, digest in rows.items() if row == f"cases:{case}" and digest != live[case]]
        for case, rows in told.items()
    }
    return {case: rows for case, rows in wrong.items() if rows}


# fmt: off
ATTACKS: dict[str, tuple[Attack, bool]] = {
    # what is done                                       by whom                   seen from inside the database
    "edit a body":                                      (_edit,                    True),
    "delete a row":                                     (_delete,                  True),
    "insert or replay a row":                           (_replay,                  True),
    "swap neighbours":                                  (_swap,                    True),
    "cut the newest rows, checkpoints kept":            (_cut,                     True),
    "remove a whole case and relink":                   (_remove_case,             True),
    "edit a domain row behind the log":                 (_edit_row,                True),
    "fork: another root of the same size":              (_fork,                    True),
    "rewrite all, checkpoints kept":                    (_rewrite_keeping,         True),
    "rewrite all, checkpoints re-signed with an own key": (_rewrite_with_own_key,  True),
    "rewrite all, checkpoints dropped":                 (_rewrite_dropping,        False),
    "rewrite all, signer key stolen":                   (_rewrite_with_stolen_key, False),
    "roll the database back to an older copy":          (_roll_back,               False),
}
# fmt: on


def _move_numbers(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    """Two events of one case change their numbers."""
    places: dict[str, list[int]] = {}
    for place, (case, *_) in enumerate(lines):
        places.setdefault(case, []).append(place)
    case = dice.choice([case for case, some in places.items() if len(some) > 1])
    one, two = places[case][:2]
    lines[one], lines[two] = lines[two], lines[one]
    replant(session, lines)
    return Bad("renumbered", one + 1, case, 2)


def _edit_leaf(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    place = dice.randrange(len(lines))
    session.execute(text("update leaves set hash = :hash where number = :n"), {"hash": bytes(32), "n": place + 1})
    return Bad("leaf", place + 1, *lines[place][:2])


def _drop_leaf(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    place = dice.randrange(len(lines) - 1)
    session.execute(text("delete from leaves where number = :n"), {"n": place + 1})
    return Bad("missing", place + 1)


def _remove_case_plainly(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    case = dice.choice(lines)[0]
    for table, column in (("events", "case_id"), ("unsealed", "case_id"), ("cases", "id")):
        session.execute(text(f"delete from {table} where {column} = :case"), {"case": case})  # noqa: S608
    number = next(place for place, line in enumerate(lines, 1) if line[0] == case)
    return Bad("case_removed", number, case, 1)


def _edit_checkpoint(session: Session, ledger: Ledger, _: list[Line], dice: random.Random) -> Bad:
    size = dice.choice(ledger.marks)
    session.execute(
        text("update checkpoints set note = replace(note, 'cases', 'cases 1') where size = :size"), {"size": size}
    )
    return Bad("checkpoint", size)


def _edit_head(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    session.execute(text("update tree_heads set root = :root"), {"root": bytes(32)})
    return Bad("tree_head", len(lines) + 1)


def _queue_again(session: Session, __: Ledger, lines: list[Line], dice: random.Random) -> Bad:
    place = dice.randrange(len(lines))
    case, seq, *_ = lines[place]
    session.execute(text("insert into unsealed values (:case, :seq)"), {"case": case, "seq": seq})
    return Bad("queue", place + 1, case, seq)


MORE: dict[str, Attack] = {
    "events of a case change numbers": _move_numbers,
    "edit a leaf": _edit_leaf,
    "drop a leaf": _drop_leaf,
    "remove a whole case and nothing else": _remove_case_plainly,
    "edit a checkpoint": _edit_checkpoint,
    "edit the head of the tree": _edit_head,
    "let an event wait again": _queue_again,
}
