"""The rows of the rental's table that are no rental: enrolment, staff cards, maintenance, technicians.

`rental_table` joins them to its own. An enrolment goes on beside every state but maintenance.
"""

_SHUT_AGAIN = ("shut_wants_another_try", "!a_door_is_open")

SERVICE_ROWS = (
    # maintenance: a technician's car; no driver can start (STAFF-CAR-1)
    ("vacant", "maintenance_on_commanded", (), ("enter_maintenance",), "maintenance"),
    (
        "ended",
        "maintenance_on_commanded",
        (),
        ("record_window_over", "enter_maintenance"),
        "maintenance",
    ),
    ("session", "maintenance_on_commanded", (), ("refuse_not_returned",), None),
    ("busy", "maintenance_on_commanded", (), ("refuse_busy",), None),
    ("maintenance", "card_tapped", (), ("refuse_card",), None),
    ("maintenance", "start_commanded", (), ("refuse_start",), None),
    ("maintenance", "end_commanded", (), ("refuse_in_maintenance",), None),
    ("maintenance", "reopen_commanded", (), ("refuse_in_maintenance",), None),
    ("maintenance", "lock_commanded", (), ("refuse_in_maintenance",), None),
    ("maintenance", "reunlock_commanded", (), ("refuse_in_maintenance",), None),
    ("maintenance", "enrol_commanded", (), ("refuse_in_maintenance",), None),
    ("maintenance", "maintenance_on_commanded", (), ("accept_again",), None),
    (
        "maintenance",
        "maintenance_off_commanded",
        ("service_checks_hold",),
        ("leave_maintenance", "lock", "block_engine"),
        "vacant",
    ),
    ("maintenance", "maintenance_off_commanded", (), ("refuse_service",), None),
    (
        "vacant",
        "maintenance_off_commanded",
        ("lock_was_cut_off", "service_checks_hold"),
        ("shut_after_staff", "lock", "block_engine", "accept"),
        None,
    ),  # it is over, and its lock did not show
    ("parked", "maintenance_off_commanded", (), ("accept_again",), None),
    ("session", "maintenance_off_commanded", (), ("accept_again",), None),
    ("busy", "maintenance_off_commanded", (), ("accept_again",), None),
    # a staff card opens and locks a parked car: vacant, ended, maintenance (STAFF-CAR-1)
    ("parked", "staff_card_tapped", ("!service_checks_hold",), ("refuse_service",), None),
    (
        "parked",
        "staff_card_tapped",
        ("asks_to_lock",),
        ("shut_after_staff", "flash_once", "lock"),
        None,
    ),
    ("parked", "staff_card_tapped", (), ("let_staff_in", "flash_twice", "unlock"), None),
    (
        "parked",
        "pulses_finished",
        ("staff_is_in", "unlock_did_not_show"),
        ("report_unlock_fault",),
        None,
    ),
    # whoever shut it: staff, a technician, a deadline, an end, a reset
    ("parked", "pulses_finished", _SHUT_AGAIN, ("shut_again",), None),
    ("parked", "pulses_finished", ("lock_did_not_show",), ("fail_lock",), None),
    ("parked", "door_opened", (), ("note_staff_door",), None),
    (
        "parked",
        "staff_deadline_passed",
        ("!a_door_is_open",),
        ("shut_after_staff", "lock"),
        None,
    ),
    # while a driver's card is asked about, staff may still be in
    ("authorising", "door_opened", (), ("note_staff_door",), None),
    (
        "authorising",
        "staff_deadline_passed",
        ("!a_door_is_open",),
        ("shut_after_staff", "lock"),
        None,
    ),
    ("authorising", "pulses_finished", _SHUT_AGAIN, ("shut_again",), None),
    ("authorising", "pulses_finished", ("lock_did_not_show",), ("fail_lock",), None),
    ("session", "staff_card_tapped", (), ("refuse_not_returned",), None),
    ("busy", "staff_card_tapped", (), ("refuse_busy",), None),
    # a technician at the unlocked console works at a parked car (TECH-3)
    ("parked", "technician_asks", ("!service_checks_hold",), ("refuse_service",), None),
    (
        "parked",
        "technician_asks",
        ("asks_to_unlock",),
        ("let_staff_in", "flash_twice", "unlock"),
        None,
    ),
    (
        "parked",
        "technician_asks",
        ("asks_to_lock",),
        ("shut_after_staff", "flash_once", "lock"),
        None,
    ),
    (
        "parked",
        "technician_asks",
        ("asks_to_release",),
        ("release_to_technician", "release_engine"),
        None,
    ),
    (
        "parked",
        "technician_asks",
        ("asks_to_block",),
        ("block_engine",),
        None,
    ),
    ("parked", "technician_asks", (), ("test_level",), None),
    ("session", "technician_asks", (), ("refuse_not_returned",), None),
    ("busy", "technician_asks", (), ("refuse_busy",), None),
    # the enrolment of a card (ENROL-1)
    ("parked", "enrol_commanded", ("service_checks_hold",), ("open_enrolment",), None),
    ("parked", "enrol_commanded", (), ("refuse_service",), None),
    ("parked", "card_offered", ("card_is_anothers",), ("refuse_not_drivers",), None),
    ("parked", "card_offered", (), ("enrol_card",), None),
    ("parked", "enrol_deadline_passed", (), ("record_enrol_expired",), None),
    ("session", "enrol_commanded", ("service_checks_hold",), ("open_enrolment",), None),
    ("session", "enrol_commanded", (), ("refuse_service",), None),
    ("session", "card_offered", ("card_is_anothers",), ("refuse_not_drivers",), None),
    ("session", "card_offered", (), ("enrol_card",), None),
    ("session", "enrol_deadline_passed", (), ("record_enrol_expired",), None),
    ("busy", "enrol_commanded", ("service_checks_hold",), ("open_enrolment",), None),
    ("busy", "enrol_commanded", (), ("refuse_service",), None),
    ("busy", "card_offered", ("card_is_anothers",), ("refuse_not_drivers",), None),
    ("busy", "card_offered", (), ("enrol_card",), None),
    ("busy", "enrol_deadline_passed", (), ("record_enrol_expired",), None),
)
