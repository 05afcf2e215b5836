"""What a reset or an open door cut off, and locks that nobody can tell: row by row; `row_rig` reads the lines."""

from tests.portable.firmware.row_rig import check

RELEASE = """
booked, tap, blocked, reset > tap > unlocked; unlock by card 7799; release by card 7799; flash 2; start_requested card
booked, tap, blocked, reset > start > unlocked; unlock by phone 7799; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, blocked, reset > reunlock > unlocked; unlock by phone 10; release by phone 10; flash 2; answer yes; command_received phone; reunlocked phone; engine_released phone; key 600; relock 60
booked, tap, blocked, reset > tap other > unlocked; signal; card_refused #0 other not_this_driver
booked, tap, blocked, reset, door opens > tap > boarding; release by card 7799; flash 2; start_requested card
booked, tap, blocked, reset, door opens > start > boarding; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, blocked, reset, door opens > reunlock > boarding; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, blocked, reset, door opens > tap other > boarding; signal; card_refused #0 other not_this_driver
booked, tap, blocked, reset, door opens > start other > boarding; answer no not_returned; command_received #101 phone; start_refused #101 phone not_returned
booked, tap, blocked, reset, door opens > reunlock other > boarding; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
booked, tap, blocked, reset, door opens, tap > tap > boarding; signal; card_refused #0 card busy
booked, tap, blocked, reset, door opens, tap, done > start > boarding; answer no busy; command_received phone; start_refused phone busy
booked, tap, blocked, reset, key out > tap > in_use; alarm; signal; end_refused card key_not_in_box
booked, tap, blocked, reset, key out > start > in_use; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, blocked, reset, key out > reunlock > in_use; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, blocked, reset, key out > reunlock other > in_use; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
booked, tap, blocked, reset, key out, key in > tap > ending; lock by card; block by card; flash 1; end_requested card
booked, tap, blocked, reset, key out, key in > start > key_returned; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, blocked, reset, key out, key in > reunlock > key_returned; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, blocked, reset, key out, key in > reunlock other > key_returned; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
booked, tap, blocked, reset, key out, wait 7800 > start > in_use; answer no busy; command_received phone; start_refused phone busy
booked, tap, blocked, reset, key out, wait 7800 > reunlock > in_use; answer yes nothing_to_undo; command_received phone
driving, blocked, reset > start > in_use; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
back, blocked, reset > start > key_returned; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
boarding, blocked, reset > start > boarding; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, block unknown, reset, door opens > start > boarding; answer no busy; command_received phone; start_refused phone busy
booked, tap, block unknown, reset, blocked, door opens > start > boarding; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, block unknown, locked, reset, tap, blocked, fresh > start > unlocked; answer no busy; command_received phone; start_refused phone busy
booked, tap, reset, door opens, blocked, fresh > start > boarding; answer no busy; command_received phone; start_refused phone busy
boarding, reset > tap > boarding; signal; card_refused #0 card busy
boarding, reset > start > boarding; answer no busy; command_received phone; start_refused phone busy
boarding, reset > reunlock > boarding; answer yes nothing_to_undo; command_received phone
relocked, reset > start > relocked; answer no busy; command_received phone; start_refused phone busy
secured, reset > start > secured; answer no busy; command_received phone; start_refused phone busy
ending, blocked, reset > start > ending; answer no busy; command_received phone; command_refused phone busy
late booked, start, locked, reset > tap > unlocked; signal; start_refused #0 card window_over; card_refused #0 card window_over
late booked, start, locked, reset > start > unlocked; unlock by phone 7199; release by phone 7199; flash 2; answer yes; command_received phone; start_requested phone
late booked, start, done, blocked, reset > tap > unlocked; signal; start_refused #0 card window_over; card_refused #0 card window_over
late booked, start, done, blocked, reset, door opens > tap > boarding; signal; start_refused #0 card window_over; card_refused #0 card window_over
key out, booked, tap, done, key in, door opens, blocked, reset > tap > boarding; alarm; signal; end_refused card door_open
"""

