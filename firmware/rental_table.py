"""The rental as a table: what can happen to a car between two drivers, row by row.

Guards live in `rental_guards`, actions in `rental_actions`; rule IDs behind the rows. The rows of
enrolment, staff and maintenance, which are no rental, stand in `service_table`,
those of `reopened` in `reopen_table`.
A touch is one event. `card_tapped`: the order of its rows is TOUCH-1; `card_offered`: an enrolment
waits for it (ENROL-1); `staff_card_tapped`: STAFF-CAR-1.
"""

from firmware.reopen_table import REOPEN_ROWS
from firmware.service_table import SERVICE_ROWS

STATES = (
    ("parked", None, (), ()),  # no session: staff may open and lock
    ("vacant", "parked", (), ()),
    ("ended", "parked", (), ()),
    ("maintenance", "parked", (), ()),
    ("busy", None, (), ()),  # something is being finished first
    ("authorising", "busy", (), ()),
    ("ending", "busy", (), ()),
    ("reopened", "busy", (), ()),
    ("session", None, (), ()),
    ("unlocked", "session", (), ()),
    ("boarding", "session", (), ()),
    ("in_use", "session", (), ()),
    ("key_returned", "session", (), ()),
    ("relocked", "session", (), ()),
    ("secured", "session", (), ()),
)

INITIAL = "vacant"

# timer, the state that arms it (None: actions do), its length in `Terms`, its event
TIMEOUTS = (
    ("ask", "authorising", "ask_ms", "asking_finished"),
    ("relock", "unlocked", "relock_ms", "relock_deadline_passed"),
    ("key", None, "key_ms", "key_deadline_passed"),
    ("key_return", None, "key_return_ms", "key_return_deadline_passed"),
    ("reopen_window", None, "reopen_window_ms", "reopen_window_passed"),
    ("reopen_relock", "reopened", "relock_ms", "reopen_relock_deadline_passed"),
    ("warn", None, "warn_every_ms", "warning_due"),
    # The session record keeps them in this order: new ones go here.
    ("enrol", None, "enrol_ms", "enrol_deadline_passed"),
    ("staff", None, "relock_ms", "staff_deadline_passed"),
)

_START = ("open_session", "flash_twice", "unlock", "release_engine")
_SHUT = ("lock", "block_engine")
_NO_KEY_STILL = ("security_is_due", "!key_is_in")
_SHUT_AGAIN = ("shut_wants_another_try", "car_is_at_rest")
_SHUT_LATER = ("shut_wants_another_try",)
_STOOD_OPEN = ("a_door_is_open", "key_is_out")
_BACK_IN_USE = ("key_is_awaited", "!came_from_secured", "!came_from_relocked")
_SECURE = ("lock", "block_engine", "record_secured")
_RELOCK = ("lock", "block_engine", "record_relocked")
_LEFT_CLOSED = ("security_is_due", "!staff_is_in", "!a_door_is_open")
_LOCK_LEFT = ("lock_left_car", "block_at_rest")
_REUNLOCK = ("reunlock", "flash_twice", "unlock", "release_engine")
_REPEAT_START = ("repeat_start", "flash_twice", "unlock", "release_engine")
_BLOCKED = ("request_is_drivers", "release_may_be_repeated")
_CARD_BLOCKED = (  # START-5; TOUCH-1: an end comes first
    "request_is_drivers",
    "card_may_lock",
    "!card_may_end",
    "release_may_be_repeated",
)
_REPEAT_RELEASE = ("repeat_start", "flash_twice", "release_engine")
_BEGIN_END = ("begin_end", "flash_once", "lock", "block_engine")
_FAIL_END = ("fail_end", "release_again")

