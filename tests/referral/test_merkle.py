"""The hash tree against the known answers of RFC 6962, and its proofs against everything that is not so."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral.merkle import EMPTY, Edge, Nodes, consistency, consistent, included, inclusion, leaf_hash, node_hash

LEAVES = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
MOST = 70  # leaves of a tree in these tests
SIZES = st.integers(1, MOST)
OTHER = b"\x55" * 32


def leaf(number: int) -> bytes:
    return leaf_hash(number.to_bytes(4, "big"))


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition itself, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(plain_root(leaves[:half]), plain_root(leaves[half:]))


def nodes(level: int, position: int) -> bytes:
    width = 1 << level
    return plain_root([leaf(number) for number in range(position * width, (position + 1) * width)])


def root(size: int) -> bytes:
    return plain_root([leaf(number) for number in range(size)])


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_standard(size: int) -> None:
    edge = Edge()
    for data in LEAVES[:size]:
        edge.append(leaf_hash(bytes.fromhex(data)))
    assert edge.root().hex() == (ROOTS[size - 1] if size else sha256(b"").hexdigest())


@given(SIZES, st.data())
def test_an_edge_grows_as_the_definition_says_and_can_be_put_away_in_between(size: int, data: st.DataObject) -> None:
    edge, rest = Edge(), data.draw(st.integers(0, size))
    done = [found for number in range(rest) for found in edge.append(leaf(number))]
    edge = Edge(edge.size, edge.packed())
    edge.extend(leaf(number) for number in range(rest, size))
    assert (edge.size, edge.root()) == (size, root(size))
    assert len(edge.hashes) == size.bit_count()
    assert all(own == nodes(level, position) for level, position, own in done)


def test_an_edge_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="one hash for each bit"):
        Edge(3, bytes(32))


@given(SIZES, st.data())
def test_every_leaf_is_proved_and_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, top = inclusion(nodes, index, size), root(size)
    assert len(proof) <= 7
    assert included(leaf(index), index, size, proof, top)
    assert not included(leaf(index + 1), index, size, proof, top)
    assert not included(leaf(index), index, size, proof, OTHER)
    assert not included(leaf(index), index, size, [*proof, OTHER], top)
    assert not included(leaf(index), size, size, proof, top)
    for place in range(len(proof)):
        assert not included(leaf(index), index, size, proof[:place], top)
        assert not included(leaf(index), index, size, [*proof[:place], OTHER, *proof[place + 1 :]], top)
    for other in set(range(size)) - {index}:
        assert not included(leaf(index), other, size, proof, top)


@given(st.integers(0, MOST), st.data())
def test_a_tree_is_proved_to_begin_with_a_smaller_one_and_with_no_other(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, second))
    proof, old, new = consistency(nodes, first, second), root(first), root(second)
    assert consistent(first, second, old, new, proof)
    assert not consistent(second + 1, second, old, new, proof)
    assert not consistent(first, second, OTHER, new, proof)
    assert not consistent(first, second, old, new, [*proof, OTHER])
    if first:
        assert not consistent(first, second, old, OTHER, proof)
    if 0 < first < second:
        assert not consistent(first, second, old, new, [])
        for place in range(len(proof)):
            assert not consistent(first, second, old, new, [*proof[:place], OTHER, *proof[place + 1 :]])


@given(st.integers(2, MOST), st.data())
def test_a_tree_whose_past_was_changed_cannot_be_proved(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second - 1))
    hurt = data.draw(st.integers(0, first - 1))
    leaves = [OTHER if number == hurt else leaf(number) for number in range(second)]

    def rewritten(level: int, position: int) -> bytes:
        return plain_root(leaves[position << level : (position + 1) << level])

    honest: Nodes = nodes
    for told in (honest, rewritten):
        assert not consistent(first, second, root(first), plain_root(leaves), consistency(told, first, second))


@pytest.mark.parametrize(("index", "size"), ((-1, 3), (3, 3), (0, 0)))
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion(nodes, index, size)
    with pytest.raises(ValueError, match="only grows"):
        consistency(nodes, size + 1, size)
