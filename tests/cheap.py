"""Passwords hashed in no time, or the suite would do little else; tests/api/test_passwords.py holds what they cost."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher, Type

from api import passwords

_REAL = passwords._HASHER, passwords._NOBODY


def make_cheap() -> None:
    """From now on, in this process."""
    passwords._HASHER = PasswordHasher(1, 8, 1, hash_len=32, salt_len=16, type=Type.ID)
    passwords._NOBODY = f"$argon2id$v=19$m=8,t=1,p=1${'A' * 22}${'A' * 43}"


@contextmanager
def at_the_real_price() -> Iterator[None]:
    """As in production, for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", _REAL[0])
        patch.setattr(passwords, "_NOBODY", _REAL[1])
        yield
