"""The names that rule files may use, for tests of the law alone. The real ones come from the workflow tables."""

from workflows.jurisdiction import Known

MOVES = {
    "intake": "encounter answer_age make_safe explain consent start_child refer_in_best_interests safeguard_only ask_again"
    " refuse needs_time save prepare give_back adopt submit confirm_unsent resend acknowledge notify consent_after_all"
    " link_duplicate withdraw advise",
    "decision": "open find_reasonable find_not_reasonable find_both suspend resume reach_minimum find_conclusive"
    " find_not_conclusive suspend_conclusive resume_conclusive transfer serve reconsider reconsider_conclusive revoke"
    " ask_to_close keep_open_reasonable keep_open_conclusive confirm_close conclude",
    "support": "request refer_urgently escalate accept_urgent refuse_urgent begin_contact carry_on record_attempt reach"
    " fail_contact decline reopen agree_plan review move_on submit_rna forgo_rna extend_by_rna end_by_rna give_notice"
    " extend_notice exit reach_in end_reach_in close",
    "housing": "ask find_eligible find_not_eligible assess_again wait arrange_interim offer accept refuse withdraw_offer"
    " place start_move complete_move mark_absent come_back exclude review_exclusion evict leave",
    "assignment": "open offer decline_offer lapse_offer take propose accept reject introduce hand_over worker_leaves"
    " name_deputy end",
    "disqualification": "consider disqualify drop ask_again uphold lift",
    "contact": "open verify lose report_missing find leave_uk detain release record_death",
    "consent": "give refuse give_after_all expire renew withdraw",
    "child": "identify tell_local_authority refer_to_guardian allocate_guardian hold_strategy_discussion submit"
    " go_to_authority go_to_panel set_panel_date turn_eighteen explain_at_eighteen remain withdraw give_no_answer"
    " assess_as_adult assess_as_child finish",
    "inquiry": "ask answer hold_nothing extend fall_overdue open_window request request_late lapse accept reject change"
    " uphold close",
    "stay": "open hold release grant refuse not_needed renew expire close",
    "justice": "open report record_crime investigate charge go_to_trial update_person record_cooperation drop conclude",
    "operation": "plan add_partner add_place start tally capture close",
    "concern": "receive assess link close",
}
ROLES = (
    "navigator first_responder support_coordinator support_worker housing_coordinator caseworker manager agency_admin"
    " system_admin system"
)
KNOWN = Known(
    moves=frozenset(f"{workflow}.{move}" for workflow, moves in MOVES.items() for move in moves.split()),
    workflows=frozenset(MOVES),
    roles=frozenset(ROLES.split()),
)
