"""The whole schema, one file per noun. Importing this package declares every table."""

from referral.models.agency import Agency, Client, User
from referral.models.case import Case, Member, Participant, Strand
from referral.models.deadline import Deadline, Message
from referral.models.event import Event, Note, Read, Refused, Repeat
from referral.models.housing import Bed, BedHold
from referral.models.operation import Encounter
from referral.models.person import Answers, Person

__all__ = [
    "Agency", "Answers", "Bed", "BedHold", "Case", "Client", "Deadline", "Encounter", "Event", "Member", "Message",
    "Note", "Participant", "Person", "Read", "Refused", "Repeat", "Strand", "User",
]  # fmt: skip
