"""The rows of the rental's table for `reopened`: the forgotten item. `rental_table` joins them to its own."""

_SHUT = ("lock", "block_at_rest")
_LOCK_REOPENED = ("lock_reopened", "flash_once", "lock", "block_at_rest")
_END_REOPENED = ("lock", "block_at_rest", "end_reopened")
_LEAVE_OPEN = ("record_window_over", "report_doors_open")

REOPEN_ROWS = (
    # reopened: the forgotten item
    ("reopened", "door_opened", (), ("note_reopen_door",), None),
    ("reopened", "doors_cleared", (), ("note_reopen_door",), None),
    ("reopened", "pulses_finished", ("opening_wants_another_try",), ("open_again",), None),
    ("reopened", "pulses_finished", ("opening_did_not_show",), ("fail_opening",), None),
    (
        "reopened",
        "pulses_finished",
        ("shut_wants_another_try", "!a_door_is_open"),
        ("shut_again",),
        None,
    ),
    ("reopened", "pulses_finished", ("lock_did_not_show",), ("fail_reopen_lock",), None),
    ("reopened", "pulses_finished", ("lock_was_pulsed",), ("finish_reopen",), "vacant"),
    (
        "reopened",
        "card_tapped",
        ("request_is_drivers", "card_may_lock", "reopen_may_be_repeated"),
        ("repeat_reopen", "flash_twice", "unlock"),
        None,
    ),
    (
        "reopened",
        "card_tapped",
        ("request_is_drivers", "card_may_lock", "lock_checks_hold"),
        _LOCK_REOPENED,
        None,
    ),  # REOPEN-3
    ("reopened", "card_tapped", ("request_is_drivers", "card_may_lock"), ("refuse_lock",), None),
    ("reopened", "card_tapped", (), ("refuse_card",), None),
    ("reopened", "lock_commanded", ("!request_is_drivers",), ("refuse_not_drivers",), None),
    (
        "reopened",
        "lock_commanded",
        ("lock_checks_hold",),
        _LOCK_REOPENED,
        None,
    ),
    ("reopened", "lock_commanded", (), ("refuse_lock",), None),
    ("reopened", "start_commanded", (), ("refuse_start",), None),  # START-10
    (
        "reopened",
        "reopen_commanded",
        ("request_is_drivers", "reopen_may_be_repeated"),
        ("repeat_reopen", "flash_twice", "unlock"),
        None,
    ),
    ("reopened", "reopen_commanded", (), ("refuse_reopen",), None),  # REOPEN-5
    (
        "reopened",
        "reopen_relock_deadline_passed",
        ("!a_door_is_open",),
        _END_REOPENED,
        "vacant",
    ),  # REOPEN-6
    ("reopened", "reopen_window_passed", ("a_door_is_open",), _LEAVE_OPEN, "vacant"),  # REOPEN-6
    ("reopened", "reopen_window_passed", (), _END_REOPENED, "vacant"),
    ("reopened", "resumed", ("security_is_due", "!a_door_is_open"), _SHUT, None),  # SAFE-3
    # a record of a program that let it stand there without an end
    ("reopened", "resumed", ("!reopen_window_is_open", "a_door_is_open"), _LEAVE_OPEN, "vacant"),
    ("reopened", "resumed", ("!reopen_window_is_open",), _END_REOPENED, "vacant"),
)
