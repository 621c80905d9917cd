"""R2, what the competent authority decides: reasonable grounds, then conclusive grounds. Not who is supported, nor who is disqualified.

The tests are reasonable grounds to believe, and the balance of probabilities (Nationality and Borders Act 2022, sections 60 and
61; grade A). A disqualification lies over this workflow and never ends it: the conclusive decision must still be made (R (ABW) v
Home Secretary [2025] EWHC 3280 (Admin), grade B). Nothing is closed without a caseworker's confirmation.
"""

from referral.access import May, Role
from workflows.decision import rules as r
from workflows.decision.forms import AskClose, Conclusion, Finding, Served, Suspension, Transfer
from workflows.forms import Because, Note, Nothing
from workflows.guards import by_a_person, decides_here, strand_is
from workflows.states import States, by
from workflows.table import OPENING, STAY, Move, Workflow


class Decision(States):
    """Where the two decisions stand."""

    # fmt: off
    RG_PENDING   = "rg_pending", "The authority has the referral and has not yet decided on reasonable grounds.", by(Role.CASEWORKER, deadline="reasonable_grounds")
    RG_SUSPENDED = "rg_suspended", "The person is out of reach and the evidence is not enough for the first decision.", by(Role.CASEWORKER)
    RG_NEGATIVE  = "rg_negative", "No reasonable grounds were found; this can be reconsidered.", by(Role.CASEWORKER)
    RECOVERY     = "recovery", "Reasonable grounds were found; the recovery period runs.", by(Role.CASEWORKER, deadline="recovery_minimum")
    CG_PENDING   = "cg_pending", "The recovery minimum has passed; the conclusive decision is awaited.", by(Role.CASEWORKER, deadline="conclusive_grounds_ageing")
    CG_SUSPENDED = "cg_suspended", "The person is out of reach and the evidence is not enough for the second decision.", by(Role.CASEWORKER)
    CG_POSITIVE  = "cg_positive", "The person is conclusively found to be a victim.", by(Role.CASEWORKER)
    CG_NEGATIVE  = "cg_negative", "The person was not found to be a victim; this can be reconsidered.", by(Role.CASEWORKER)
    CLOSING      = "closing", "Somebody asks to close before a decision; a caseworker confirms or keeps it open.", by(Role.CASEWORKER)
    CLOSED       = "closed", "The authority has finished. A new referral is a new case."
    # fmt: on


D = Decision
UNDECIDED = [D.RG_PENDING, D.RG_SUSPENDED, D.RECOVERY, D.CG_PENDING, D.CG_SUSPENDED]
DECIDED = [D.RG_NEGATIVE, D.CG_POSITIVE, D.CG_NEGATIVE]
ALL_HELPERS = ("owner", "worker", "referrer", "first_responder", "support", "local_authority")
HERE = (decides_here, r.after_receipt)  # every decision is recorded by the authority that has the case
ON_POSITIVE, ON_CONCLUSIVE, ON_REVOKED, ON_CLOSING = (
    ("support.begin_contact", "support.carry_on"),
    ("support.move_on", "support.begin_contact", "stay.open", "child.finish"),
    ("inquiry.open_window", "support.give_notice", "support.end_request"),
    ("support.give_notice", "support.end_request", "inquiry.close", "inquiry.take_back", "child.finish"),
)

