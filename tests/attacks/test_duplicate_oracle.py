"""Tries to learn who is in another agency's cases: with its own full rights, with two stolen databases, with timing."""

import hashlib
import itertools
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from referral import blind, finding
from referral.access import Role
from referral.errors import TooMany
from tests.api.knocking import Knocker
from tests.api.people import ELSE, THEM, check, named, search, written_down
from tests.matching_pairs import languages
from tests.workflows.walks import rows
from tests.world import World, a, vault

DAYS = [date(1999, 3, 4), date(1999, 1, 1), date(2001, 11, 30), date(1990, 6, 15)]


def dictionary() -> list[dict[str, Any]]:
    """Names that an attacker would try, the victims' among them, each with some days of birth."""
    spelt = [lines for parts in languages().values() for lines in zip(parts["first"], parts["last"], strict=True)]
    tried = [{"first_name": one[0], "last_name": two[0]} for one, two in spelt]
    victims = [{part: THEM[part] for part in ("first_name", "last_name")}, {**ELSE}]
    return [{**name, "date_of_birth": day} for name, day in itertools.product([*tried, *victims], DAYS)]


def stolen(world: World) -> list[tuple[str, str]]:
    """The table of marks, as a thief of the database has it."""
    return [(case, mark) for case, mark in rows(world, "select case_id, mark from marks")]


def thief_tries(marks: set[str], key: bytes) -> int:
    """How many of the dictionary's people a thief finds with this key."""
    return sum(bool(marks & set(blind.sought(key, person))) for person in dictionary())


def test_a_stolen_table_without_the_key_tells_no_name_of_the_dictionary(api: Knocker) -> None:
    written_down(api, api.role(Role.FIRST_RESPONDER), THEM)
    written_down(api, api.role(Role.NAVIGATOR), ELSE)
    marks = {mark for _, mark in stolen(api.world)}
    assert len(marks) > 20
    assert len(dictionary()) > 500
    for key in (b"", bytes(32), hashlib.sha256(b"lodestar").digest()):
        assert thief_tries(marks, key) == 0
    spelt = {
        said
        for person in dictionary()
        for kind, form in blind.forms_of(person)
        for said in (form, f"{kind}|{form}", *(f"{kind}|{shelf}|{form}" for shelf in range(16)))
    }
    plain = {hashlib.new(how, said.encode()).hexdigest()[:32] for how in ("sha256", "md5") for said in spelt}
    assert not marks & plain
    assert thief_tries(marks, vault().index_key) >= 2  # the positive control: whoever has the key as well, finds them


def test_two_stolen_databases_under_two_keys_cannot_be_laid_side_by_side() -> None:
    """Two installations with the same woman: nothing in one equals anything in the other."""
    case = "a" * 32
    one, other = ({mark for _, mark in blind.marks_of(key, case, THEM)} for key in (vault().index_key, bytes(32)))
    assert not one & other
    assert one & {mark for _, mark in blind.marks_of(vault().index_key, case, THEM)}


def test_a_thief_of_one_database_sees_two_cases_of_one_person_as_such_once_in_sixteen_times() -> None:
    cases = [hashlib.sha256(str(number).encode()).hexdigest()[:32] for number in range(160)]
    by_case = [
        {mark for kind, mark in blind.marks_of(vault().index_key, case, THEM) if kind == "sound"} for case in cases
    ]
    pairs = list(itertools.combinations(by_case, 2))
    seen = sum(bool(one & other) for one, other in pairs) / len(pairs)
    assert 0.03 < seen < 0.12


def test_the_table_holds_no_word_and_no_day_in_any_spelling(api: Knocker) -> None:
    written_down(api, api.role(Role.FIRST_RESPONDER), THEM)
    kept = rows(api.world, "select * from marks")
    marks = {mark for (mark,) in rows(api.world, "select mark from marks")}
    assert all(re.fullmatch("[0-9a-f]{32}", mark) for mark in marks)  # in which any four figures stand by chance
    dump = json.dumps([["" if cell in marks else str(cell) for cell in row[1:]] for row in kept]).lower()
    for part in ("stefania", "turcanu", "1999", "900123", "harbour", "m11ae"):
        assert part not in dump
        assert part.encode().hex() not in dump + "".join(marks)
    kinds = {kind for (kind,) in rows(api.world, "select kind from marks")}
    assert {"name", "sound", "born"} <= kinds  # the control: there was something to find


