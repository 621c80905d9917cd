"""What goes wrong, in words that a person can do something about. No command knows the libraries' errors; this does."""

from collections.abc import Mapping
from typing import Any


def in_words(error: Exception) -> str | None:
    """A plain sentence; None for a fault of ours, which should be seen whole."""
    from api.cli.words import Wrong
    from referral.errors import Refusal

    if isinstance(error, Refusal):
        return _refused(error)
    if isinstance(error, Wrong) or type(error).__name__ == "LawError":
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
    origin = type(error).__module__.partition(".")[0]
    if origin == "sqlalchemy":
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return f"The database cannot be used: {cause}. Is LODESTAR_DATABASE_URL right, and was `lodestar migrate` run?"
    if origin == "pydantic_core" and getattr(error, "title", "") == "Settings":
        return "; ".join(f"LODESTAR_{_place(one).upper()}: {says(one)}" for one in error.errors())  # type: ignore[attr-defined]
    return None


def says(found: Mapping[str, Any]) -> str:
    """What is wrong with one value; the library's own sentence only where none of ours fits."""
    rule, more = str(found["type"]), found.get("ctx", {})
    own = OF_FIELD.get(_place(found))
    if own and rule.startswith("string"):
        return own
    if rule in ("enum", "literal_error"):
        return f"this is not one of {str(more.get('expected', '')).replace(chr(39), '')}"
    if rule in ("greater_than_equal", "less_than_equal"):
        return f"must be at least {more['ge']}" if "ge" in more else f"must be at most {more['le']}"
    if rule == "value_error":
        return str(more.get("error", found["msg"]))
    return next((words for begins, words in OF_RULE.items() if rule.startswith(begins)), str(found["msg"]))


def _refused(error: Any) -> str:
    """Every reason; the kind of refusal only where there is none, for it speaks of cases and moves."""
    wrong = error.more.get("wrong")
    fields = [f"{_place(one)}: {says(one)}." for one in wrong.errors()] if wrong else []
    return " ".join([*(reason.says for reason in error.reasons), *fields]) or str(error.says)


def _place(found: Mapping[str, Any]) -> str:
    """The name of the value; which one of a list it is, nobody asks."""
    return ".".join(str(step) for step in found["loc"] if not isinstance(step, int))


OF_RULE = {"int": "must be a whole number", "bool": "must be true or false"}  # what the rule begins with
OF_FIELD = {
    "email": "this is no e-mail address such as nora@beacon.example",
    "id": "up to 64 small letters, digits, dots, - and _, beginning with a letter or digit",
    "name": "one line, which is not empty and not too long",
    "password": "this is too short or too long for a password",
}
