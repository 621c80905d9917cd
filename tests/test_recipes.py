"""The recipes of docs/recipes/ are applied to a copy of the code and work there, touching no more than they say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "docs" / "recipes"
PACKAGES = ("referral", "workflows", "api")
HOUSE = "workflows/jurisdictions/shared/house"

# fmt: off
TOUCHES = [
    # recipe             files it adds                            files it changes, by how many lines
    ("new-jurisdiction", ["workflows/jurisdictions/sweden.toml"], {}),
    ("new-deadline",     [],                                      {f"{HOUSE}/justice.toml": 14}),
    ("new-move",         [],                                      {"workflows/justice.py": 9}),
    ("new-workflow",     ["workflows/compensation.py"],           {"workflows/catalogue.py": 1}),
]
# fmt: on


def touched(diff: str) -> tuple[list[str], dict[str, int]]:
    """Which files a diff adds, and which it changes, with the number of lines that come or go."""
    added, changed = [], {}
    for part in diff.split("diff --git ")[1:]:
        name = re.search(r"^\+\+\+ b/(.+)$", part, re.MULTILINE)
        assert name, "a recipe deletes nothing"
        if "\n--- /dev/null\n" in part:
            added.append(name[1])
        else:
            changed[name[1]] = len(re.findall(r"^[+-](?!\+\+ |-- )", part, re.MULTILINE))
    return added, changed


def test_every_recipe_stands_in_the_table() -> None:
    assert sorted(path.stem for path in RECIPES.glob("*.diff")) == sorted(recipe for recipe, _, _ in TOUCHES)
    told = (ROOT / "docs" / "recipes.md").read_text()
    assert [recipe for recipe, _, _ in TOUCHES if f"recipes/{recipe}.diff" not in told] == []


@pytest.mark.parametrize(("recipe", "added", "changed"), TOUCHES, ids=[recipe for recipe, _, _ in TOUCHES])
def test_a_recipe_touches_one_file(recipe: str, added: list[str], changed: dict[str, int]) -> None:
    assert touched((RECIPES / f"{recipe}.diff").read_text()) == (added, changed)
    # A new workflow is a file and one line; everything else is one file.
    assert len(added) + len(changed) == 1 or (len(added) == 1 and list(changed.values()) == [1])


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [recipe for recipe, _, _ in TOUCHES])
def test_a_recipe_works_when_it_is_applied(recipe: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    # One line of context is enough: a table whose neighbouring rows change must not break its recipe.
    subprocess.run(
        ["git", "apply", "-C1", str(RECIPES / f"{recipe}.diff")], cwd=tmp_path, check=True, capture_output=True
    )
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    tried = subprocess.run(
        [sys.executable, "-m", "tests.recipes", recipe, str(tmp_path)],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert tried.returncode == 0, tried.stderr
