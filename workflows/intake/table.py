"""R1, from the first meeting to an acknowledged referral, with the branch for adults who refuse and for whom a body must notify.

A navigator prepares; a listed first responder organisation adopts and submits; both are remembered. A draft saves anything
and is judged only when it is sent (Home Office, First Responder Toolkit and prompt sheet, April 2026, grade A).
"""

from referral.access import May, Role
from workflows.forms import Because, Note, Nothing
from workflows.guards import adult, child, from_listed_organisation, signed_as_the_law_asks
from workflows.intake import effects as do
from workflows.intake import forms as ask
from workflows.intake import rules as only
from workflows.states import States, by
from workflows.table import OPENING, STAY, Move, Workflow
from workflows.withdrawal import FREEZES


class Intake(States):
    """How far the referral has come."""

    # fmt: off
    IDENTIFIED             = "identified", "Somebody was met who may have been trafficked.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, deadline="referral_after_encounter")
    CONSENT_PENDING        = "consent_pending", "The referral was explained; the adult has not answered.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, deadline="referral_after_encounter")
    REFLECTION             = "reflection", "The adult needs time; somebody comes back on the agreed day.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, deadline="reflection_review")
    DRAFTING               = "drafting", "The referral is being written.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, deadline="draft_left_lying")
    PREPARED               = "prepared", "A first responder organisation has been asked to adopt the referral.", by(Role.FIRST_RESPONDER, deadline="adoption")
    ADOPTED                = "adopted", "A first responder has reviewed and adopted the referral, and must send it.", by(Role.FIRST_RESPONDER, deadline="submission_of_adopted")
    SAFEGUARDING_ONLY      = "safeguarding_only", "The adult cannot decide now; they are kept safe and asked again.", by(Role.NAVIGATOR, Role.FIRST_RESPONDER, deadline="safeguarding_review")
    SUBMITTED              = "submitted", "The referral was sent; nobody has confirmed that it arrived.", by(Role.FIRST_RESPONDER, Role.CASEWORKER, deadline="acknowledgement")
    SUBMISSION_UNCONFIRMED = "submission_unconfirmed", "No confirmation came in time: find out whether it arrived.", by(Role.FIRST_RESPONDER, Role.CASEWORKER, deadline="resending")
    NOTIFY_DRAFTING        = "notify_drafting", "The adult refused; a body with the duty must notify.", by(Role.FIRST_RESPONDER, Role.NAVIGATOR, deadline="draft_left_lying")
    RECEIVED               = "received", "The authority has the referral and gave its reference."
    NOTIFIED               = "notified", "The notification was sent. Later consent makes a new case."
    LINKED_DUPLICATE       = "linked_duplicate", "The person has another open case, which goes on."
    WITHDRAWN              = "withdrawn", "The adult withdrew. A new referral stays possible."
    CLOSED                 = "closed", "The person died, left or could not be reached before anything was sent."
    ADVISED                = "advised", "The meeting ended with advice, a check, or help declined."
    # fmt: on


I = Intake  # noqa: E741  one letter, as in every table
EARLY = [I.IDENTIFIED, I.CONSENT_PENDING, I.REFLECTION, I.SAFEGUARDING_ONLY]
WRITING = [I.DRAFTING, I.PREPARED, I.ADOPTED]
BEFORE_SENT = [*EARLY, *WRITING, I.NOTIFY_DRAFTING]
SENT = [I.SUBMITTED, I.SUBMISSION_UNCONFIRMED]
AGES = (only.age_fits, only.not_doubted, only.nobody_named)
SENDS = (
    from_listed_organisation,
    only.was_asked,
    only.goes_to_authority,
    only.lawful,
    only.complete,
    only.no_name_in_label,
)
NOTIFIES = (adult, only.from_duty_body, only.was_asked, only.goes_to_authority, only.complete, only.no_name_in_label)
BOTH = ("answers", "identity")
TEXT = ("answers",)
THEIRS = ("owner", "referrer", "first_responder")
THREE = ("consent.give", "consent.refuse")
AFTER = ("child.submit", "justice.open", "support.request")
ENDS = ("support.give_notice", "support.end_request", "assignment.end")
WITHDRAWS = (*FREEZES, *ENDS)
BY_LAW = ("consent.rest_on_law",)
OTHERS = ("partners",)
MET = ("contact.open", "child.identify")

