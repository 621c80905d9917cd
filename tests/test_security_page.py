"""The page that names a control and a test for each threat: every file it names is there, and no threat is left out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
ROWS = dict(re.findall(r"^\| (T\d+) \| (.+) \|$", PAGE, re.MULTILINE))


def test_every_threat_has_a_row() -> None:
    assert list(ROWS) == [f"T{number}" for number in range(1, 33)]


@pytest.mark.parametrize("threat", ROWS)
def test_every_row_names_a_control_and_a_test_or_says_that_something_is_missing(threat: str) -> None:
    _, control, test = ROWS[threat].split(" | ")
    assert control
    assert "test_" in test or test == "- (part)"


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:tests/)?[\w/]*test_\w+\.py)`", PAGE))))
def test_every_test_that_the_page_names_is_there(name: str) -> None:
    path = ROOT / name if name.startswith("tests/") else ROOT / "tests" / "attacks" / name
    assert path.is_file()
    assert re.search(r"^def test_|^    def test_", path.read_text(), re.MULTILINE)


def test_every_attack_has_its_place_on_the_page() -> None:
    files = {path.name for path in (ROOT / "tests" / "attacks").glob("test_*.py")}
    assert sorted(files - set(re.findall(r"test_\w+\.py", PAGE))) == []
