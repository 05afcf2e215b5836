"""Enrolment, staff cards and maintenance, row by row; `row_rig` reads the lines."""

from tests.portable.firmware.row_rig import check

MAINTENANCE = """
fresh > maintenance_on > maintenance; answer yes; command_received phone; technician_in #0 phone
ended > maintenance_on > maintenance; answer yes; command_received phone; window_over 0; technician_in #0 phone; reopen_window off; +over
tap staff, done > maintenance_on > maintenance; answer yes; command_received phone; technician_in #0 phone
booked, enrol > maintenance_on > maintenance; answer yes; command_received phone; enrol_expired; technician_in #0 phone; enrol off
fresh > maintenance_off > vacant; answer yes nothing_to_undo; command_received phone
ended > maintenance_off > ended; answer yes nothing_to_undo; command_received phone
serviced > maintenance_on > maintenance; answer yes nothing_to_undo; command_received phone
serviced > maintenance_off > vacant; lock by phone; block by phone; answer yes; command_received phone; locked #0 phone; technician_out #0 phone; +over
serviced, unlocked > maintenance_off > vacant; lock by phone; block by phone; answer yes; command_received phone; locked #0 phone; technician_out #0 phone; +over
serviced, maintenance_off > done > vacant; engine_blocked #0 phone
serviced, door opens > maintenance_off > maintenance; answer no door_open; command_received phone; command_refused phone door_open
serviced, engine runs > maintenance_off > maintenance; answer no engine_running; command_received phone; command_refused phone engine_running
serviced, engine unknown > maintenance_off > maintenance; answer no cannot_tell(128); command_received phone; command_refused phone cannot_tell(128)
serviced, door unknown > maintenance_off > vacant; lock by phone; block by phone; answer yes; command_received phone; locked #0 phone; technician_out #0 phone; +over
serviced, door unknown, engine unknown > maintenance_off > maintenance; answer no cannot_tell(128); command_received phone; command_refused phone cannot_tell(128)
serviced, tap staff, done > maintenance_off > vacant; lock by phone; block by phone; answer yes; command_received phone; staff_out #0 phone; locked #0 phone; technician_out #0 phone; staff off; +over; -staff_in
serviced, booked > tap > maintenance; signal; start_refused card in_maintenance; card_refused card in_maintenance
serviced > tap stranger > maintenance; signal; card_refused #0 stranger unknown_card
serviced > tap other > maintenance; signal; start_refused #0 other in_maintenance; card_refused #0 other in_maintenance
serviced, booked > start > maintenance; answer no in_maintenance; command_received phone; start_refused phone in_maintenance
serviced > end > maintenance; answer no in_maintenance; command_received phone; command_refused phone in_maintenance
serviced > reopen > maintenance; answer no in_maintenance; command_received phone; command_refused phone in_maintenance
serviced > lock > maintenance; answer no in_maintenance; command_received phone; command_refused phone in_maintenance
serviced > reunlock > maintenance; answer no in_maintenance; command_received phone; command_refused phone in_maintenance
serviced, booked > enrol > maintenance; answer no in_maintenance; command_received phone; command_refused phone in_maintenance
serviced > tap staff > maintenance; unlock by staff 10; flash 2; staff_in #0 staff; staff 60; +staff_in
serviced, tap staff, done > tap staff > maintenance; lock by staff; flash 1; staff_out #0 staff; locked #0 card; staff off; +over; -staff_in
serviced > reset > maintenance
"""

