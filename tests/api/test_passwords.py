"""Passwords and client secrets: kept so that nobody can read them, checked so that the time taken tells nothing."""

import hashlib
import unicodedata
from collections.abc import Iterator
from statistics import median
from time import perf_counter

import pytest
from argon2 import PasswordHasher, extract_parameters

from api import passwords
from api.passwords import (
    BadPassword,
    check_password,
    check_secret,
    hash_password,
    is_outdated,
    new_secret,
)
from tests.cheap import at_the_real_price

GOOD = "a lantern in the harbour"
with at_the_real_price():
    STORED = hash_password(GOOD)


@pytest.fixture(autouse=True)
def _real() -> Iterator[None]:
    with at_the_real_price():
        yield


def test_the_right_password_is_taken_and_a_wrong_one_is_not() -> None:
    assert check_password(GOOD, STORED)
    assert not check_password(GOOD + " ", STORED)
    assert not check_password(GOOD.upper(), STORED)
    assert not check_password("", STORED)


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    assert STORED.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert GOOD not in STORED
    assert hash_password(GOOD) != STORED


@pytest.mark.parametrize(
    "stored", (None, "", "x", "$argon2id$", "$argon2id$\u00e9", "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAA")
)
def test_without_a_sound_hash_no_password_is_right(stored: str | None) -> None:
    assert not check_password(GOOD, stored)
    assert not check_password("", stored)


def test_a_hash_of_a_weaker_kind_is_not_accepted() -> None:
    assert not check_password(GOOD, STORED.replace("argon2id", "argon2i", 1))


def test_the_stand_in_for_an_unknown_account_costs_what_a_real_one_does() -> None:
    assert extract_parameters(passwords._NOBODY) == extract_parameters(STORED)


def test_an_unknown_account_takes_as_long_to_refuse_as_a_known_one() -> None:
    def seconds(stored: str | None) -> float:
        times = []
        for _ in range(3):
            start = perf_counter()
            check_password("not the password", stored)
            times.append(perf_counter() - start)
        return median(times)

    assert 0.3 < seconds(None) / seconds(STORED) < 3


@pytest.mark.parametrize("password", ("short", "elevenchars", "x" * 257, "a lantern \ud800 in the harbour"))
def test_what_cannot_be_a_password_is_refused_without_being_said(password: str) -> None:
    with pytest.raises(BadPassword) as caught:
        hash_password(password)
    assert password not in str(caught.value)
    assert not check_password(password, STORED)


def test_the_longest_password_is_taken_whole() -> None:
    stored = hash_password("x" * 255 + "y")
    assert check_password("x" * 255 + "y", stored)
    assert not check_password("x" * 256, stored)


def test_a_password_is_the_same_on_any_keyboard() -> None:
    composed = "Zo\u00eb waits at the caf\u00e9"
    assert check_password(unicodedata.normalize("NFD", composed), hash_password(composed))


def test_a_hash_with_older_parameters_is_outdated_and_still_checks() -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    assert is_outdated(older)
    assert check_password(GOOD, older)
    assert not is_outdated(STORED)


def test_a_new_secret_is_long_random_and_kept_only_as_its_digest() -> None:
    one, two = new_secret(), new_secret()
    assert one.shown != two.shown
    assert len(one.shown) == len("lds_") + 43
    assert one.stored == hashlib.sha256(one.shown.encode()).hexdigest()
    assert one.shown not in repr(one)
    assert one.stored not in repr(one)


def test_only_the_secret_itself_is_taken() -> None:
    secret = new_secret()
    assert check_secret(secret.shown, secret.stored)
    for wrong in ("", secret.shown[:-1], secret.shown + " ", secret.stored, new_secret().shown, "\ud800", "\u00e9"):
        assert not check_secret(wrong, secret.stored)


@pytest.mark.parametrize("stored", (None, "", "\u00e9", "0" * 64))
def test_an_unknown_client_has_no_right_secret(stored: str | None) -> None:
    assert not check_secret(new_secret().shown, stored)
    assert not check_secret("", stored)
