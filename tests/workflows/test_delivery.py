import json
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from referral.access import Role
from referral.outbox import Letter
from referral.settings import Settings
from tests.examples import complete_adult_referral
from tests.postbox import Postbox, free_port
from tests.workflows.walks import damage, in_recovery, met, rows, submitted
from tests.world import World, a
from workflows import catalogue, delivery, wording
from workflows.heartbeat import beat
from workflows.wording import KINDS, read_wording

PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 1440)]


def sends(world: World, settings: Settings, **later: float) -> dict[str, int]:
    return delivery.deliver(world.db, world.law, settings, world.later(**later), read_wording())


def lines(settings: Settings) -> list[dict[str, str]]:
    file = settings.data / "messages.log"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def standing(world: World) -> list[tuple[Any, ...]]:
    return rows(world, "select attempts, delivered_at is not null, next_try_at is not null, failed from messages")


def test_without_a_mail_server_messages_go_to_a_file_that_only_we_read(world: World, tmp_path: Path) -> None:
    case = submitted(world)
    settings = Settings(data=tmp_path / "new", address="https://house.invalid")
    assert sends(world, settings) == {"delivered": 2, "undelivered": 0}
    assert sends(world, settings) == {"delivered": 0, "undelivered": 0}
    first = lines(settings)[0]
    assert set(first) == {"id", "kind", "about", "agency", "reference", "link"}
    assert first["link"] == f"https://house.invalid/cases/{case}"
    assert stat.S_IMODE((settings.data / "messages.log").stat().st_mode) == 0o600
    assert standing(world) == [(1, True, False, None)] * 2


def test_a_worker_is_written_to_and_a_duty_team_and_nobody_who_has_left(
    world: World, mail: Settings, postbox: Postbox
) -> None:
    met(world)
    beat(world.db, world.law, mail, world.later(days=1))
    officer = f"{Role.FIRST_RESPONDER.value}@eastshire-police.example.invalid"
    assert sorted(to for to, _ in postbox.mails) == ["eastshire-police@example.invalid", officer]
    damage(world, "update users set left_at = created_at where id = :id", id=a(Role.FIRST_RESPONDER).id)
    postbox.mails.clear()
    beat(world.db, world.law, mail, world.later(days=2))
    # two reminders, and word that the case is now the duty team's
    assert [to for to, _ in postbox.mails] == ["eastshire-police@example.invalid"] * 3
    damage(world, "update agencies set active = false where id = 'eastshire-police'")
    postbox.mails.clear()
    beat(world.db, world.law, mail, world.later(days=1))
    assert postbox.mails == []
    assert standing(world) == [(1, True, False, None)] * 6


def test_a_mail_says_a_reference_a_plain_sentence_and_a_link(world: World, mail: Settings, postbox: Postbox) -> None:
    case = met(world)
    beat(world.db, world.law, mail, world.later(days=1))
    (reference,) = rows(world, "select reference from cases")[0]
    sent = postbox.mails[0][1]
    body = sent.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert sent["Subject"] == f"Case {reference}: due today"
    assert body.decode().splitlines() == [
        f"In case {reference} today is the last day for this:", "",
        world.law["england-and-wales"].rules["referral_after_encounter"].says, "",
        f"Look at the case: https://house.invalid/cases/{case}",
    ]  # fmt: skip


def test_no_mail_and_no_line_names_the_person_or_what_was_done_to_them(
    world: World, mail: Settings, postbox: Postbox
) -> None:
    in_recovery(world)
    for _ in range(40):
        beat(world.db, world.law, mail, world.later(days=1))
    answers, identity = complete_adult_referral()
    words = {str(told) for told in [*identity.values(), *answers.values()] if isinstance(told, str) and len(told) > 6}
    told = [str(sent) for _, sent in postbox.mails] + [json.dumps(line) for line in lines(mail)]
    assert len(told) > 100
    assert {word for word in words for text in told if word in text} == set()


