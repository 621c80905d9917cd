"""The parts that forms of explaining and agreeing have in common: in which language, through whom, and signed how."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from workflows.forms import Code, Form

ANY_INTERPRETER = Literal["none_needed", "professional", "phone", "companion"]


def _no_companion(interpreter: str) -> str:
    if interpreter == "companion":
        raise ValueError("a companion is never the interpreter: they may be with whoever exploits the person")
    return interpreter


Interpreter = Annotated[ANY_INTERPRETER, AfterValidator(_no_companion)]


class Spoken(Form):
    """In which language something was said, and through whom."""

    language: Code
    interpreter: Interpreter


class Signed(Spoken):
    """Words that bind: written and signed by the person, or spoken and signed by a professional who heard them."""

    how: Literal["written", "verbal"]
    signed_by: Literal["person", "professional"] | None = None

    @model_validator(mode="after")
    def _signature_fits(self) -> Self:
        expected = "person" if self.how == "written" else "professional"
        if self.signed_by not in (None, expected):
            raise ValueError(f"what is {self.how} is signed by the {expected}")
        return self
