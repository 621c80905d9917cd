"""Whoever's ways of signing in have changed hears of it: once, at their own address, in words that name nobody."""

import pytest
from sqlmodel import col, select

from referral import sign_in
from referral.access import Role
from referral.models import Notice, User
from referral.settings import Settings
from referral.sign_in import SignInChange
from tests.postbox import Postbox
from tests.workflows.test_delivery import PAUSES, lines, sends
from tests.world import START, World, user_id
from workflows.checking import check

WHO = user_id(Role.NAVIGATOR, "navigators")
ADDRESS = "navigator@navigators.example.invalid"
SILENT = {SignInChange.INVITED, SignInChange.INVITATION_ACCEPTED, SignInChange.DISABLED, SignInChange.ROLES_ASKED}
TOLD = [change for change in SignInChange if change not in SILENT]


def changed(world: World, *changes: SignInChange) -> None:
    with world.db.write() as session:
        for change in changes:
            sign_in.record(session, WHO, change, WHO, world.now)


def body(postbox: Postbox) -> list[str]:
    return [message.get_payload().replace("\r\n", "\n") for _, message in postbox.mails]  # type: ignore[union-attr]


def test_each_change_is_told_once_and_by_its_own_sentence(world: World, mail: Settings, postbox: Postbox) -> None:
    changed(world, *SignInChange)
    assert sends(world, mail) == {"delivered": len(TOLD), "undelivered": 0}
    assert sends(world, mail) == {"delivered": 0, "undelivered": 0}
    assert {to for to, _ in postbox.mails} == {ADDRESS}
    assert all(sum(change.says in text for text in body(postbox)) == 1 for change in TOLD)
    assert {message["Subject"] for _, message in postbox.mails} == {"Your account: something has changed"}
    assert len({message["Message-ID"] for _, message in postbox.mails}) == len(TOLD)


def test_every_change_has_a_sentence_of_its_own_or_is_told_to_nobody() -> None:
    assert {change for change in SignInChange if not change.says} == SILENT
    assert len({change.says for change in TOLD}) == len(TOLD)


def test_neither_the_mail_nor_the_log_names_anybody(world: World, mail: Settings, postbox: Postbox) -> None:
    changed(world, SignInChange.PASSWORD_CHANGED)
    sends(world, mail)
    ((text),) = body(postbox)
    assert "https://house.invalid/account" in text
    (line,) = lines(mail)
    assert (line["kind"], line["about"], line["agency"]) == ("account", "password_changed", "navigators")
    for named in ("Invented", WHO, ADDRESS):
        assert named not in text
        assert named not in str(line)


def test_who_no_longer_works_here_is_told_nothing(world: World, mail: Settings, postbox: Postbox) -> None:
    changed(world, SignInChange.ROLES_GIVEN)
    with world.db.write() as session:
        session.get_one(User, WHO).active = False
    assert sends(world, mail) == {"delivered": 0, "undelivered": 1}
    assert postbox.mails == []
    assert sends(world, mail, days=3) == {"delivered": 0, "undelivered": 0}
    assert check(world.db, world.law, world.now) == []


def test_a_refusing_server_is_tried_again_and_given_up_aloud(world: World, mail: Settings, postbox: Postbox) -> None:
    postbox.refused.add(ADDRESS)
    changed(world, SignInChange.FACTOR_REMOVED)
    for pause in (None, *PAUSES):
        if pause:
            world.later(seconds=pause.total_seconds())
        assert sends(world, mail) == {"delivered": 0, "undelivered": 1}
    with world.db.read() as session:
        row = session.exec(select(Notice)).one()
        assert (row.next_try_at, row.failed, row.attempts) == (None, "SMTPRecipientsRefused", len(PAUSES) + 1)
    (found,) = check(world.db, world.law, world.now)
    assert found.what == f"A notice (factor_removed) to the user {WHO} was given up."


def test_what_waits_for_an_hour_is_told_on(world: World, mail: Settings) -> None:
    changed(world, SignInChange.UNLOCKED)
    assert check(world.db, world.law, world.later(minutes=59)) == []
    (found,) = check(world.db, world.law, world.later(minutes=2))
    assert "was not tried for an hour" in found.what
    sends(world, mail)
    assert check(world.db, world.law, world.now) == []


def test_a_change_that_was_not_made_is_not_told(world: World) -> None:
    def breaks() -> None:
        with world.db.write() as session:
            sign_in.record(session, WHO, SignInChange.PASSWORD_CHANGED, WHO, START)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks()
    with world.db.read() as session:
        assert session.exec(select(Notice).order_by(col(Notice.id))).all() == []