_RENTAL_ROWS = (
    # vacant: nobody's car
    ("vacant", "card_tapped", ("centre_is_reachable",), ("ask_centre",), "authorising"),
    ("vacant", "card_tapped", ("start_is_valid",), _START, "unlocked"),  # START-3, offline
    # Before a refusal the centre is tried: it may know of a booking made a minute ago.
    ("vacant", "card_tapped", ("centre_may_answer",), ("ask_centre",), "authorising"),
    ("vacant", "card_tapped", (), ("refuse_card",), None),  # START-9
    ("vacant", "start_commanded", ("start_is_valid",), _START, "unlocked"),  # START-2
    ("vacant", "start_commanded", (), ("refuse_start",), None),
    ("vacant", "end_commanded", (), ("answer_end_of_no_use",), None),
    ("vacant", "reopen_commanded", (), ("refuse_reopen",), None),  # REOPEN-5
    ("vacant", "lock_commanded", (), ("refuse_lock",), None),
    ("vacant", "reunlock_commanded", (), ("refuse_no_booking",), None),
    ("vacant", "doors_cleared", ("security_is_due", "!staff_is_in"), _LOCK_LEFT, None),
    ("vacant", "resumed", _LEFT_CLOSED, _LOCK_LEFT, None),
    ("vacant", "resumed", ("block_was_cut_off", "car_is_at_rest"), _SHUT, None),  # SAFE-3
    ("vacant", "resumed", ("lock_was_cut_off", "!a_door_is_open"), ("lock",), None),
    # authorising: the centre was asked, or 3 s are over; the car's own copy decides
    ("authorising", "asking_finished", ("start_is_valid",), _START, "unlocked"),
    ("authorising", "asking_finished", ("reopen_window_is_open",), ("refuse_card",), "ended"),
    ("authorising", "asking_finished", (), ("refuse_card",), "vacant"),  # START-12
    ("authorising", "start_commanded", ("start_is_valid",), _START, "unlocked"),
    ("authorising", "start_commanded", (), ("refuse_start",), None),
    ("authorising", "reopen_window_passed", (), ("record_window_over",), None),
    ("authorising", "doors_cleared", ("security_is_due", "!staff_is_in"), _LOCK_LEFT, None),
    # unlocked: no door opened yet
    (
        "unlocked",
        "card_tapped",
        ("request_is_drivers", "card_may_lock", "start_may_be_repeated"),
        _REPEAT_START,
        None,
    ),
    (
        "unlocked",
        "start_commanded",
        ("request_is_drivers", "start_may_be_repeated"),
        _REPEAT_START,
        None,
    ),
    (
        "unlocked",
        "reunlock_commanded",
        ("request_is_drivers", "opening_is_missed"),
        _REUNLOCK,
        "unlocked",
    ),
    ("unlocked", "door_opened", ("key_is_out",), ("note_key_out",), "in_use"),  # START-7
    ("unlocked", "door_opened", (), (), "boarding"),
    ("unlocked", "key_taken", (), ("note_key_out",), "in_use"),
    # a door that stood open at the unlock, and is closed or stands open still, was opened (START-6)
    ("unlocked", "doors_cleared", ("key_is_out",), ("note_key_out",), "in_use"),
    ("unlocked", "doors_cleared", (), (), "boarding"),
    ("unlocked", "relock_deadline_passed", _STOOD_OPEN, ("note_key_out",), "in_use"),
    ("unlocked", "relock_deadline_passed", ("a_door_is_open",), (), "boarding"),
    ("unlocked", "relock_deadline_passed", ("car_is_at_rest",), _RELOCK, "relocked"),  # START-6
    ("unlocked", "relock_deadline_passed", (), ("postpone_security",), None),  # SAFE-1
    ("unlocked", "car_came_to_rest", ("security_is_due",), _RELOCK, "relocked"),
    ("unlocked", "key_deadline_passed", ("key_was_out",), (), None),  # START-7
    ("unlocked", "key_deadline_passed", ("security_is_due",), (), None),
    # boarding: a door was opened, the key not yet taken
    ("boarding", "card_tapped", _CARD_BLOCKED, _REPEAT_RELEASE, None),  # FAULT-1
    ("boarding", "reunlock_commanded", _BLOCKED, _REPEAT_RELEASE, None),
    ("boarding", "key_taken", (), ("note_key_out",), "in_use"),
    ("boarding", "key_deadline_passed", _NO_KEY_STILL, ("look_for_key",), None),
    ("boarding", "key_deadline_passed", ("!key_is_in",), ("wait_for_key_box",), None),
    ("boarding", "key_deadline_passed", ("car_is_at_rest",), _SECURE, "secured"),  # START-7
    ("boarding", "key_deadline_passed", (), ("postpone_security",), None),  # SAFE-1
    ("boarding", "car_came_to_rest", ("security_is_due", "key_is_in"), _SECURE, "secured"),
    ("boarding", "car_came_to_rest", ("security_is_due",), ("look_for_key",), None),
    # in_use: the key is out
    ("in_use", "reunlock_commanded", _BLOCKED, _REPEAT_RELEASE, None),
    ("in_use", "key_returned", (), ("note_key_in",), "key_returned"),
    # key_returned: the key is back in the box
    ("key_returned", "reunlock_commanded", _BLOCKED, _REPEAT_RELEASE, None),
    ("key_returned", "key_taken", (), ("note_key_out",), "in_use"),  # USE-2
    ("key_returned", "key_return_deadline_passed", _NO_KEY_STILL, ("look_for_key",), None),
    ("key_returned", "key_return_deadline_passed", ("!key_is_in",), ("wait_for_key_box",), None),
    ("key_returned", "key_return_deadline_passed", ("car_is_at_rest",), _SECURE, "secured"),
    ("key_returned", "key_return_deadline_passed", (), ("postpone_security",), None),  # SAFE-1
    ("key_returned", "car_came_to_rest", ("security_is_due", "key_is_in"), _SECURE, "secured"),
    ("key_returned", "car_came_to_rest", ("security_is_due",), ("look_for_key",), None),
    # relocked, secured: locked by the car, in the driver's session
    ("relocked", "reunlock_commanded", ("request_is_drivers",), _REUNLOCK, "unlocked"),  # USE-5
    ("secured", "reunlock_commanded", ("request_is_drivers",), _REUNLOCK, "unlocked"),
    ("relocked", "key_taken", (), ("note_key_out",), None),
    ("secured", "key_taken", (), ("note_key_out",), None),
    ("relocked", "resumed", ("!car_is_shut", "car_is_at_rest"), _SHUT, None),  # SAFE-3
    ("secured", "resumed", ("!car_is_shut", "car_is_at_rest"), _SHUT, None),
    ("relocked", "resumed", ("!car_is_shut",), ("postpone_security",), None),  # SAFE-1
    ("secured", "resumed", ("!car_is_shut",), ("postpone_security",), None),
    ("relocked", "car_came_to_rest", ("security_is_due",), _RELOCK, None),
    ("secured", "car_came_to_rest", ("security_is_due",), _SECURE, None),
    ("relocked", "pulses_finished", _SHUT_AGAIN, ("shut_again",), None),
    ("relocked", "pulses_finished", _SHUT_LATER, ("postpone_security",), None),  # SAFE-1
    ("relocked", "pulses_finished", ("lock_did_not_show",), ("fail_lock",), None),
    ("secured", "pulses_finished", _SHUT_AGAIN, ("shut_again",), None),
    ("secured", "pulses_finished", _SHUT_LATER, ("postpone_security",), None),
    ("secured", "pulses_finished", ("lock_did_not_show",), ("fail_lock",), None),
    # any state of use
    ("session", "pulses_finished", ("opening_wants_another_try",), ("open_again",), None),
    ("session", "pulses_finished", ("opening_did_not_show",), ("fail_opening",), None),  # FAULT-1
    (
        "session",
        "card_tapped",
        ("request_is_drivers", "card_may_end", "end_checks_hold"),
        _BEGIN_END,
        "ending",
    ),
    ("session", "card_tapped", ("request_is_drivers", "card_may_end"), ("refuse_end",), None),
    ("session", "card_tapped", (), ("refuse_card",), None),  # START-10, END-3, START-5
    ("session", "end_commanded", ("!request_is_drivers",), ("answer_end_of_no_use",), None),
    ("session", "end_commanded", ("end_checks_hold",), _BEGIN_END, "ending"),  # END-1, END-6
    ("session", "end_commanded", (), ("refuse_end",), None),  # END-5
    (
        "session",
        "start_commanded",
        _BLOCKED,
        _REPEAT_RELEASE,
        None,
    ),
    ("session", "start_commanded", (), ("refuse_start",), None),  # START-10
    ("session", "reopen_commanded", (), ("refuse_reopen",), None),
    ("session", "lock_commanded", (), ("refuse_lock",), None),
    ("session", "reunlock_commanded", ("!request_is_drivers",), ("refuse_not_drivers",), None),
    ("session", "reunlock_commanded", (), ("accept_again",), None),  # USE-5: nothing to undo
    ("session", "warning_due", (), ("warn",), None),  # USE-3
    # ending: accepted; the doors are being locked
    (
        "ending",
        "pulses_finished",
        ("shut_wants_another_try", "end_still_holds"),
        ("sample_place", "shut_again"),
        None,
    ),
    ("ending", "pulses_finished", ("doors_are_locked",), ("finish_end",), "ended"),  # END-4
    ("ending", "pulses_finished", ("came_from_secured",), ("fail_end",), "secured"),
    ("ending", "pulses_finished", ("came_from_relocked",), ("fail_end",), "relocked"),
    ("ending", "pulses_finished", ("key_is_out",), _FAIL_END, "in_use"),
    ("ending", "pulses_finished", ("key_return_runs",), _FAIL_END, "key_returned"),
    ("ending", "pulses_finished", ("key_is_awaited",), _FAIL_END, "in_use"),
    ("ending", "pulses_finished", (), _FAIL_END, "boarding"),
    (
        "ending",
        "resumed",
        ("end_still_holds",),
        ("sample_place", "lock", "block_engine"),
        None,
    ),  # END-7, SAFE-3
    ("ending", "resumed", ("came_from_secured",), ("fail_end",), "secured"),
    ("ending", "resumed", ("came_from_relocked",), ("fail_end",), "relocked"),
    ("ending", "resumed", ("key_is_out",), _FAIL_END, "in_use"),
    ("ending", "resumed", ("key_return_runs",), _FAIL_END, "key_returned"),
    ("ending", "resumed", ("key_is_awaited",), _FAIL_END, "in_use"),
    ("ending", "resumed", (), _FAIL_END, "boarding"),
    # if the end fails, the use goes on with what became of the key meanwhile
    ("ending", "key_taken", ("!key_is_awaited",), ("note_key_out",), None),
    ("ending", "key_returned", _BACK_IN_USE, ("note_key_in",), None),
    ("ending", "end_commanded", ("!request_is_drivers",), ("answer_end_of_no_use",), None),
    ("ending", "end_commanded", ("end_is_commanded",), ("refuse_busy",), None),
    ("ending", "end_commanded", (), ("join_end",), None),  # END-7: reports once
    # ended: the reopen window
    ("ended", "card_tapped", ("start_is_valid", "!centre_is_reachable"), _START, "unlocked"),
    ("ended", "card_tapped", ("start_is_valid",), ("ask_centre",), "authorising"),
    (
        "ended",
        "card_tapped",
        ("reopen_is_valid",),
        ("reopen", "flash_twice", "unlock"),
        "reopened",
    ),
    ("ended", "card_tapped", ("centre_may_answer",), ("ask_centre",), "authorising"),
    ("ended", "card_tapped", (), ("refuse_card",), None),
    ("ended", "start_commanded", ("start_is_valid",), _START, "unlocked"),  # START-10
    ("ended", "start_commanded", (), ("refuse_start",), None),
    (
        "ended",
        "reopen_commanded",
        ("reopen_is_valid",),
        ("reopen", "flash_twice", "unlock"),
        "reopened",
    ),  # REOPEN-1
    ("ended", "reopen_commanded", (), ("refuse_reopen",), None),
    ("ended", "end_commanded", (), ("answer_end_of_no_use",), None),  # END-7
    ("ended", "lock_commanded", ("request_is_drivers",), ("accept_again",), None),
    ("ended", "lock_commanded", (), ("refuse_not_drivers",), None),
    ("ended", "reunlock_commanded", (), ("refuse_busy",), None),
    ("ended", "reopen_window_passed", (), ("record_window_over",), "vacant"),
    ("ended", "doors_cleared", ("security_is_due", "!staff_is_in"), _LOCK_LEFT, None),
    ("ended", "resumed", ("block_was_cut_off", "car_is_at_rest"), _SHUT, None),  # SAFE-3
    ("ended", "resumed", ("lock_was_cut_off", "!a_door_is_open"), ("lock",), None),
    # busy: authorising, ending, reopened
    ("busy", "card_tapped", (), ("refuse_busy",), None),
    ("busy", "start_commanded", (), ("refuse_busy",), None),
    ("busy", "end_commanded", (), ("refuse_busy",), None),
    ("busy", "reopen_commanded", (), ("refuse_busy",), None),
    ("busy", "lock_commanded", (), ("refuse_busy",), None),
    ("busy", "reunlock_commanded", (), ("refuse_busy",), None),
)

TRANSITIONS = _RENTAL_ROWS + REOPEN_ROWS + SERVICE_ROWS
