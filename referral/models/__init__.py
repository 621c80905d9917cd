"""The whole schema, one file per noun. Importing this package declares every table."""

from referral.models.agency import Agency, Client, User
from referral.models.agreement import Agreement
from referral.models.approval import Approval
from referral.models.case import Case, Member, Participant, Strand
from referral.models.deadline import Deadline, Message
from referral.models.event import Event, Note, Read, Refused, Repeat
from referral.models.glass import GlassGrant
from referral.models.housing import Bed, BedHold
from referral.models.key import Key
from referral.models.ledger import Checkpoint, Cosignature, Leaf, TreeHead, TreeNode, Unsealed
from referral.models.matching import Introduction, Lookup, Mark
from referral.models.operation import Encounter
from referral.models.person import Answers, Person
from referral.models.place import Address, AddressLock, AddressReader, Place, Reveal
from referral.models.sign_in import (
    Ceremony,
    ClientKey,
    Factor,
    Notice,
    OneTimeCode,
    ProviderSubject,
    RecoveryCode,
    SignIn,
    SignInEvent,
    Tries,
    UsedAssertion,
)

__all__ = [
    "Address", "AddressLock", "AddressReader", "Agency", "Agreement", "Answers", "Approval", "Bed", "BedHold", "Case",
    "Ceremony", "Checkpoint", "Client", "ClientKey", "Cosignature", "Deadline", "Encounter", "Event", "Factor",
    "GlassGrant", "Introduction", "Key", "Leaf", "Lookup", "Mark", "Member", "Message", "Note", "Notice", "OneTimeCode",
    "Participant", "Person", "Place", "ProviderSubject", "Read", "RecoveryCode", "Refused", "Repeat", "Reveal",
    "SignIn", "SignInEvent", "Strand", "TreeHead", "TreeNode", "Tries", "Unsealed", "UsedAssertion", "User",
]  # fmt: skip
