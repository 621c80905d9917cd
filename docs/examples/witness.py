"""Be a witness of a Lodestar installation: fetch its newest checkpoint, hold it against the last one seen, co-sign it.

    python witness.py https://lodestar.example SIGNER-KEY seen.jsonl witness.pem

Run it every few minutes, on a machine that the installation's administrators cannot reach, with a token in TOKEN. The
signer's key comes by another way: on paper, or by telephone. Keep seen.jsonl: it is what you know. Ends with 1, and
signs nothing, where the log is not the one that you saw before. Needs Python 3.11 and `cryptography`, nothing else.
"""

import base64, hashlib, json, os, sys, time, urllib.request  # noqa: E401
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def ask(path, body=None):
    """One request to the installation."""
    head = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(host + path, data, head), timeout=30) as answer:
        return json.load(answer)


def understood(note):
    """(size, root) of a note that the signer has signed; an error where it has not."""
    text, _, lines = note.partition("\n\n")
    name, ident, key = signer.split("+", 2)
    for line in lines.splitlines():
        _, by, packed = line.split(" ")
        signature = base64.b64decode(packed)
        if by == name and signature[:4].hex() == ident:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:]).verify(signature[4:], f"{text}\n".encode())
            return int(text.split("\n")[1]), base64.b64decode(text.split("\n")[2])
    raise ValueError("the checkpoint is not signed by this key")


def continues(first, second, old, new, proof):
    """Whether a tree of this size and root begins with that one (RFC 9162, 2.1.4.2)."""
    if first in (0, second):
        return not proof and (first == 0 or old == new)
    steps = [old, *proof] if first & (first - 1) == 0 else proof
    place, last, found, grown = first - 1, second - 1, steps[0], steps[0]
    while place & 1:
        place, last = place >> 1, last >> 1
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            found, grown = hashed(step, found), hashed(step, grown)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            grown = hashed(grown, step)
        place, last = place >> 1, last >> 1
    return last == 0 and (found, grown) == (old, new)


def hashed(left, right):
    """A node of the tree."""
    return hashlib.sha256(b"\1" + left + right).digest()


def cosigned(note, name):
    """(public key, signature line) of ours over the text of a note, with the time."""
    if not own.exists():
        kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        os.close(os.open(own, os.O_CREAT | os.O_WRONLY, 0o600))
        own.write_bytes(Ed25519PrivateKey.generate().private_bytes(*kinds))
    key = serialization.load_pem_private_key(own.read_bytes(), None)
    raw, seconds = b"\4" + key.public_key().public_bytes_raw(), int(time.time())
    ident = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    seen = f"cosignature/v1\ntime {seconds}\n{note.partition(chr(10) * 2)[0]}\n".encode()
    line = base64.b64encode(ident + seconds.to_bytes(8, "big") + key.sign(seen)).decode()
    return f"{name}+{ident.hex()}+{base64.b64encode(raw).decode()}", f"\u2014 {name} {line}\n"


host, signer, seen, own = sys.argv[1].rstrip("/"), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
before = [json.loads(line)["note"] for line in seen.read_text().splitlines()] if seen.exists() else []
size, root = understood(before[-1]) if before else (0, b"")
note = ask("/v1/checkpoints")["note"]
new_size, new_root = understood(note)
if new_size < size:
    sys.exit(f"THE LOG HAS SHRUNK: {size} events were seen, now there are {new_size}")
proof = [bytes.fromhex(one) for one in ask(f"/v1/checkpoints/consistency?from={size}&to={new_size}")["proof"]]
if not continues(size, new_size, root, new_root, proof):
    sys.exit(f"THE LOG WAS REWRITTEN: {new_size} events do not begin with the {size} that were seen")
if new_size > size:
    with seen.open("a") as file:
        file.write(json.dumps({"note": note}) + "\n")
key, line = cosigned(note, "witness")
ask(f"/v1/checkpoints/{new_size}/cosignatures", {"key": key, "line": line})
print(f"seen and signed: {new_size} events, root {new_root.hex()}, as {key}")