STAFF_IN_THE_DARK = """
locks unknown > tap staff > vacant; unlock by staff 10; flash 2; staff_in #0 staff; staff 60; +staff_in
locks unknown, tap staff, done > tap staff > vacant; lock by staff; flash 1; staff_out #0 staff; locked #0 card; staff off; +over; -staff_in
locks unknown, tap staff, done, door opens > tap staff > vacant; signal; card_refused #0 staff door_open
locks unknown, tap staff, locks unknown, done, door opens, door closes > tap staff > vacant; lock by staff; flash 1; staff_out #0 staff; locked #0 card; +over; -staff_in
locks unknown, tap staff, locks unknown, done, door opens > tap staff > vacant; signal; card_refused #0 staff door_open
locks unknown, tap staff, locks unknown, done > wait 60 > vacant; lock by deadline; staff_out #0 deadline; locked #0 deadline; staff off; +over; -staff_in
locks unknown, tap staff, locks unknown, done, tap staff, locks unknown, done > tap staff > vacant; unlock by staff 10; flash 2; staff_in #0 staff; staff 60; +staff_in
locks unknown, tap staff, locks unknown, done, tap staff, locks unknown > done > vacant; lock by deadline
locks unknown, tap staff, locks unknown, done, tap staff, locks unknown, done, locks unknown, done, locks unknown > done > vacant; alarm; fault #0 lock_not_confirmed
locks unknown, tap staff, locks unknown, done, journal full > tap staff > vacant; lock by staff; flash 1; staff_out #0 staff; locked #0 card; staff off; +over; -staff_in
locks unknown, journal full > tap staff > vacant; signal; card_refused #0 staff journal_full
locks unknown, tap staff, locks unknown, done, reset > tap staff > vacant; lock by staff; flash 1; staff_out #0 staff; locked #0 card; staff off; +over; -staff_in
tap staff, done, locked, fresh > tap staff > vacant; unlock by staff 10; flash 2; staff_in #0 staff
"""

OWED = """
fresh, unlocked, tap staff, unlocked, door opens, done > door closes > vacant; lock by deadline; block by deadline; door_closed #0 0; locked #0 deadline; -security_due
fresh, unlocked, tap staff, unlocked, door opens, done > reset > vacant
fresh, unlocked, tap staff, unlocked, door opens, done, locks unknown, tap staff, done > door closes > vacant; door_closed #0 0
fresh, unlocked, tap staff, unlocked, online, tap, door opens, done > door closes > authorising; lock by deadline; block by deadline; door_closed #0 0; locked #0 deadline; -security_due
fresh, unlocked, tap staff, unlocked, door opens, done, booked > tap > unlocked; unlock by card 7800; release by card 7800; flash 2; start_requested card; unlocked card 7 -1 0; engine_released card; key 600; relock 60; warn 7200; -security_due; -over
ended, tap staff, done, wait 60, unlocked, door opens > done > ended; fault lock_not_confirmed; +security_due
ended, tap staff, done, wait 60, unlocked, door opens, done > door closes > ended; lock by deadline; block by deadline; door_closed 0; locked deadline; -security_due
ended, tap staff, done, wait 60, unlocked, door opens, done, locks unknown, tap staff > door closes > ended; door_closed 0
ended, tap staff, done, wait 60, unlocked, door opens, done > wait 540 > vacant; window_over 4; reopen_window off; +over
ended, tap staff, done, wait 60, unlocked, door opens, done, wait 540 > door closes > vacant; lock by deadline; block by deadline; door_closed #0 0; locked #0 deadline; -security_due
ended, tap staff, done, wait 60, unlocked, door opens, done, reopen, done > door closes > reopened; door_closed 0; reopen_relock off; +reopen_door
ended, door opens > door closes > ended; door_closed 0
serviced, tap staff, done, unlocked, tap staff, unlocked, door opens, done > door closes > maintenance; door_closed #0 0
serviced, tap staff, done, unlocked, tap staff, unlocked, door opens, done, door closes > maintenance_off > vacant; lock by phone; block by phone; answer yes; command_received phone; locked #0 phone; technician_out #0 phone; -security_due
reopened, lock, unlocked, door opens > done > reopened; engine_blocked phone; fault lock_not_confirmed; reopen_refused phone door_open
reopened, lock, unlocked, door opens, done > door closes > reopened; door_closed 0
"""


def test_a_release_that_a_reset_cut_off_is_asked_for_again() -> None:
    """FAULT-1, SAFE-2, SAFE-3, START-3, START-5, USE-5: by who may, within the booked time."""
    check(RELEASE)


def test_staff_locks_a_car_whose_locks_cannot_be_told() -> None:
    """STAFF-CAR-1: who is in and touches again locks it."""
    check(STAFF_IN_THE_DARK)


def test_a_lock_that_a_door_kept_from_another_try_is_owed() -> None:
    """STAFF-CAR-1, REOPEN-6, FAULT-1: it comes as soon as no door is known open."""
    check(OWED)
