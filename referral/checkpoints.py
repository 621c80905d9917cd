"""The text of a checkpoint and the signatures below it, in the form of signed notes (C2SP). Knows no database.

A note is its text, an empty line, and a line for each signature. The text says which log, how many leaves, the root
over them, how many cases have begun in them, and when. A witness signs it with the time at which it saw it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNS, COSIGNS = 1, 4  # what a key is for, as signed notes number it
LONGEST = 4096  # characters of a note
_NAME = re.compile(r"[A-Za-z0-9._/:-]{1,120}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,14}")
_FORM = "%Y-%m-%dT%H:%M:%SZ"
_LINES = 5


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes
    cases: int
    at: datetime  # UTC, whole seconds

    def text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\ncases {self.cases}\ntime {self.at.astimezone(UTC):{_FORM}}\n"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies, with the name of whose it is and what it is for."""

    name: str
    raw: bytes  # 32 bytes
    use: int = SIGNS

    @property
    def id(self) -> bytes:
        """Four bytes that a signature line begins with, so that the right key is found."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.use]) + self.raw).digest()[:4]

    def __str__(self) -> str:
        """One line to publish: name, id and key."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.use]) + self.raw).decode()}"

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made the signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def public_key(private: Ed25519PrivateKey, name: str, use: int = SIGNS) -> PublicKey:
    """The public half of a key. Raises ValueError for a name that could not stand in a note."""
    if not _NAME.fullmatch(name):
        raise ValueError("a key's name is letters, digits and . _ / : -")
    return PublicKey(name, private.public_key().public_bytes_raw(), use)


def read_key(line: str) -> PublicKey:
    """A key as it was published. Raises ValueError where it is none, or not what it says of itself."""
    name, _, rest = line.strip().partition("+")
    told, _, packed = rest.partition("+")
    raw = _bytes(packed)
    if not _NAME.fullmatch(name) or len(raw) != 1 + 32 or raw[0] not in (SIGNS, COSIGNS):
        raise ValueError("this is no published key")
    key = PublicKey(name, raw[1:], raw[0])
    if key.id.hex() != told:
        raise ValueError("the key does not fit its own name")
    return key


def sign(private: Ed25519PrivateKey, name: str, statement: Statement) -> str:
    """The whole note, signed."""
    text, key = statement.text(), public_key(private, name)
    return f"{text}\n{_line(key, private.sign(text.encode()))}"


def cosign(private: Ed25519PrivateKey, name: str, note: str, at: datetime) -> str:
    """The line of a witness that has seen this checkpoint at this time and found it good."""
    seconds, key = int(at.timestamp()), public_key(private, name, COSIGNS)
    return _line(key, seconds.to_bytes(8, "big") + private.sign(_seen(note, seconds)))


def read(note: str) -> Statement:
    """What a note says, whoever signed it. Raises ValueError where it is no checkpoint in its one spelling."""
    text, lines = _parts(note)
    rows = text.splitlines()
    if len(rows) != _LINES or not [_signature(line) for line in lines] or not _NAME.fullmatch(rows[0]):
        raise ValueError("this is no checkpoint")
    size, cases, at = rows[1], rows[3].removeprefix("cases "), rows[4].removeprefix("time ")
    if not _SIZE.fullmatch(size) or not _SIZE.fullmatch(cases):
        raise ValueError("this is no checkpoint")
    moment = datetime.strptime(at, _FORM).replace(tzinfo=UTC)
    found = Statement(rows[0], int(size), _bytes(rows[2]), int(cases), moment)
    if found.text() != text:
        raise ValueError("this is no checkpoint")
    return found


def signer_of(note: str, keys: Iterable[PublicKey]) -> PublicKey | None:
    """Which of these keys signed the note; None where none did, whatever else the note holds."""
    try:
        text, lines = _parts(note)
        made = [_signature(line) for line in lines]
    except ValueError:
        return None
    for key in keys:
        for name, packed in made:
            if name == key.name and packed[:4] == key.id and key.use == SIGNS and key.holds(packed[4:], text.encode()):
                return key
    return None


def names_key(note: str, key: PublicKey) -> bool:
    """Whether the note claims to be signed by this key, be it true or not."""
    try:
        return any(name == key.name and packed[:4] == key.id for name, packed in map(_signature, _parts(note)[1]))
    except ValueError:
        return False


def cosigned_at(line: str, note: str, key: PublicKey) -> datetime | None:
    """When this witness says that it saw the checkpoint; None where the line is not its own over this very text."""
    try:
        name, packed = _signature(line)
        message = _seen(note, seconds := int.from_bytes(packed[4:12], "big"))
        true = name == key.name and packed[:4] == key.id and key.use == COSIGNS and key.holds(packed[12:], message)
        return datetime.fromtimestamp(seconds, UTC) if true else None
    except (ValueError, OverflowError, OSError):
        return None


def _seen(note: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{_parts(note)[0]}".encode()


def _parts(note: str) -> tuple[str, list[str]]:
    text, between, below = note.partition("\n\n")
    if len(note) > LONGEST or not between or not below.endswith("\n"):
        raise ValueError("this is no signed note")
    return f"{text}\n", below.splitlines()


def _line(key: PublicKey, signature: bytes) -> str:
    return f"\u2014 {key.name} {base64.b64encode(key.id + signature).decode()}\n"


def _signature(line: str) -> tuple[str, bytes]:
    parts = line.rstrip("\n").split(" ")
    if len(parts) != 3 or parts[0] != "\u2014":  # noqa: PLR2004
        raise ValueError("this is no signature line")
    return parts[1], _bytes(parts[2])


def _bytes(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("this is no base64") from None
    if base64.b64encode(found).decode() != text:
        raise ValueError("this is no base64 in its one spelling")
    return found
