"""Log lines: one JSON object each, in UTC, of known names and harmless values alone. Anything else is dropped, counted.

An allow-list, not a search for what looks personal: a value leaves only if its name stands in KEYS and it is a word
that is known beforehand, or has the shape of an id or of a small number. Texts of errors and of libraries never leave;
of an error, its type and our own files and lines do.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import orjson
import structlog

ROOT = Path(__file__).resolve().parents[1]
OURS = ("api", "referral", "workflows")
EVENTS = frozenset({
    "request", "unexpected error", "answer broke off", "heartbeat failed", "move failed", "deadline not understood",
    "library", "uncaught", "other", "serving",
})  # fmt: skip
LEVELS = frozenset({"debug", "info", "warning", "error", "critical"})
LIBRARIES = ("uvicorn", "sqlalchemy", "alembic", "apscheduler", "asyncio", "py.warnings", "concurrent", "fastapi")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"})
MOST_FRAMES = 12

_ID = re.compile(r"[0-9a-f]{32}")
_ACTOR = re.compile(r"user:[0-9a-f]{32}|client:[a-z0-9][a-z0-9._-]{0,63}|system")
_SOURCE = re.compile(r"[A-Za-z_]\w{0,63}:[0-9]{1,6}")
_known: set[str] = set()
_stamped = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")


def _an_id(value: object) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _an_actor(value: object) -> bool:
    return isinstance(value, str) and bool(_ACTOR.fullmatch(value))


def _a_word(value: object) -> bool:
    return isinstance(value, str) and value in _known


def _an_error(value: object) -> bool:
    """Whether this is the name of a class of errors that exists, not a word that looks like one."""
    return isinstance(value, str) and value.isidentifier() and (value in _errors() or value in _errors(fresh=True))


def _within(least: float, most: float) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most

    return fits


def _among(words: Collection[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in words


# fmt: off
KEYS: Mapping[str, Callable[[object], bool]] = {  # name -> what its value must be
    "event":    _among(EVENTS),
    "level":    _among(LEVELS),
    "method":   _among(METHODS),
    "type":     _an_error,
    "route":    _a_word,   "move":   _a_word,   "code":   _a_word,   "workflow": _a_word,   "rule": _a_word,
    "trace_id": _an_id,    "case":   _an_id,    "strand": _an_id,    "deadline": _an_id,    "message": _an_id,
    "actor":    _an_actor,
    "status":   _within(100, 599),
    "ms":       _within(0, 10_000_000),
    "seconds":  _within(0, 10_000_000),
    "count":    _within(0, 10_000_000),
}
# fmt: on


def allowed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Of what a line was told, all that may leave, and how much was dropped."""
    kept = {key: value for key, value in told.items() if (fits := KEYS.get(key)) is not None and fits(value)}
    if "event" not in kept:
        kept["event"] = "other"
    dropped = len(told.keys() - kept.keys()) + (told.get("event", kept["event"]) != kept["event"])
    return {**kept, "dropped": dropped} if dropped else kept


def know(*words: str) -> None:
    """Let these words stand as a route, a move or a code. Only for what is written in the code itself."""
    _known.update(words)


def configure(known: Collection[str] = (), out: TextIO | None = None) -> None:
    """Send every line of this process, ours and the libraries', through the filter and to `out`, else to stderr.

    `known` are the words that may stand as a route, a move or a code. Called once, by each process that serves.
    """
    know(*known)
    structlog.configure(
        processors=[structlog.processors.add_log_level, _render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(out or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    root.addHandler(Filtering(out))
    root.setLevel(logging.WARNING)
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(LIBRARIES):  # a handler of a library's own would go past the filter
            logging.getLogger(name).handlers.clear()
            logging.getLogger(name).propagate = True
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # or a record that cannot be formatted is printed whole
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda given: _tell_uncaught(given.exc_value)
    threading.excepthook = lambda given: _tell_uncaught(given.exc_value)


class Filtering(logging.Handler):
    """Where the standard library's logging ends: of a record its logger, place, level and type of error."""

    def __init__(self, out: TextIO | None = None) -> None:
        """Write to `out`, else to stderr."""
        super().__init__()
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. The record's text and arguments are not read at all."""
        error = record.exc_info[1] if record.exc_info else None
        name = next((name for name in LIBRARIES if record.name.startswith(name)), "other")
        more = {"logger": name, **_about(error)}
        if _SOURCE.fullmatch(source := f"{record.module}:{record.lineno}"):
            more["source"] = source
        out = self._out or sys.stderr
        out.write(_line({"event": "library", "level": record.levelname.lower()}, more) + "\n")
        out.flush()


def frames(error: BaseException) -> list[str]:
    """Our own files and lines that an error came through, the innermost last."""
    return list(_frames(error.__traceback__))[-MOST_FRAMES:]


def _frames(found: TracebackType | None) -> Iterator[str]:
    for frame, line in traceback.walk_tb(found):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in OURS:
            yield f"{path.relative_to(ROOT).as_posix()}:{line}"


def _about(error: BaseException | None) -> dict[str, Any]:
    """What is told of an error. Its classes and files are ours or a library's, never out of a request."""
    if error is None:
        return {}
    return {"type": type(error).__name__, "frames": frames(error)}


def _line(told: Mapping[str, Any], more: Mapping[str, Any]) -> str:
    return orjson.dumps({**_stamped(None, "", {}), **allowed(told), **more}).decode()


def _render(_: Any, __: str, told: Mapping[str, Any]) -> str:
    """The last step of structlog: a line. An error that is handed over is told by its type and our frames."""
    error = told.get("exc_info")
    if error is True:
        error = sys.exc_info()[1]
    rest = {str(key): value for key, value in told.items() if key != "exc_info"}
    return _line(rest, _about(error if isinstance(error, BaseException) else None))


def _uncaught(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    _tell_uncaught(error)


def _tell_uncaught(error: BaseException | None) -> None:
    if not isinstance(error, SystemExit | KeyboardInterrupt):
        sys.stderr.write(_line({"event": "uncaught", "level": "critical"}, _about(error)) + "\n")


def _errors(*, fresh: bool = False) -> frozenset[str]:
    if fresh:
        _named_errors.cache_clear()
    return _named_errors()


@lru_cache(maxsize=1)
def _named_errors() -> frozenset[str]:
    names, waiting = set[str](), [BaseException]
    while waiting:
        for kind in type.__subclasses__(waiting.pop()):
            if kind.__name__ not in names:
                names.add(kind.__name__)
                waiting.append(kind)
    return frozenset(names)