# fmt: off
DECISION = Workflow("decision", Decision, {D.CLOSED}, says="Is there reason to believe that this person is a victim, and is it so?", moves=[
    #    move                     leaves                      enters          needs              asks        only if                             does              then                           tells
    Move("open",                  OPENING,                    D.RG_PENDING,   May.RECEIVE,       Nothing,    (strand_is("intake", "received"),), r.received,       (),                            ("authority",)),
    Move("find_reasonable",       [D.RG_PENDING],             D.RECOVERY,     May.DECIDE,        Finding,    HERE,                               r.reasonable,     ON_POSITIVE,                   ALL_HELPERS),
    Move("find_not_reasonable",   [D.RG_PENDING],             D.RG_NEGATIVE,  May.DECIDE,        Finding,    HERE,                               r.not_reasonable, ("inquiry.open_window", "support.give_notice"), ALL_HELPERS),
    Move("find_both",             [D.RG_PENDING],             D.CG_POSITIVE,  May.DECIDE,        Finding,    (*HERE, r.is_panel),                r.both,           ("stay.open", "child.finish"), ALL_HELPERS),
    Move("suspend",               [D.RG_PENDING],             D.RG_SUSPENDED, May.DECIDE,        Suspension, (*HERE, r.is_out_of_reach),         None,             (),                            (*ALL_HELPERS, "police")),
    Move("resume",                [D.RG_SUSPENDED],           D.RG_PENDING,   May.DECIDE,        Because,    HERE,                               None,             (),                            ALL_HELPERS),
    Move("reach_minimum",         [D.RECOVERY],               D.CG_PENDING,   May.ACT_AS_SYSTEM, Nothing,    (),                                 None,             (),                            ("authority", "owner")),
    Move("find_conclusive",       [D.RECOVERY, D.CG_PENDING], D.CG_POSITIVE,  May.DECIDE,        Finding,    (*HERE, r.recovery_is_over),        r.conclusive,     ON_CONCLUSIVE,                 ALL_HELPERS),
    Move("find_not_conclusive",   [D.RECOVERY, D.CG_PENDING], D.CG_NEGATIVE,  May.DECIDE,        Finding,    (*HERE, r.recovery_is_over),        r.not_conclusive, (*ON_REVOKED, "child.finish"), ALL_HELPERS),
    Move("suspend_conclusive",    [D.RECOVERY, D.CG_PENDING], D.CG_SUSPENDED, May.DECIDE,        Suspension, (*HERE, r.is_out_of_reach),         None,             (),                            (*ALL_HELPERS, "police")),
    Move("resume_conclusive",     [D.CG_SUSPENDED],           D.CG_PENDING,   May.DECIDE,        Because,    HERE,                               None,             (),                            ALL_HELPERS),
    Move("transfer",              [*UNDECIDED, *DECIDED],     STAY,           May.DECIDE,        Transfer,   (*HERE, r.is_another_authority),    r.hand_to,        ("child.go_to_authority",),    (*ALL_HELPERS, "authority")),
    Move("serve",                 [D.RECOVERY, D.CG_PENDING, D.CG_SUSPENDED, *DECIDED], STAY,           May.DECIDE,        Served,     (*HERE, r.can_be_served),           None,             (),                            ("owner", "worker", "first_responder")),
    Move("reconsider",            [D.RG_NEGATIVE],            D.RG_PENDING,   May.DECIDE,        Because,    HERE,                               r.again,          ("inquiry.close",),            ALL_HELPERS),
    Move("reconsider_conclusive", [D.CG_NEGATIVE],            D.CG_PENDING,   May.DECIDE,        Because,    HERE,                               r.again,          ("inquiry.close",),            ALL_HELPERS),
    Move("revoke",                [D.CG_POSITIVE],            D.CG_NEGATIVE,  May.DECIDE,        Finding,    (*HERE, by_a_person),               r.revoked,        ON_REVOKED,                    ALL_HELPERS),
    Move("ask_to_close",          UNDECIDED,                  D.CLOSING,      May.ASK_CLOSE,     AskClose,   (r.may_withdraw, r.names_the_other), None,             (),                            ("authority", "owner")),
    Move("keep_open_reasonable",  [D.CLOSING],                D.RG_PENDING,   May.DECIDE,        Because,    (*HERE, r.before_reasonable),       None,             (),                            ALL_HELPERS),
    Move("keep_open_conclusive",  [D.CLOSING],                D.CG_PENDING,   May.DECIDE,        Because,    (*HERE, r.after_reasonable),        None,             (),                            ALL_HELPERS),
    Move("confirm_close",         [D.CLOSING],                D.CLOSED,       May.DECIDE,        Note,       (*HERE, by_a_person, r.is_recorded), r.closed,         ON_CLOSING,                    ALL_HELPERS),
    Move("conclude",              DECIDED,                    D.CLOSED,       May.DECIDE,        Conclusion, (*HERE, by_a_person, r.nothing_under_review), r.closed,         ON_CLOSING,                    ALL_HELPERS),
])
# fmt: on
