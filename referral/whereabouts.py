"""What one read of a case brings of where the person lives: houses, who needs to know, locks. Never an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MANY = 6  # the newest reveals of one person that a rule looks at: one more than may be asked for in an hour


@dataclass(frozen=True, slots=True)
class House:
    """A bed that is held for the person, with one address of its place, whether or not it is in force."""

    bed: str
    place: str
    locked: bool  # the whole place is
    address: str | None
    from_at: datetime | None
    until_at: datetime | None

    def stands(self, now: datetime) -> bool:
        """Whether this address is in force."""
        return self.from_at is not None and self.from_at <= now and (self.until_at is None or now < self.until_at)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on the list of those who need to know, or asked for. Whoever was taken off is not among them."""

    id: str
    user_id: str
    agency_id: str
    purpose: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    since: datetime | None
    until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether they may know now."""
        return self.since is not None and self.since <= now < self.until


@dataclass(frozen=True, slots=True)
class Shown:
    """A reveal of whoever asks, of any case."""

    number: int
    at: datetime
    until: datetime
    closed_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Whether it still goes on."""
        return self.closed_at is None and now < self.until


@dataclass(frozen=True, slots=True)
class Lock:
    """The panic lock that stands on the case."""

    id: str
    locked_by: str
    agency_id: str
    locked_at: datetime
    asked_by: str | None
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """All of it. Empty where it was not asked for."""

    houses: tuple[House, ...] = ()
    entries: tuple[Entry, ...] = ()
    shown: tuple[Shown, ...] = ()  # the newest of whoever asks
    lock: Lock | None = None

    @property
    def is_locked(self) -> bool:
        """The case, or a house in which a bed is held."""
        return self.lock is not None or any(house.locked for house in self.houses)

    def house_of(self, bed: str, now: datetime) -> House | None:
        """The house of a bed with the address that is in force; None where there is none."""
        return next((house for house in self.houses if house.bed == bed and house.stands(now)), None)

    def entry(self, named: str) -> Entry | None:
        """The entry of this id."""
        return next((entry for entry in self.entries if entry.id == named), None)


# ruff: noqa: E501 - a row of the table stands on one line
# Table, columns, condition and order of each part, as storage_rows.py has them.
PARTS = {
    "houses": (
        "bed_holds h join beds b on b.id = h.bed_id join places p on p.id = b.place_id left join addresses a on a.place_id = p.id",
        ["b.id", "p.id", "exists(select 1 from address_locks l where l.place_id = p.id and l.opened_at is null)", "a.id", "a.from_at", "a.until_at"],
        "h.case_id = @case and h.held_until is null", "a.from_at, a.id",
    ),
    "entries": (
        "address_readers e", [f"e.{name}" for name in Entry.__slots__], "e.case_id = @case and e.removed_at is null", "e.asked_at, e.id",
    ),
    "shown": (
        "reveals v", [f"v.{name}" for name in Shown.__slots__],
        f"v.user_id = ? and v.number > (select coalesce(max(w.number), 0) - {MANY} from reveals w where w.user_id = ?)", "v.number",  # noqa: S608
    ),
    "lock": ("address_locks k", [f"k.{name}" for name in Lock.__slots__], "k.case_id = @case and k.opened_at is null", ""),
}  # fmt: skip


def asked(user: str) -> list[tuple[str, tuple[Any, ...]]]:
    """Which parts a read needs, with their parameters beside the case."""
    mine: list[tuple[str, tuple[Any, ...]]] = [("shown", (user, user))] if user else []
    return [("houses", ()), ("entries", ()), ("lock", ()), *mine]


def whereabouts(found: Mapping[str, Any]) -> Whereabouts:
    """The rows of a read, each part by its name."""
    entries: list[Any] = list(found.get("entries") or ())
    locks: list[Any] = list(found.get("lock") or ())
    return Whereabouts(
        houses=tuple(House(h[0], h[1], bool(h[2]), h[3], _when(h[4]), _when(h[5])) for h in found.get("houses") or ()),
        entries=tuple(
            Entry(e[0], e[1], e[2], e[3], e[4], _at(e[5]), e[6], _when(e[7]), _at(e[8])) for e in entries
        ),
        shown=tuple(Shown(v[0], _at(v[1]), _at(v[2]), _when(v[3])) for v in found.get("shown") or ()),
        lock=next((Lock(k[0], k[1], k[2], _at(k[3]), k[4], _when(k[5])) for k in locks), None),
    )  # fmt: skip


def _when(value: Any) -> datetime | None:
    return None if value is None else _at(value)


def _at(value: Any) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
