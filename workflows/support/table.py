"""R3, an adult's support: asked for, begun, reviewed and brought to a planned end. Beds are housing's matter, workers assignment's.

Support before the first decision is allowed in an emergency (Home Office, First Responder Toolkit, April 2026, grade A). Nobody's
support ends by itself: a decision or a withdrawal gives notice, and a person confirms the exit, which must be safe and appropriate.
"""

from referral.access import May, Role
from workflows.forms import Because, Note, Nothing
from workflows.guards import by_a_person, decides_here, found_conclusive, found_reasonable, strand_is
from workflows.states import States, because, by
from workflows.support import rules as r
from workflows.support.forms import (
    Attempt,
    Exit,
    Extension,
    InitialAssessment,
    NoRemainingNeeds,
    Plan,
    Reached,
    Refusal,
    RemainingNeeds,
    Request,
    Review,
    Urgent,
)
from workflows.support.rules import WANTED
from workflows.table import OPENING, STAY, Move, Workflow


class Support(States):
    """Is the person in support, since when, until when?"""

    # fmt: off
    REQUESTED          = "requested", "Support is wanted and begins with a positive first decision.", by(Role.SUPPORT_COORDINATOR)
    EMERGENCY_REFERRED = "emergency_referred", "The person is destitute or at risk; the service must answer at once.", by(Role.SUPPORT_COORDINATOR)
    EMERGENCY_SUPPORT  = "emergency_support", "The person is supported before the first decision.", by(Role.SUPPORT_WORKER, Role.SUPPORT_COORDINATOR)
    REFUSED            = "refused", "There is no support for now, with the reason given; it can be asked for again.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, Role.SUPPORT_COORDINATOR)
    CONTACT_ATTEMPTS   = "contact_attempts", "The service tries to reach the person.", by(Role.SUPPORT_COORDINATOR)
    CONTACT_FAILED     = "contact_failed", "The person was not reached in time; whoever knows a current number gives it.", by(Role.SUPPORT_COORDINATOR, Role.FIRST_RESPONDER, Role.NAVIGATOR)
    DECLINED           = "declined", "The person does not want support now.", because("It is the person's choice, and the door stays open.")
    IN_ASSESSMENT      = "in_assessment", "The person was reached; needs and risks are assessed.", by(Role.SUPPORT_WORKER, Role.SUPPORT_COORDINATOR)
    IN_SUPPORT         = "in_support", "A plan is agreed and followed.", by(Role.SUPPORT_WORKER)
    MOVE_ON            = "move_on", "The final decision was positive; moving on is prepared.", by(Role.SUPPORT_WORKER)
    RNA_PENDING        = "rna_pending", "The authority looks at an assessment of the needs that remain.", by(Role.CASEWORKER)
    EXTENDED           = "extended", "Support goes on until a stated day.", by(Role.SUPPORT_WORKER)
    EXIT_NOTICE        = "exit_notice", "Support will end; the exit is planned.", by(Role.SUPPORT_WORKER, Role.SUPPORT_COORDINATOR)
    EXITED             = "exited", "Support has ended.", because("After a positive final decision the person may come back for new needs.")
    REACH_IN           = "reach_in", "The person came back with a new need.", by(Role.SUPPORT_WORKER, Role.SUPPORT_COORDINATOR)
    CLOSED             = "closed", "Nothing more is to be done; support can be asked for anew."
    # fmt: on


S = Support
IN_CARE = [S.EMERGENCY_SUPPORT, S.IN_ASSESSMENT, S.IN_SUPPORT, S.MOVE_ON, S.RNA_PENDING, S.EXTENDED]
NOT_BEGUN = [S.REQUESTED, S.EMERGENCY_REFERRED, S.CONTACT_ATTEMPTS, S.CONTACT_FAILED]
REFERRED_BY = ("owner", "referrer", "first_responder")