@pytest.mark.parametrize("place", ("before the mail", "after the mail"))
def test_whoever_dies_while_sending_leaves_the_message_to_the_next_under_the_same_id(
    world: World, mail: Settings, postbox: Postbox, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    met(world)
    world.later(days=1)
    damage(world, "update cases set owner_user = null")  # one receiver

    def dies(send: Callable[..., None]) -> Callable[..., None]:
        def dying(*args: Any) -> None:
            if place == "after the mail":
                send(*args)
            raise KeyboardInterrupt

        return dying

    with monkeypatch.context() as patched:
        patched.setattr(delivery.Mail, "send", dies(delivery.Mail.send))
        with pytest.raises(KeyboardInterrupt):
            beat(world.db, world.law, mail, world.now)
    assert sends(world, mail, minutes=1) == {"delivered": 0, "undelivered": 0}  # the lease holds
    assert sends(world, mail, minutes=1) == {"delivered": 1, "undelivered": 0}
    ids = [sent["Message-ID"] for _, sent in postbox.mails]
    assert len(ids) == (2 if place == "after the mail" else 1)
    assert len(set(ids)) == 1


def test_a_server_that_is_away_is_tried_again_after_growing_pauses_and_then_no_more(
    world: World, tmp_path: Path
) -> None:
    submitted(world)
    away = Settings(data=tmp_path, smtp_host="127.0.0.1", smtp_port=free_port())
    assert sends(world, away) == {"delivered": 0, "undelivered": 2}
    for tries, pause in enumerate(PAUSES, start=1):
        assert standing(world) == [
            (tries, False, True, "ConnectionRefusedError"),
            (tries, False, True, "SMTPServerDisconnected"),
        ]
        world.now += pause - timedelta(seconds=1)
        assert sends(world, away) == {"delivered": 0, "undelivered": 0}
        assert sends(world, away, seconds=1) == {"delivered": 0, "undelivered": 2}
    assert [(tries, again) for tries, _, again, _ in standing(world)] == [(7, False)] * 2
    assert sends(world, away, days=30) == {"delivered": 0, "undelivered": 0}
    assert lines(away) == []


def test_a_mailbox_that_is_refused_keeps_no_other_message_waiting(
    world: World, mail: Settings, postbox: Postbox
) -> None:
    submitted(world)
    postbox.refused.add("sca@example.invalid")
    assert sends(world, mail) == {"delivered": 1, "undelivered": 1}
    assert sorted(standing(world), key=str) == [(1, False, True, "SMTPRecipientsRefused"), (1, True, False, None)]
    assert [line["agency"] for line in lines(mail)] == ["eastshire-police"]


def test_an_address_that_would_break_the_mail_breaks_that_mail_alone(
    world: World, mail: Settings, postbox: Postbox
) -> None:
    submitted(world)
    damage(
        world, "update agencies set email = :bad where id = 'sca'", bad="sca@example.invalid\nBcc: x@example.invalid"
    )
    assert sends(world, mail) == {"delivered": 1, "undelivered": 1}
    assert len(postbox.mails) == 1


def test_a_refused_mail_leaves_nothing_of_the_servers_words(world: World, mail: Settings, postbox: Postbox) -> None:
    submitted(world)
    postbox.answers = ["554 Testina Muster is unknown here"] * 2
    assert sends(world, mail) == {"delivered": 0, "undelivered": 2}
    assert {failed for *_, failed in standing(world)} == {"SMTPDataError"}


def test_every_kind_of_message_has_a_wording_and_every_move_and_rule_a_sentence(world: World) -> None:
    assert set(read_wording()) == KINDS
    for name in catalogue.known().moves:
        letter = Letter("1", "moved", name, "c", "a", world.now, 1, "R", "scotland", None)
        assert wording.says(world.law, letter)[-1] in ".?", name
    for place in world.law.values():
        for rule in place.rules.values():
            letter = Letter("1", "due", rule.name, "c", "a", world.now, 1, "R", place.key, None)
            assert wording.words(read_wording(), world.law, letter, "https://house.invalid").text


@pytest.mark.parametrize(
    ("text", "complaint"),
    (
        ("", "no wording for"),
        ('[gone]\nsubject = "x"\ntext = "x"\n', "no message is of the kind gone"),
        ('[moved]\nsubject = "{name}"\ntext = "x"\n', "may hold"),
        ('[moved]\nsubject = "x\\ny"\ntext = "x"\n', "one line"),
        ('[moved]\nsubject = "x"\n', "needs a subject and a text"),
    ),
)
def test_a_wording_that_lacks_something_is_refused_when_it_is_read(tmp_path: Path, text: str, complaint: str) -> None:
    blocks = [f'[{kind}]\nsubject = "x"\ntext = "x"\n' for kind in sorted(KINDS) if text and f"[{kind}]" not in text]
    (tmp_path / "en.toml").write_text(text + "\n".join(blocks))
    with pytest.raises(ValueError, match=complaint):
        read_wording(folder=tmp_path)
