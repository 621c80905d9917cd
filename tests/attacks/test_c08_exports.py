"""What somebody typed, in what is handed out: parsed back, it is their words again, and no link, tag, command or formula."""

import io
import json
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from api.cli.words import as_json, tell_json, tell_table
from referral.settings import Settings
from referral.signer_socket import signer_for
from tests.api.knocking import Knocker
from tests.workflows.test_account_telling import HELD, paper
from tests.workflows.walks import OFFICER, met
from tests.world import World
from workflows.account.wording import languages
from workflows.bundling import bundle

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {
    "inline", "text", "text_special", "softbreak", "heading_open", "heading_close", "paragraph_open", "paragraph_close",
    "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "blockquote_open", "blockquote_close",
}  # fmt: skip

OTHERWISE = "other words than were typed"

# fmt: off
HOSTILE = (
    # what somebody types                                what it would be
    ("[read me](https://evil.invalid/x)",                "link_open"),
    ("![](https://evil.invalid/p.png)",                  "image"),
    ("<https://evil.invalid>",                           "link_open"),
    ("see <img src=x onerror=alert(1)>",                 "html_inline"),
    ("[a]: https://evil.invalid [a]",                    None),
    ("`rm -rf`",                                         "code_inline"),
    ("*all* of _it_ is __so__",                          "em_open"),
    ("~~gone~~",                                         "s_open"),
    ("&lt;script&gt; &#106;",                            OTHERWISE),
    ("https://evil.invalid and www.evil.invalid",        None),
    ("# Decision: you have lost",                        "heading_open"),
    ("a\n\n# Decision: you have lost",                   "heading_open"),
    ("a | b\n--- | ---\n1 | 2",                          "table_open"),
    ("a\n---\nb",                                        "heading_open"),
    ("=cmd|' /C calc'!A0",                               None),
    ("\\[not a link\\](x)",                              OTHERWISE),
    ("\x1b[2J\x9b31m wiped",                             None),
    ("the police said \u202etsurt\u202c it",             None),
    ("{{ settings }} ${x} %s {day}",                     None),
)
# fmt: on


def kinds(text: str) -> set[str]:
    return {one.type for token in READER.parse(text) for one in (token, *(token.children or ()))}


def told_back(text: str, heading: str) -> list[str]:
    """What a reader sees of the lines that answer this question."""
    seen = [
        "".join(one.content for one in token.children or ()) for token in READER.parse(text) if token.type == "inline"
    ]
    return [line.removeprefix(heading) for line in seen if line.startswith(heading)]


def plainly(text: str) -> str:
    """The words themselves: on one line, without what nobody sees."""
    unseen = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    kept = (letter for letter in text if letter not in unseen and (letter.isspace() or category(letter) != "Cc"))
    return " ".join("".join(kept).split())


@pytest.mark.parametrize(("text", "would_be"), HOSTILE)
@pytest.mark.parametrize("language", languages())
def test_the_account_shows_what_was_typed_and_does_nothing_of_it(
    text: str, would_be: str | None, language: str
) -> None:
    if would_be == OTHERWISE:  # the positive control: the reader would do it
        assert told_back(text, "") != [text]
    elif would_be:
        assert would_be in kinds(text)
    held = replace(HELD, answers={}, identity={"first_name": text})
    made = paper(held, language)
    assert kinds(made) <= HARMLESS
    assert told_back(made, "First name: ") == [plainly(text)]
    for raw in ("https://evil", "www.evil", "\x1b", "\x9b", "\u202e"):
        assert raw not in made
    same = paper(replace(held, identity={"first_name": "Invented"}), language)
    assert made.count("\n") == same.count("\n")  # no line more
    assert [line for line in made.splitlines() if line.startswith("#")] == [
        line for line in same.splitlines() if line.startswith("#")
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([*"*_`[]()<>&|~\\!#:/-=+\"'", "www.", "http://", "&amp;", " ", "\n", "a", "1", "é"]),
        max_size=24,
    )
)
def test_whatever_is_typed_is_read_back_as_it_was(pieces: list[str]) -> None:
    text = f"x{''.join(pieces)}x"
    made = paper(replace(HELD, answers={}, identity={"first_name": text}))
    assert kinds(made) <= HARMLESS
    assert told_back(made, "First name: ") == [plainly(text)]


def test_the_name_of_an_agency_is_as_harmless(world: World) -> None:
    made = paper(replace(HELD, agencies=dict.fromkeys(HELD.agencies, "<b>Agency</b> [x](y)")))
    assert kinds(made) <= HARMLESS
    assert r"\<b\>Agency\</b\>" in made


def test_the_bundle_holds_nothing_that_somebody_typed_and_reads_back_as_it_was(world: World, tmp_path: Path) -> None:
    case = met(world)
    world.ask(OFFICER, "intake.save", case, answers={"gender": "female"}, identity={"first_name": HOSTILE[3][0]})
    settings_ = Settings(data=tmp_path)
    told = bundle(world.db, world.law, settings_, signer_for(settings_), case, world.now)
    text = as_json(told)
    assert json.loads(text) == told
    assert "onerror" not in text
    assert commands(text) == set()


def test_a_terminal_is_told_nothing_to_do() -> None:
    hostile: list[Any] = [text for text, _ in HOSTILE]
    said = io.StringIO()
    with redirect_stdout(said):
        tell_json(hostile)
    assert json.loads(said.getvalue()) == hostile
    assert commands(said.getvalue()) == set()
    said = io.StringIO()
    with redirect_stdout(said):
        tell_table(("name",), [[text] for text in hostile])
    assert len(said.getvalue().splitlines()) == len(hostile) + 1
    assert commands(said.getvalue()) == set()
    assert commands("".join(hostile)) == {"\x1b", "\x9b", "\u202e", "\u202c"}


def commands(text: str) -> set[str]:
    return {letter for letter in text if not letter.isprintable()} - {"\n"}


def test_nothing_leaves_in_a_form_that_is_not_looked_at_here(api: Knocker) -> None:
    """No spreadsheet, no document, no picture: whoever adds one adds what parses it back."""
    document = api.http.get("/openapi.json").json()
    forms = {
        (form, path)
        for path, item in document["paths"].items()
        for one in item.values()
        for answer in one["responses"].values()
        for form in answer.get("content", {})
    }
    assert {form for form, _ in forms} <= {
        "application/json",
        "application/problem+json",
        "text/markdown",
        "text/plain",
    }
    assert len(forms) > 50
