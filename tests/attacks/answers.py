"""An answer, as tests compare it."""

from typing import Any


def code_of(answer: Any) -> tuple[int, str]:
    """Its status, and the code of its problem."""
    return answer.status_code, answer.json().get("code", "")


def same(answer: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All of an answer that could tell something; the trace id is random."""
    told = {name: value for name, value in answer.json().items() if name != "trace_id"}
    return answer.status_code, told, {name: value for name, value in answer.headers.items() if name != "date"}
