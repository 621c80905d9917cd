"""The log of this process, written as a server writes it, and put back afterwards as it was."""

import io
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from api.vocabulary import words
from referral import logs


@contextmanager
def served_log() -> Iterator[io.StringIO]:
    """Whatever this process logs meanwhile."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook, sys.unraisablehook)
    before, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # a server of another test may have taken them over
        library = logging.getLogger(name)
        library.handlers, library.propagate, library.disabled = [], True, False
        library.setLevel(logging.NOTSET)
    stream = io.StringIO()
    logs.configure(words(), stream)
    try:
        yield stream
    finally:
        structlog.reset_defaults()
        logging.captureWarnings(capture=False)
        root.handlers[:], root.level, logging.raiseExceptions = before, level, raising
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
