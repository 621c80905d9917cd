from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral import keyfiles
from referral.errors import Erased, NoKeys
from referral.vault import SubjectKey, Vault, Wrapped, open_vault

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
KEY = SubjectKey(bytes(range(32)))
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(WORDS)
def test_what_was_sealed_for_a_place_opens_there(words: str) -> None:
    assert KEY.open("people", "first_name", "a", KEY.seal("people", "first_name", "a", words)) == words


@pytest.mark.parametrize(
    ("table", "column", "row"),
    (("answers", "first_name", "a"), ("people", "last_name", "a"), ("people", "first_name", "b")),
)
def test_what_was_sealed_for_one_place_opens_nowhere_else(table: str, column: str, row: str) -> None:
    sealed = KEY.seal("people", "first_name", "a", "Invented")
    with pytest.raises(NoKeys):
        KEY.open(table, column, row, sealed)


@given(st.integers(0, 59), st.integers(1, 255))
def test_no_byte_of_a_sealed_value_can_be_changed_unseen(place: int, change: int) -> None:
    sealed = bytearray(KEY.seal("people", "first_name", "a", "Invented"))
    assert len(sealed) == 60  # nonce, one block, tag
    sealed[place] ^= change
    with pytest.raises(NoKeys):
        KEY.open("people", "first_name", "a", bytes(sealed))


def test_the_length_of_a_sealed_name_says_little() -> None:
    lengths = {len(KEY.seal("people", "first_name", "a", "x" * many)) for many in range(1, 33)}
    assert len(lengths) == 1


def test_no_two_sealings_use_the_same_nonce() -> None:
    nonces = {KEY.seal("people", "first_name", "a", "x")[:12] for _ in range(5000)}
    assert len(nonces) == 5000


def test_a_wrapped_key_opens_for_its_own_case_only(tmp_path: Path) -> None:
    vault = open_vault(tmp_path, NOW)
    key, kept = vault.make("one")
    sealed = key.seal("people", "first_name", "one", "Invented")
    assert vault.key(kept).open("people", "first_name", "one", sealed) == "Invented"
    with pytest.raises(NoKeys):
        vault.key(Wrapped("two", kept.ring, kept.wrapped))


def test_another_ring_opens_nothing(tmp_path: Path) -> None:
    _, kept = open_vault(tmp_path / "ours", NOW).make("one")
    with pytest.raises(NoKeys):
        open_vault(tmp_path / "theirs", NOW).key(kept)


def test_a_destroyed_key_is_told_from_a_missing_one(tmp_path: Path) -> None:
    vault = open_vault(tmp_path, NOW)
    with pytest.raises(Erased):
        vault.key(Wrapped("one", vault.newest, None))


def test_a_key_that_another_process_added_wraps_from_then_on_and_old_ones_still_open(tmp_path: Path) -> None:
    vault = open_vault(tmp_path, NOW)
    _, before = vault.make("one")
    added = keyfiles.make(tmp_path, "seal", NOW.replace(hour=13))
    _, after = vault.make("two")
    assert (before.ring < added, after.ring) == (True, added)
    assert isinstance(vault.key(before), SubjectKey)
    assert isinstance(vault.key(after), SubjectKey)


def test_a_process_that_started_before_a_key_was_added_opens_what_it_wraps(tmp_path: Path) -> None:
    early = open_vault(tmp_path, NOW)
    keyfiles.make(tmp_path, "seal", NOW.replace(hour=13))
    _, kept = open_vault(tmp_path, NOW).make("one")
    assert kept.ring not in early.ids
    assert isinstance(early.key(kept), SubjectKey)


def test_wrapped_anew_a_key_opens_what_it_sealed_before(tmp_path: Path) -> None:
    vault = open_vault(tmp_path, NOW)
    key, kept = vault.make("one")
    sealed = key.seal("notes", "text", "one/1", "Invented.")
    keyfiles.make(tmp_path, "seal", NOW.replace(hour=13))
    vault.read_again()
    fresh = vault.wrap_anew(kept)
    assert fresh.ring == vault.newest != kept.ring
    assert vault.key(fresh).open("notes", "text", "one/1", sealed) == "Invented."


def test_a_key_file_is_its_owners_alone_and_a_public_one_is_refused(tmp_path: Path) -> None:
    open_vault(tmp_path, NOW)
    (path,) = tmp_path.glob("seal-*.key")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        open_vault(tmp_path, NOW)


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    keyfiles.write(tmp_path, "seal-20260101.key", b"abcd")
    with pytest.raises(ValueError, match="is no key"):
        open_vault(tmp_path, NOW)


def test_a_destroyed_key_file_is_gone(tmp_path: Path) -> None:
    vault = open_vault(tmp_path, NOW)
    keyfiles.destroy(tmp_path, "seal", vault.newest)
    assert list(tmp_path.glob("seal-*")) == []


def test_a_ring_without_keys_is_refused() -> None:
    with pytest.raises(NoKeys):
        Vault({}, {"a": bytes(32)}, dict)