STAFF = """
fresh > tap staff > vacant; unlock by staff 10; flash 2; staff_in #0 staff; staff 60; +staff_in
ended > tap staff > ended; unlock by staff 10; flash 2; staff_in #0 staff; staff 60; +staff_in
fresh, tap staff, done > tap staff > vacant; lock by staff; flash 1; staff_out #0 staff; locked #0 card; staff off; +over; -staff_in
fresh, tap staff, done, door opens > tap staff > vacant; signal; card_refused #0 staff door_open
fresh, unlocked > tap staff > vacant; lock by staff; flash 1; staff_out #0 staff; locked #0 card; +over
fresh, unlocked, door unknown > tap staff > vacant; lock by staff; flash 1; staff_out #0 staff; locked #0 card; +over
fresh, locks unknown > tap staff > vacant; unlock by staff 10; flash 2; staff_in #0 staff; staff 60; +staff_in
fresh, tap staff, locked > done > vacant; fault #0 unlock_not_confirmed
fresh, tap staff, locks unknown > done > vacant
fresh, tap staff > done > vacant
fresh, tap staff, done > door opens > vacant; door_opened #0 0; staff off
fresh, tap staff, done > wait 60 > vacant; lock by deadline; staff_out #0 deadline; locked #0 deadline; staff off; +over; -staff_in
fresh, tap staff, done, door opens, door closes > wait 60 > vacant
fresh, tap staff, done, booked > tap > unlocked; unlock by card 7800; release by card 7800; flash 2; staff_out #0 card; start_requested card; unlocked card 7 -1 0; engine_released card; key 600; relock 60; warn 7200; staff off; -staff_in
fresh, tap staff, done, booked > start > unlocked; unlock by phone 7200; release by phone 7200; flash 2; answer yes; command_received phone; staff_out #0 phone; start_requested phone; unlocked phone 7 -1 0; engine_released phone; key 600; relock 60; warn 6600; staff off; -staff_in
fresh, tap staff, done > reset > vacant; staff 59
"""

ENROLMENT = """
booked > enrol > vacant; answer yes; command_received phone; enrol_opened phone; enrol 60
fresh > enrol > vacant; answer no no_booking; command_received phone; command_refused phone no_booking
fresh > enrol other > vacant; answer no no_booking; command_received #101 phone; command_refused #101 phone no_booking
started > enrol > unlocked; answer yes; command_received phone; enrol_opened phone; enrol 60
driving > enrol > in_use; answer yes; command_received phone; enrol_opened phone; enrol 60
ending > enrol > ending; answer yes; command_received phone; enrol_opened phone; enrol 60
asking > enrol > authorising; answer yes; command_received phone; enrol_opened phone; enrol 60
reopened > enrol > reopened; answer yes; command_received phone; enrol_opened phone; enrol 60
booked, enrol > tap stranger > vacant; card_enrolled stranger 7; enrol off
booked, enrol > tap > vacant; card_enrolled card 7; enrol off
booked, enrol > tap other > vacant; signal; card_refused #0 other not_this_driver
booked, enrol > tap staff > vacant; signal; card_refused #0 staff not_this_driver
booked, enrol > wait 60 > vacant; enrol_expired; enrol off
booked, enrol, wait 30 > enrol > vacant; answer yes; command_received phone; enrol_opened phone; enrol 60
driving, enrol > tap stranger > in_use; card_enrolled stranger 7; enrol off
driving, enrol > tap other > in_use; signal; card_refused #0 other not_this_driver
driving, enrol > wait 60 > in_use; enrol_expired; enrol off
driving, enrol > enrol other > in_use; answer no no_booking busy; command_received #101 phone; command_refused #101 phone no_booking busy
asking, enrol > tap stranger > authorising; card_enrolled stranger 7; enrol off
asking, enrol > tap other > authorising; signal; card_refused #0 other not_this_driver
asking, answer, enrol > tap stranger > unlocked; card_enrolled stranger 7; enrol off
ending, enrol > tap stranger > ending; card_enrolled stranger 7; enrol off
ending, enrol > tap other > ending; signal; card_refused #0 other not_this_driver
ending, enrol > wait 60 > ending; enrol_expired; enrol off
ending > enrol other > ending; answer no no_booking; command_received #101 phone; command_refused #101 phone no_booking
"""

POSITION = """
fresh > position > vacant; answer yes; command_received phone; position_reported #0 18 bytes
fresh > fly > vacant; answer no not_allowed_in_profile; command_received phone; command_refused phone not_allowed_in_profile
driving > fly > in_use; answer no not_allowed_in_profile; command_received phone; command_refused phone not_allowed_in_profile
fresh > reader silent > vacant; fault #0 reader_silent
fresh, reader silent > reader back > vacant; fault_cleared #0 reader_silent
driving > position > in_use; answer yes; command_received phone; position_reported 18 bytes
"""


def test_maintenance() -> None:
    """STAFF-CAR-1."""
    check(MAINTENANCE)


def test_staff_cards() -> None:
    """STAFF-CAR-1."""
    check(STAFF)


def test_enrolment() -> None:
    """ENROL-1, ENROL-2."""
    check(ENROLMENT)


def test_position() -> None:
    """POS-1."""
    check(POSITION)
