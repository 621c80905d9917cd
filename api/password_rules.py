"""Which passwords are refused when they are chosen: common ones, patterns, and whatever is known of their owner.

No rule asks for signs or digits: length and being hard to guess are what counts. The lists of common passwords and the
reckoning are those of zxcvbn, which runs here and asks nobody.
"""

import re

from api.passwords import LONGEST, SHORTEST
from referral.errors import BadForm, Reason
from referral.models import Agency, User

GUESSES = 9.0  # as a power of ten: what a thief of the hashes could try in some years, at a hundred a second
LOOKED_AT = 100  # characters that are weighed; the time taken grows with their square
OF_ONES_OWN = 8  # letters and digits that are left when all that is known of somebody is taken away
_WORDS = re.compile(r"\w{3,}")
_HOUSE = ("lodestar", "referral", "navigator")


def check_new(password: str, user: User, agency: Agency) -> None:
    """Raise BadForm where somebody should choose another one."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _poor(f"A password has between {SHORTEST} and {LONGEST} characters.")
    if is_easily_guessed(password, [user.email, user.name, agency.name, agency.id]):
        raise _poor(
            "This password is too easily guessed: it is common, a pattern, or made of your own name or service."
        )


def is_easily_guessed(password: str, known: list[str]) -> bool:
    """Whether somebody who knows these words would find it."""
    from zxcvbn import zxcvbn  # noqa: PLC0415  its lists take a fifth of a second to load

    words = {word.lower() for text in (*known, *_HOUSE) for word in _WORDS.findall(text)}
    rest = password.lower()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    if sum(letter.isalnum() for letter in rest) < OF_ONES_OWN:
        return True
    found = zxcvbn(password[:LOOKED_AT], user_inputs=[*known, *words], max_length=LOOKED_AT)
    return float(found["guesses_log10"]) < GUESSES


def _poor(says: str) -> BadForm:
    return BadForm(Reason("poor_password", says))
