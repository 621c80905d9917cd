"""The base of what a move must be told, and the kinds of field. Free text and personal data are marked, so that they never enter events."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

EARLIEST, LATEST = date(1991, 1, 1), date(2090, 12, 31)  # what the calendars can reckon with, and some room
OLDEST = date(1900, 1, 1)  # of a day of birth


class Free:
    """Marks a field that may hold personal data: kept as a note of the case, never in a strand, an event or a message."""

    def __init__(self, *, text: bool = False) -> None:
        """`text` is for words of any kind, which should say nothing that has a field of its own."""
        self.text = text


class Refers:
    """Marks a field that names an agency, a person of staff, a bed or a case; the door reads these rows with the case."""

    def __init__(self, kind: str) -> None:
        """`kind` is agency, user, bed or case."""
        self.kind = kind


def _sane_text(text: str) -> str:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds a character that cannot be stored")
    return text


def _sane_day(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"must lie between {EARLIEST} and {LATEST}")
    return day


def _sane_birth(day: date) -> date:
    if not OLDEST <= day <= LATEST:
        raise ValueError(f"must lie between {OLDEST} and {LATEST}")
    return day


def _sane_moment(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("needs a time zone, such as Z or +01:00")
    _sane_day(moment.date())
    return moment.astimezone(UTC)


_ID = r"^[0-9a-f]{32}$"
_SLUG = r"^[a-z0-9][a-z0-9._-]{0,63}$"
_sane = AfterValidator(_sane_text)

Text = Annotated[
    str, StringConstraints(min_length=1, max_length=15_000), _sane, Free(text=True)
]  # free text, up to 15,000 characters
Line = Annotated[str, StringConstraints(min_length=1, max_length=200), _sane, Free()]  # one line that may name somebody
Code = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=_SLUG)
]  # a coded value or reference of ours
Day = Annotated[date, AfterValidator(_sane_day)]
BirthDay = Annotated[date, AfterValidator(_sane_birth), Free()]
Moment = Annotated[datetime, AfterValidator(_sane_moment)]  # with a zone; kept in UTC
AgencyId = Annotated[str, StringConstraints(pattern=_SLUG), Refers("agency")]
UserId = Annotated[str, StringConstraints(pattern=_ID), Refers("user")]
BedId = Annotated[str, StringConstraints(pattern=_ID), Refers("bed")]
CaseId = Annotated[str, StringConstraints(pattern=_ID), Refers("case")]


class Form(BaseModel):
    """What a move must be told. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    free: ClassVar[frozenset[str]] = frozenset()  # names of the fields that may hold personal data
    texts: ClassVar[frozenset[str]] = frozenset()  # those of them that are free text
    refers: ClassVar[dict[str, str]] = {}  # field -> agency | user | bed | case

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Sort the fields once, when the form is declared."""
        super().__pydantic_init_subclass__(**kwargs)
        marks = {name: _marks(field) for name, field in cls.model_fields.items()}
        cls.free = frozenset(name for name, found in marks.items() if any(isinstance(mark, Free) for mark in found))
        cls.texts = frozenset(
            name for name, found in marks.items() if any(isinstance(m, Free) and m.text for m in found)
        )
        cls.refers = {name: mark.kind for name, found in marks.items() for mark in found if isinstance(mark, Refers)}

    def facts(self) -> dict[str, Any]:
        """What the strand may remember: everything told but free text, in JSON's types."""
        return self.model_dump(mode="json", exclude=set(self.free), exclude_none=True)

    def told_freely(self) -> list[tuple[str, str]]:
        """(field, text) of every text that will be a note."""
        found = []
        for name, told in self.notes().items():
            rest = [told]
            while rest:
                one = rest.pop()
                if isinstance(one, str):
                    found.append((name, one))
                elif isinstance(one, (list, dict)):
                    rest += one.values() if isinstance(one, dict) else one
        return found

    def notes(self) -> dict[str, Any]:
        """The free text, which is kept apart."""
        if all(getattr(self, name) is None for name in self.free):
            return {}
        return self.model_dump(mode="json", include=set(self.free), exclude_none=True)


def _marks(field: Any) -> list[Any]:
    """The marks of a field, also inside `X | None` and `list[X]`."""
    found, rest = list(field.metadata), [field.annotation]
    while rest:
        inner = rest.pop()
        found += getattr(inner, "__metadata__", ())
        rest += [getattr(inner, "__origin__", None)] if hasattr(inner, "__metadata__") else []
        rest += [arg for arg in getattr(inner, "__args__", ()) if arg is not inner]
    return found


class Nothing(Form):
    """The move needs to be told nothing."""


class Because(Form):
    """Why, as a code, and in words if more is to be said."""

    reason: Code
    note: Text | None = None


class Note(Form):
    """In words, if more is to be said."""

    note: Text | None = None
