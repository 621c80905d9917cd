"""The text of checkpoints and what signatures over it are worth."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from referral import checkpoints
from referral.checkpoints import COSIGNS, Statement, cosigned_at, public_key, read, read_key, sign, signer_of
from tests.world import START

OURS, OTHER = Ed25519PrivateKey.from_private_bytes(b"1" * 32), Ed25519PrivateKey.from_private_bytes(b"2" * 32)
NAME = "lodestar.invalid/log"
SAID = Statement(NAME, 17, bytes(range(32)), 3, START)
NOTE = sign(OURS, NAME, SAID)
KEY = public_key(OURS, NAME)


def test_a_note_is_read_as_it_was_signed() -> None:
    assert NOTE.splitlines()[:5] == [
        NAME, "17", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "cases 3", "time 2026-09-16T09:00:00Z",
    ]  # fmt: skip
    assert read(NOTE) == SAID
    assert signer_of(NOTE, [public_key(OTHER, NAME), KEY]) == KEY
    assert checkpoints.names_key(NOTE, KEY)


def test_a_published_key_is_read_as_it_was_written() -> None:
    assert read_key(str(KEY)) == KEY
    assert read_key(f"{KEY}\n") == KEY
    assert str(KEY).startswith(f"{NAME}+")


@pytest.mark.parametrize("key", (public_key(OTHER, NAME), public_key(OURS, "other"), public_key(OURS, NAME, COSIGNS)))
def test_no_other_key_counts(key: checkpoints.PublicKey) -> None:
    assert signer_of(NOTE, [key]) is None
    assert not checkpoints.names_key(NOTE, key)


@given(st.data())
def test_a_note_of_which_one_character_was_changed_counts_for_nothing(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(NOTE) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != NOTE[place]))
    assert signer_of(NOTE[:place] + other + NOTE[place + 1 :], [KEY]) is None


TEXT, LINE = NOTE.split("\n\n")
# fmt: off
BROKEN = (
    "", "\n\n", TEXT, NOTE[:-1], f"{TEXT}\n\n", f"{TEXT}\n\nx\n", NOTE.replace("cases 3", "cases 03"),
    NOTE.replace("\n17\n", "\n-1\n"), NOTE.replace("time 2026-09-16T09:00:00Z", "time 2026-9-16T09:00:00Z"),
    NOTE.replace("time 2026-09-16", "time 2026-13-16"), NOTE.replace("Hh8=", "Hh8"), NOTE.replace("Hh8=", "Hh9="),
    NOTE.replace("cases 3\n", ""), NOTE.replace(NAME, "a b"), NOTE.replace("cases 3", "cases 3\nmore"), "x" * 5000,
)
# fmt: on


@pytest.mark.parametrize("note", BROKEN)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(note)


@pytest.mark.parametrize(
    "line", ("", "x", "a+b+c", f"{NAME}+00000000+{str(KEY).rpartition('+')[2]}", str(KEY)[:-2], str(KEY) + "A")
)
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_key(line)
    with pytest.raises(ValueError, match="name"):
        public_key(OURS, "no name")


def test_a_witness_signs_what_it_saw_and_when() -> None:
    witness = public_key(OTHER, "witness.invalid", COSIGNS)
    seen = START + timedelta(seconds=5)
    line = checkpoints.cosign(OTHER, "witness.invalid", NOTE, seen)
    assert cosigned_at(line, NOTE, witness) == datetime(2026, 9, 16, 9, 0, 5, tzinfo=UTC)
    assert cosigned_at(line, NOTE + line, witness) is not None  # further signatures change nothing
    assert cosigned_at(line, sign(OURS, NAME, Statement(NAME, 18, SAID.root, 3, START)), witness) is None
    assert cosigned_at(line, NOTE, public_key(OURS, "witness.invalid", COSIGNS)) is None
    assert cosigned_at(LINE, NOTE, KEY) is None  # the signer's own signature is no cosignature
    assert cosigned_at("x", NOTE, witness) is None
