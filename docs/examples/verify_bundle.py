"""Check a bundle that a Lodestar installation has handed out of one case, with no access to that installation.

    python verify_bundle.py case.json SIGNER-KEY [WITNESS-KEY ...]

What is checked: each event follows the one before it; each lies in the tree of all events; the tree is that of the signed
checkpoint; the checkpoint is signed by this key, which you got by another way than the bundle. Where keys of witnesses
are named, each of them must have signed it too. Ends with 0 if all holds, with 1 and a sentence if not, with 2 where it
was asked wrongly. Needs Python 3.11 and the package `cryptography`, nothing else. Copy it, read it, write your own.
"""

import base64
import hashlib
import json
import sys
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DASH = "\u2014"  # what a signature line begins with
SIGNS, COSIGNS = 1, 4  # what a key is for


class Wrong(Exception):
    """Something does not hold."""


def sha(*parts):
    """SHA-256 over all parts."""
    return hashlib.sha256(b"".join(parts)).digest()


def read_key(line):
    """(name, id, use, key) of a published key; its id must be its own."""
    try:
        name, ident, packed = line.strip().split("+", 2)
        raw = base64.b64decode(packed, validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw[1:])
    except ValueError:
        raise Wrong(f"this is no public key: {line[:60]}") from None
    if sha(name.encode(), b"\n", raw)[:4].hex() != ident:
        raise Wrong("a public key does not fit its own name")
    return name, bytes.fromhex(ident), raw[0], key


def packed(line):
    """(name, bytes) of a signature line."""
    dash, name, rest = line.rstrip("\n").split(" ")
    if dash != DASH:
        raise ValueError("not a signature line")
    return name, base64.b64decode(rest, validate=True)


def good(key, signature, message):
    """Whether the key made the signature."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signed(note, line):
    """(origin, size, root, cases, time) of a note that this key has signed."""
    name, ident, use, key = read_key(line)
    text, between, below = note.partition("\n\n")
    message = f"{text}\n".encode()
    for one in below.splitlines() if between else ():
        by, made = packed(one)
        if use == SIGNS and by == name and made[:4] == ident and good(key, made[4:], message):
            rows = text.split("\n")
            if len(rows) != 5:
                raise Wrong("the checkpoint has another form than this program knows")
            return rows[0], int(rows[1]), base64.b64decode(rows[2], validate=True), rows[3], rows[4]
    raise Wrong("the checkpoint is not signed by the key that you named")


def witnessed(note, cosignatures, line):
    """When this witness saw the checkpoint."""
    name, ident, use, key = read_key(line)
    text = note.partition("\n\n")[0]
    for one in cosignatures:
        by, made = packed(one["line"])
        seconds = int.from_bytes(made[4:12], "big")
        message = f"cosignature/v1\ntime {seconds}\n{text}\n".encode()
        if use == COSIGNS and by == name and made[:4] == ident and good(key, made[12:], message):
            return datetime.fromtimestamp(seconds, UTC)
    raise Wrong(f"the witness {name} has not signed this checkpoint")


def root_of(leaf, index, size, proof):
    """The root to which a proof leads from a leaf (RFC 9162, 2.1.3.2)."""
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise Wrong("a proof is too long")
        if place & 1 or place == last:
            found = sha(b"\1", step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = sha(b"\1", found, step)
        place, last = place >> 1, last >> 1
    if last:
        raise Wrong("a proof is too short")
    return found


def chained(case, events):
    """Each event counts on from the one before, follows it by its hash, and says itself of which case it is."""
    last = bytes(32)
    for count, event in enumerate(events, 1):
        prev, body = bytes.fromhex(event["prev"]), event["body"].encode()
        last, before = sha(prev, body), last
        told = json.loads(body)
        if event["seq"] != count or told["seq"] != count or told["case"] != case["id"]:
            raise Wrong(f"event {count} is missing, or another one stands in its place")
        if prev != before:
            raise Wrong(f"event {count} does not follow the one before it")
        if last.hex() != event["hash"]:
            raise Wrong(f"event {count} was changed: it does not give its hash")
    if len(events) != case["version"] or last.hex() != case["head"]:
        raise Wrong("the case says that its newest event is another one")


def included(events, proofs, size, root):
    """How many events are proved to lie in the tree, each at a number of its own, in the order of the case."""
    known, before = {one["seq"]: one for one in proofs}, 0
    if len(known) != len(proofs):
        raise Wrong("an event has two proofs")
    for event in events:
        one = known.pop(event["seq"], None)
        if one is None:
            break
        number, steps = one["number"], [base64.b64decode(step, validate=True) for step in one["proof"]]
        leaf = sha(b"\0", bytes.fromhex(event["prev"]), event["body"].encode())
        if type(number) is not int or not before < number <= size or root_of(leaf, number - 1, size, steps) != root:
            raise Wrong(f"event {event['seq']} does not lie in the signed history")
        before = number
    if known:
        raise Wrong("there is a proof of an event that is not there")
    return len(proofs)


def check(bundle, signer, witnesses):
    """What can be said of the bundle, in lines; Wrong where something does not hold."""
    case, events, evidence = bundle["case"], bundle["events"], bundle["evidence"]
    chained(case, events)
    if evidence is None:
        raise Wrong("there is no signed checkpoint in this bundle: its history is chained, and proved by nobody")
    origin, size, root, cases, at = signed(evidence["note"], signer)
    proved = included(events, evidence["proofs"], size, root)
    yield f"case {case['reference']}: {len(events)} events, each follows the one before"
    yield f"{proved} of them lie in the history of {origin}: {size} events, {cases}, signed {at}"
    for line in witnesses:
        yield f"seen by {line.partition('+')[0]} at {witnessed(evidence['note'], evidence['cosignatures'], line):%Y-%m-%dT%H:%M:%SZ}"
    if proved < len(events):
        raise Wrong(f"the last {len(events) - proved} events are newer than the checkpoint: ask for a newer bundle")


def main(words):
    """Check what was asked for."""
    if len(words) < 2 or words[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(words[0], encoding="utf-8") as file:
            for line in check(json.load(file), words[1], words[2:]):
                print(line)
    except Wrong as why:
        print(f"THIS DOES NOT HOLD: {why}")
        return 1
    except OSError as error:
        print(f"{words[0]}: {error.strerror}", file=sys.stderr)
        return 2
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        print("THIS DOES NOT HOLD: the bundle has another form than this program knows")
        return 1
    print("all of it holds")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