# fmt: off
SUPPORT = Workflow("support", Support, {S.CLOSED}, again=True, says="Is the person supported, and until when?", moves=[
    #    move              leaves                                                               enters                needs               asks               only if                      does                  then                  tells
    Move("request",         OPENING,                                                             S.REQUESTED,          May.ASK_SUPPORT,    Request,           (*WANTED, r.can_be_reached), r.contact_if_due,     ("assignment.open", "support.begin_contact"), ("support",)),
    Move("refer_urgently",  OPENING,                                                             S.EMERGENCY_REFERRED, May.ASK_SUPPORT,    Urgent,            (*WANTED, r.can_be_reached), r.find_somebody,      ("assignment.open",), ("support", "owner")),
    Move("escalate",        [S.REQUESTED],                                                       S.EMERGENCY_REFERRED, May.ASK_SUPPORT,    Urgent,            (*WANTED, r.can_be_reached), None,                 (),                   ("support", "owner")),
    Move("accept_urgent",   [S.EMERGENCY_REFERRED],                                              S.EMERGENCY_SUPPORT,  May.WORK_SUPPORT,   InitialAssessment, WANTED,                      r.house_if_needed,    ("housing.ask", "support.carry_on"), REFERRED_BY),
    Move("refuse_urgent",   [S.EMERGENCY_REFERRED],                                              S.REFUSED,            May.WORK_SUPPORT,   Refusal,           (),                          r.contact_or_nobody,  ("support.begin_contact", "assignment.end"), REFERRED_BY),
    Move("begin_contact",   [S.REQUESTED, S.REFUSED, S.EXITED],                                  S.CONTACT_ATTEMPTS,   May.WORK_SUPPORT,   Nothing,           (*WANTED, found_reasonable), r.find_somebody,      ("assignment.open",), ("support", "owner", "worker")),
    Move("carry_on",        [S.EMERGENCY_SUPPORT, S.EXIT_NOTICE],                                S.IN_ASSESSMENT,      May.WORK_SUPPORT,   Nothing,           (*WANTED, found_reasonable), None,                 (),                   ("support", "worker")),
    Move("record_attempt",  [S.REQUESTED, S.CONTACT_ATTEMPTS, S.CONTACT_FAILED],                 STAY,                 May.WORK_SUPPORT,   Attempt,           (),                          r.count),
    Move("reach",           [S.CONTACT_ATTEMPTS, S.CONTACT_FAILED],                              S.IN_ASSESSMENT,      May.WORK_SUPPORT,   Reached,           WANTED,                      None,                 (),                   REFERRED_BY),
    Move("fail_contact",    [S.CONTACT_ATTEMPTS],                                                S.CONTACT_FAILED,     May.ACT_AS_SYSTEM,  Nothing,           (),                          None,                 (),                   (*REFERRED_BY, "support", "worker")),
    Move("decline",         [*NOT_BEGUN, S.IN_ASSESSMENT],                                       S.DECLINED,           May.SPEAK_FOR,      Because,           (WANTED[0],),                r.nobody_responsible, ("assignment.end",),  (*REFERRED_BY, "support")),
    Move("end_request",     NOT_BEGUN,                                                           S.REFUSED,            May.WORK_SUPPORT,   Because,           (r.notice_has_ground,),      r.nobody_responsible, ("assignment.end",),  (*REFERRED_BY, "support")),
    Move("reopen",          [S.DECLINED, S.REFUSED],                                             S.REQUESTED,          May.ASK_SUPPORT,    Request,           (*WANTED, r.can_be_reached), r.contact_if_due,     ("assignment.open", "support.begin_contact"), ("support", "owner")),
    Move("agree_plan",      [S.IN_ASSESSMENT],                                                   S.IN_SUPPORT,         May.WORK_SUPPORT,   Plan,              (strand_is("assignment", "accepted", "active"), r.deputy_is_named, r.looks_ahead), None,                 (),                   ("owner", "first_responder")),
    Move("review",          [S.IN_SUPPORT, S.MOVE_ON, S.EXTENDED, S.EXIT_NOTICE, S.REACH_IN],    STAY,                 May.WORK_SUPPORT,   Review,            (r.looks_ahead,),            r.house_again,        ("housing.ask", "housing.assess_again")),
    Move("move_on",         [S.EMERGENCY_SUPPORT, S.IN_ASSESSMENT, S.IN_SUPPORT, S.EXIT_NOTICE], S.MOVE_ON,            May.WORK_SUPPORT,   Note,              (found_conclusive,),         r.since_positive,     (),                   ("support", "worker", "owner")),
    Move("submit_rna",      [S.MOVE_ON, S.EXTENDED],                                             S.RNA_PENDING,        May.WORK_SUPPORT,   RemainingNeeds,    (found_conclusive,),         None,                 (),                   ("authority", "owner")),
    Move("forgo_rna",       [S.MOVE_ON],                                                         STAY,                 May.WORK_SUPPORT,   NoRemainingNeeds,  (),                          r.forgone),
    Move("extend_by_rna",   [S.RNA_PENDING],                                                     S.EXTENDED,           May.EXTEND_SUPPORT, Extension,         (decides_here, r.looks_ahead),None,                 (),                   ("support", "worker", "owner")),
    Move("end_by_rna",      [S.RNA_PENDING],                                                     S.MOVE_ON,            May.EXTEND_SUPPORT, Because,           (decides_here,),             None,                 (),                   ("support", "worker", "owner")),
    Move("give_notice",     IN_CARE,                                                             S.EXIT_NOTICE,        May.WORK_SUPPORT,   Because,           (r.notice_has_ground,),      None,                 (),                   ("support", "worker", "housing", "owner")),
    Move("extend_notice",   [S.EXIT_NOTICE],                                                     S.EXTENDED,           May.EXTEND_SUPPORT, Extension,         (decides_here, r.looks_ahead),None,                 (),                   ("support", "worker", "owner")),
    Move("exit",            [S.EXIT_NOTICE, S.MOVE_ON, S.EXTENDED],                              S.EXITED,             May.WORK_SUPPORT,   Exit,              (by_a_person, r.place_is_settled, r.period_is_over), r.nobody_responsible, ("assignment.end",),  (*REFERRED_BY, "authority", "housing")),
    Move("reach_in",        [S.EXITED],                                                          S.REACH_IN,           May.ASK_SUPPORT,    Because,           (*WANTED, found_conclusive), r.find_somebody,      ("assignment.open",), ("support", "owner")),
    Move("end_reach_in",    [S.REACH_IN],                                                        S.EXITED,             May.WORK_SUPPORT,   Because,           (),                          r.nobody_responsible, ("assignment.end",),  ("owner",)),
    Move("close",           [S.EXITED, S.DECLINED, S.REFUSED],                                   S.CLOSED,             May.ASK_SUPPORT,    Because,           (by_a_person,),              None,                 (),                   ("owner", "support")),
    Move("end_after_death", [*NOT_BEGUN, *IN_CARE, S.EXIT_NOTICE, S.REACH_IN, S.EXITED, S.DECLINED, S.REFUSED], S.CLOSED,             May.ASK_SUPPORT,    Note,              (by_a_person, strand_is("contact", "deceased")), r.after_death,        ("housing.leave", "housing.no_longer_needed", "assignment.end"), ("owner", "worker", "support", "housing", "authority")),
])
# fmt: on
