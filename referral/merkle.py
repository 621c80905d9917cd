"""The hash tree of RFC 6962 and RFC 9162: leaves, roots, proofs and their verification. Knows no database.

A tree grows by its right edge, the roots of the complete subtrees that lie side by side, so that an append needs no old
leaf. Proofs ask for the hash of complete subtrees by level and position, wherever these are kept.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

Nodes = Callable[[int, int], bytes]  # (level, position) -> hash of the complete subtree of 2**level leaves there

EMPTY = sha256(b"").digest()  # the root of a tree without leaves
HASH = 32  # bytes


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf; its prefix keeps it from being taken for that of a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two others."""
    return sha256(b"\x01" + left + right).digest()


class Edge:
    """The right edge of a growing tree: at most one hash for each bit of its size, the largest subtree first."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: bytes = b"") -> None:
        """`hashes` as `packed()` gave them. Raises ValueError where they are not as many as the size has bits."""
        if len(hashes) != HASH * size.bit_count():
            raise ValueError("an edge has one hash for each bit of its size")
        self.size = size
        self.hashes = [hashes[place : place + HASH] for place in range(0, len(hashes), HASH)]

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash. Gives the subtrees that this completes: level, position, hash."""
        done: list[tuple[int, int, bytes]] = []
        rest, level, hashes = self.size, 0, self.hashes
        while rest & 1:
            leaf = sha256(b"\x01" + hashes.pop() + leaf).digest()
            rest, level = rest >> 1, level + 1
            done.append((level, rest, leaf))
        hashes.append(leaf)
        self.size += 1
        return done

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add many, level by level, where nobody wants to know the subtrees."""
        row, rest, sha, edge = list(leaves), self.size, sha256, list[bytes]()
        self.size += len(row)
        while row:
            if rest & 1:
                row.insert(0, self.hashes.pop())
            if len(row) & 1:
                edge.append(row.pop())
            pairs = iter(row)
            row = [sha(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            rest >>= 1
        self.hashes += reversed(edge)

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self.hashes:
            return EMPTY
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def packed(self) -> bytes:
        """All hashes in one."""
        return b"".join(self.hashes)


def tree_hash(nodes: Nodes, start: int, end: int) -> bytes:
    """The hash over the leaves from `start` to before `end`; a subtree of that size must begin at `start`."""
    width = end - start
    if width & (width - 1) == 0:
        return nodes(width.bit_length() - 1, start >> (width.bit_length() - 1))
    middle = start + _split(width)
    return node_hash(tree_hash(nodes, start, middle), tree_hash(nodes, middle, end))


def inclusion(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """The proof that the leaf at this index, counted from 0, lies in the tree of this size."""
    if not 0 <= index < size:
        raise ValueError("there is no such leaf")
    proof, start, end = list[bytes](), 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(tree_hash(nodes, middle, end))
            end = middle
        else:
            proof.append(tree_hash(nodes, start, middle))
            start = middle
    return proof[::-1]


def consistency(nodes: Nodes, first: int, second: int) -> list[bytes]:
    """The proof that the tree of the first size is the beginning of that of the second. Empty from an empty tree."""
    if not 0 <= first <= second:
        raise ValueError("a tree only grows")
    if first == 0:
        return []
    proof, start, end, whole = list[bytes](), 0, second, True
    while first < end:
        middle = start + _split(end - start)
        if first <= middle:
            proof.append(tree_hash(nodes, middle, end))
            end = middle
        else:
            proof.append(tree_hash(nodes, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(tree_hash(nodes, start, end))
    return proof[::-1]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from this leaf to this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            place, last = _up(place, last)
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the second tree begins with the first (RFC 9162, 2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first in (0, second):  # every tree begins with the empty one, and with itself
        return not proof and (first_root == second_root if first == second else first_root == EMPTY)
    steps = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not steps:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            place, last = _up(place, last)
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(width: int) -> int:
    """The largest power of two below the width."""
    return 1 << ((width - 1).bit_length() - 1)


def _up(place: int, last: int) -> tuple[int, int]:
    """Climb while the place is a left child: there, nothing stands to its right."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last
