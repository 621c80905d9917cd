"""What comes from elsewhere is known, and no secret goes anywhere: the scan, the bill of materials, the floors."""

import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
# Put together here, so that the scan of this repository does not find them.
# ruff: noqa: E501
# fmt: off
PLANTED = (
    ("a key of a cloud",      "AKIA" + "Q3EGSQ2MJ5TB7XKD"),
    ("a token of GitHub",     "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"),
    ("a private key",         "-----BEGIN EC " + "PRIVATE KEY-----"),
    ("a password in a URL",   "postgresql://lodestar:" + "Sup3rS3cretOne@db.example/lodestar"),
    ("a password by name",    "password" + ' = "Sup3rS3cretOne"'),
    ("a signed token",        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"),
    ("a random text",         'key_of_the_ring = "' + "c3VwZXIgbG9uZyBzdHJpbmcgc2hvdWxk" + 'IGNhdXNlIGVub3VnaCBlbnRyb3B5"'),
)
FLOORS = (  # the first version in which faults that matter here are mended
    # package            at least    why
    ("starlette",        "1.3.1",    "limits of urlencoded forms were ignored; ranges in quadratic time"),
    ("python-multipart", "0.0.31",   "preambles, headers of parts and semicolons"),
    ("python-jose",      "3.5.0",    "confusion of algorithms; tokens that unpack without end"),
    ("cryptography",     "44.0.1",   "the OpenSSL inside"),
    ("h11",              "0.16.0",   "chunks with wrong line ends were accepted"),
)
# fmt: on


def scan(folder: Path, text: str) -> int:
    """How `make secrets` would end with this file in the repository."""
    shutil.copy(ROOT / ".secrets.baseline", folder / "known.json")
    (folder / "planted.py").write_text(f"{text}\n")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)  # without one, the scan ends with 1 in any case
    command = [str(BIN / "detect-secrets-hook"), "--no-verify", "--baseline", "known.json", "planted.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode == 1) == ("Secret Type" in done.stdout), done.stdout + done.stderr
    return done.returncode


@pytest.mark.parametrize(("what", "secret"), PLANTED, ids=[what for what, _ in PLANTED])
def test_the_scan_finds_a_planted_secret(tmp_path: Path, what: str, secret: str) -> None:
    assert scan(tmp_path, secret) == 1


def test_the_scan_lets_through_what_is_none(tmp_path: Path) -> None:
    assert scan(tmp_path, 'case = "0" * 32\nsays = "Give the password."') == 0


@pytest.mark.slow
def test_the_repository_holds_no_secret_that_is_not_known() -> None:
    done = subprocess.run(["make", "-o", ".venv/.ok", "secrets"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_what_is_known_lies_in_tests_examples_and_words_alone() -> None:
    """A secret that is let stand in what runs would be one; these are words about passwords and an alphabet."""
    known = json.loads((ROOT / ".secrets.baseline").read_text())["results"]
    running = {name for name in known if not name.startswith(("tests/", "docs/", "README.md"))}
    words = {
        "api/approving.py",
        "api/cli/faults.py",
        "api/demo/cast.py",
        "api/passwords.py",
        "referral/ids.py",
        "referral/sign_in.py",
    }
    assert running <= words | {"api/second_factors.py"}


@pytest.mark.slow
def test_the_bill_of_materials_names_every_package_that_is_locked(tmp_path: Path) -> None:
    made = tmp_path / "sbom.json"
    command = [str(BIN / "cyclonedx-py"), "requirements", "--output-reproducible", "--of", "JSON", "-o", str(made)]
    subprocess.run([*command, str(ROOT / "requirements.lock")], check=True, capture_output=True, cwd=tmp_path)
    bill = json.loads(made.read_text())
    locked = dict(
        re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    )
    assert bill["bomFormat"] == "CycloneDX"
    assert len(locked) > 30
    assert {part["name"]: part["version"] for part in bill["components"]} == locked
    assert all(
        reference["hashes"]
        for part in bill["components"]
        for reference in part["externalReferences"]
        if "hashes" in reference
    )


@pytest.mark.parametrize(("package", "floor", "why"), FLOORS)
def test_nothing_is_older_than_its_last_known_fault(package: str, floor: str, why: str) -> None:
    assert Version(version(package)) >= Version(floor), why


def test_every_locked_package_has_a_hash() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        entries = re.split(r"\n(?=\S)", lock.read_text().strip())
        assert [entry.split()[0] for entry in entries if entry and "--hash=sha256:" not in entry] == [], lock.name


def test_what_must_not_be_installed_is_not_locked() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"^(ecdsa|rsa|pyasn1|pickle5|pyyaml-include)==", text, re.MULTILINE)