# fmt: off
INTAKE = Workflow("intake", Intake, {I.RECEIVED, I.NOTIFIED, I.LINKED_DUPLICATE, I.WITHDRAWN, I.CLOSED, I.ADVISED}, says="Has a lawful, complete referral been made, and has it arrived?", moves=[
    #    move                    leaves                           enters                    needs               asks              only if                                                does              then                 tells                        reads
    Move("encounter",            OPENING,                         I.IDENTIFIED,             May.OPEN_CASE,      ask.Encounter,    (only.known_operation, only.known_earlier, only.age_fits), do.meet,          MET),
    Move("answer_age",           BEFORE_SENT,                     STAY,                     May.OPEN_CASE,      ask.Age,          AGES,                                                  do.answer_age,    ("child.identify",), ("owner",),                  BOTH),
    Move("make_safe",            BEFORE_SENT,                     STAY,                     May.PREPARE,        ask.Safe),
    Move("explain",              [I.IDENTIFIED, I.REFLECTION],    I.CONSENT_PENDING,        May.RECORD_CONSENT, ask.Explanation,  (adult, only.out_of_danger)),
    Move("consent",              [I.CONSENT_PENDING],             I.DRAFTING,               May.RECORD_CONSENT, ask.Consents,     (adult, only.has_capacity),                            do.consent,       THREE,               ("owner",),                  TEXT),
    Move("needs_time",           [I.CONSENT_PENDING],             I.REFLECTION,             May.RECORD_CONSENT, ask.Time,         (adult,)),
    Move("refuse",               [I.CONSENT_PENDING],             I.NOTIFY_DRAFTING,        May.RECORD_CONSENT, ask.Refusal,      (adult, only.has_capacity),                            do.refuse,        (),                  ("owner",),                  TEXT),
    Move("refer_in_best_interests", [I.CONSENT_PENDING],          I.DRAFTING,               May.PREPARE,        ask.BestInterests, (adult, only.lacks_capacity),                         do.decide_for,    BY_LAW,              ("owner",),                  TEXT),
    Move("safeguard_only",       [I.CONSENT_PENDING],             I.SAFEGUARDING_ONLY,      May.PREPARE,        ask.BestInterests, (adult, only.lacks_capacity),                         None,             (),                  ("owner",)),
    Move("ask_again",            [I.SAFEGUARDING_ONLY],           I.CONSENT_PENDING,        May.RECORD_CONSENT, ask.Explanation,  (adult, only.out_of_danger)),
    Move("start_child",          [*EARLY, I.NOTIFY_DRAFTING],     I.DRAFTING,               May.PREPARE,        Nothing,          (child, only.authority_was_told),                      do.refer_child,   BY_LAW,              ("owner",),                  TEXT),
    Move("consent_after_all",    [I.NOTIFY_DRAFTING],             I.CONSENT_PENDING,        May.RECORD_CONSENT, Note,             (adult,),                                              do.ask_afresh,    (),                  ("owner",),                  TEXT),
    Move("ask_consent",          WRITING,                         I.CONSENT_PENDING,        May.PREPARE,        Note,             (adult, only.needs_consent),                           do.ask_afresh,    (),                  THEIRS,                      TEXT),
    Move("save",                 BEFORE_SENT,                     STAY,                     May.PREPARE,        ask.Draft,        (only.keeps, only.nobody_named, only.adopter_writes),  do.save,          (),                  (),                          BOTH),
    Move("prepare",              [I.DRAFTING],                    I.PREPARED,               May.PREPARE,        ask.Handing,      (only.asks_listed,),                                   do.hand_over,     (),                  ("first_responder",)),
    Move("give_back",            [I.PREPARED],                    I.DRAFTING,               May.SUBMIT,         Because,          (only.was_asked,),                                     do.hand_back,     (),                  ("owner", "referrer")),
    Move("take_back",            [I.PREPARED],                    I.DRAFTING,               May.PREPARE,        Because,          (),                                                    do.hand_back,     (),                  THEIRS),
    Move("adopt",                [I.PREPARED],                    I.ADOPTED,                May.SUBMIT,         Nothing,          (from_listed_organisation, only.was_asked),            do.adopt,         (),                  ("owner", "referrer")),
    Move("submit",               [I.DRAFTING, I.ADOPTED],         I.SUBMITTED,              May.SUBMIT,         ask.Submission,   SENDS,                                                 do.submit,        AFTER,               (*THEIRS, "authority"),      BOTH),
    Move("confirm_unsent",       [I.SUBMITTED],                   I.SUBMISSION_UNCONFIRMED, May.ACT_AS_SYSTEM,  Nothing,          (),                                                    None,             (),                  (*THEIRS, "manager")),
    Move("resend",               [I.SUBMISSION_UNCONFIRMED],      I.SUBMITTED,              May.SUBMIT,         Note,             (from_listed_organisation,),                           None,             (),                  (*THEIRS, "authority")),
    Move("acknowledge",          SENT,                            I.RECEIVED,               May.RECEIVE,        ask.Receipt,      (only.panel_takes_children,),                          do.acknowledge,   ("decision.open",),  (*THEIRS, "worker", "support", "local_authority")),
    Move("ask_to_notify",        [I.NOTIFY_DRAFTING],             STAY,                     May.PREPARE,        ask.Handing,      (adult, only.asks_duty_body),                          do.ask_to_notify, (),                  ("first_responder",)),
    Move("notify",               [I.NOTIFY_DRAFTING],             I.NOTIFIED,               May.SUBMIT,         ask.Notice,       NOTIFIES,                                              do.notify,        BY_LAW,              ("owner", "referrer"),       BOTH),
    Move("link_duplicate",       [*BEFORE_SENT, *SENT],           I.LINKED_DUPLICATE,       May.RECEIVE,        ask.Duplicate,    (only.another_case,),                                  do.end_support,   ENDS,                (*THEIRS, "support", "authority")),
    Move("withdraw",             [*EARLY, *WRITING, *SENT],       I.WITHDRAWN,              May.RECORD_CONSENT, ask.Withdrawal,   (adult, signed_as_the_law_asks),                       do.withdraw,      WITHDRAWS,           (*THEIRS, "support", "authority")),
    Move("close",                BEFORE_SENT,                     I.CLOSED,                 May.PREPARE,        ask.Closing,      (only.out_of_reach,),                                  do.end_support,   ENDS,                (*THEIRS, "support", "manager"), OTHERS),
    Move("advise",               [*EARLY, I.NOTIFY_DRAFTING],     I.ADVISED,                May.PREPARE,        ask.Advice,       (only.may_end_with_advice,),                           do.end_support,   ENDS,                ("owner", "support"),        OTHERS),
])
# fmt: on