def test_one_agencys_full_rights_learn_ten_times_an_hour_yes_or_no(api: Knocker) -> None:
    """The attacker invents a case, writes in one name after the other, and asks each time."""
    victim = written_down(api, api.role(Role.NAVIGATOR), THEM)
    attacker = api.everybody()
    case = str(api.opened(attacker)["case"])
    seen: list[bytes] = []
    hits = 0
    for person in [p for p in dictionary() if p["first_name"] == THEM["first_name"]] + dictionary():
        named(api, attacker, case, {**person, "date_of_birth": person["date_of_birth"].isoformat()})
        answer = check(api, attacker, case)
        if answer.status_code == 429:
            break
        seen.append(answer.content)
        hits += answer.json()["answer"] == "desk"
        assert not {victim, "navigators", THEM["phone"]} & set(answer.text.replace('"', " ").split())
    assert len(seen) == 10
    assert hits > 0  # the control: a whole name with its day of birth is found
    assert len(set(seen)) == 2  # and all that was ever said was one of two things
    assert rows(api.world, "select count(*) from lookups where kind = 'duplicates'") == [(10,)]
    assert search(api, attacker, name="Stefania Turcanu").json()["items"] == []


def test_thirty_tries_at_the_same_moment_are_ten_tries(world: World) -> None:
    who = a(Role.FIRST_RESPONDER)

    def tries(_: int) -> bool:
        try:
            with world.db.write() as session:
                finding.count_in(session, who, "duplicates", world.now)
                finding.record(session, who, "duplicates", world.now, how="before_referral", found="none")
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(tries, range(30))) == 10


def test_the_words_of_desk_are_the_same_bytes_whoever_was_found(api: Knocker) -> None:
    """Another agency, another name, another state, one case or three: the same answer, but for its date."""
    attacker, answers = api.everybody(), []
    others = (
        (api.role(Role.NAVIGATOR), THEM),
        (api.role(Role.FIRST_RESPONDER, "stranger"), ELSE),
        (api.role(Role.NAVIGATOR), {"first_name": "Juri", "last_name": "Shcherbakov", "date_of_birth": "1990-06-15"}),
    )
    for turn, (who, person) in enumerate(others):
        other = [written_down(api, who, person) for _ in range(turn + 1)][-1]
        if turn == 1:
            assert api.move(who, other, "intake.close", reason="left_uk").status_code in (200, 409)
        case = written_down(api, attacker, person)
        answers.append(check(api, attacker, case))
        assert answers[-1].json()["answer"] == "desk"
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted((k, v) for k, v in answer.headers.items() if k != "date")) for answer in answers}) == 1


def test_a_single_fact_is_never_confirmed(api: Knocker) -> None:
    """Half of what is known of somebody, however rare, gets no yes: no number alone, no name alone, no day alone."""
    written_down(api, api.role(Role.NAVIGATOR), THEM)
    attacker = api.everybody()
    for known in (
        {"phone": THEM["phone"], "first_name": "Meron", "last_name": "Tekle"},
        {"first_name": THEM["first_name"], "last_name": THEM["last_name"], "date_of_birth": "1977-07-07"},
        {"first_name": "Meron", "last_name": "Tekle", "date_of_birth": THEM["date_of_birth"]},
    ):
        case = written_down(api, attacker, {"phone": "07700 900777", **known})
        assert check(api, attacker, case).json()["answer"] == "none"
    case = written_down(api, attacker, {**THEM})
    assert check(api, attacker, case).json()["answer"] == "desk"


def test_search_tells_nothing_of_another_agency_by_any_answer(api: Knocker) -> None:
    written_down(api, api.role(Role.NAVIGATOR), THEM)
    attacker, seen = api.everybody(), set()
    for person in [{"name": "Stefania Turcanu"}, {"name": "Turcanu", "date_of_birth": "1999-03-04"},
                   {"date_of_birth": "1999-03-04"}, {"name": "Nobody Nowhere"}]:  # fmt: skip
        answer = search(api, attacker, **person)
        seen.add((answer.status_code, answer.content))
    assert len(seen) == 1
    own = written_down(api, attacker, THEM)
    assert [hit["id"] for hit in search(api, attacker, name="Stefania Turcanu").json()["items"]] == [own]
