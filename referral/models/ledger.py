"""The numbered history of the installation: what waits for its number, the tree over it, its signed checkpoints."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from referral.models.base import OF_A_CASE, col, ref


class Unsealed(SQLModel, table=True):
    """An event that waits for its number. Moves add these; whoever numbers takes them away."""

    __tablename__ = "unsealed"
    __table_args__ = ({"sqlite_with_rowid": False},)

    case_id: str = col(OF_A_CASE, primary_key=True, max_length=32)
    seq: int = col("the event of the case", primary_key=True)


class Leaf(SQLModel, table=True):
    """One numbered event: a leaf of the tree. Only ever added."""

    __tablename__ = "leaves"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)

    number: int = col("counts all events of the installation, from 1, without gaps", primary_key=True)
    case_id: str = col("the case of the event", max_length=32)
    seq: int = col("the event of the case")
    hash: bytes = col("SHA-256 of a zero byte, the event's prev and its body")


class TreeNode(SQLModel, table=True):
    """The hash of a complete subtree, of every fourth level, so that a proof reads few rows."""

    __tablename__ = "tree_nodes"

    level: int = col("the subtree has 2 to the power of this many leaves", primary_key=True)
    position: int = col("which of its level, from 0", primary_key=True)
    hash: bytes = col("the root of the subtree")


class TreeHead(SQLModel, table=True):
    """How far the tree has grown. One row, which is locked while events are numbered."""

    __tablename__ = "tree_heads"

    id: int = col("always 1", primary_key=True)
    size: int = col("how many leaves there are")
    cases: int = col("how many cases have begun in them")
    edge: bytes = col("the roots of the complete subtrees side by side, the largest first")
    root: bytes = col("the root over all leaves")


class Checkpoint(SQLModel, table=True):
    """The tree at one moment, signed. Only ever added."""

    __tablename__ = "checkpoints"

    size: int = col("how many leaves it covers", primary_key=True)
    root: bytes = col("the root over them")
    at: datetime = col("when it was signed")
    note: str = col("the signed text: origin, size, root, cases, time, signature")
    key: str = col("the public key of the signer, with its name", max_length=300)


class Cosignature(SQLModel, table=True):
    """A witness has seen a checkpoint and found that it continues what it saw before. Only ever added."""

    __tablename__ = "cosignatures"

    size: int = ref("checkpoints.size", "the checkpoint", primary_key=True)
    key: str = col("the public key of the witness, with its name", primary_key=True, max_length=300)
    agency_id: str = ref("agencies.id", "the witness", max_length=64)
    actor: str = col("who sent it", max_length=64)
    at: datetime = col("when it arrived")
    line: str = col("the witness's signature line over the checkpoint", max_length=600)
