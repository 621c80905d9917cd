"""Ids and spoken references. Random, so that nothing about a person or an order can be read from them."""

import secrets

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U, which are misheard and misread
LENGTH = 9  # eight letters and the one that checks them


def new_id() -> str:
    """128 random bits, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def new_reference() -> str:
    """A reference to be spoken, such as 7KQ4-2MX9-T: 40 random bits and a check letter."""
    number = secrets.randbits(40)
    letters = "".join(_LETTERS[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:4]}-{letters[4:]}-{_check(letters)}"


def read_reference(spoken: str) -> str | None:
    """The reference as it is stored, from however it was typed; None where the check letter does not fit."""
    letters = "".join(spoken.upper().replace("O", "0").replace("I", "1").replace("L", "1").replace("U", "V").split())
    letters = letters.replace("-", "")
    if len(letters) != LENGTH or any(letter not in _LETTERS for letter in letters) or _check(letters[:8]) != letters[8]:
        return None
    return f"{letters[:4]}-{letters[4:8]}-{letters[8]}"


def _check(letters: str) -> str:
    # Weights that are odd, so that one wrong letter or two neighbours exchanged change the sum modulo 32.
    return _LETTERS[sum((2 * place + 1) * _LETTERS.index(letter) for place, letter in enumerate(letters)) % 32]
