"""A session, row by row: from the unlock to the end; `row_rig` reads the lines."""

from tests.portable.firmware.row_rig import check

UNLOCKED = """
started > tap > unlocked; signal; card_refused #0 card busy
booked, tap, locked, reset > tap > unlocked; unlock by card 7799; release by card 7799; flash 2; start_requested card
booked, tap, locked, reset > tap other > unlocked; signal; card_refused #0 other not_this_driver
booked, tap, locks unknown, reset > tap > unlocked; unlock by card 7799; release by card 7799; flash 2; start_requested card
booked, tap, reset > tap > unlocked; signal; card_refused #0 card busy
booked, tap, locked, reset > start > unlocked; unlock by phone 7799; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, locked, reset > start other > unlocked; answer no not_returned; command_received #101 phone; start_refused #101 phone not_returned
booked, tap, locks unknown, reset > start > unlocked; unlock by phone 7799; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
booked, tap, reset > start > unlocked; answer no busy; command_received phone; start_refused phone busy
booked, tap, locked, reset, tap, locked > tap > unlocked; signal; card_refused #0 card busy
started > start > unlocked; answer no busy; command_received phone; start_refused phone busy
started > reunlock > unlocked; answer yes nothing_to_undo; command_received phone
booked, tap, locked, wait 30 > reunlock > unlocked; unlock by phone 10; release by phone 10; flash 2; answer yes; command_received phone; reunlocked phone; engine_released phone; key 600; relock 60
booked, tap, locked > reunlock > unlocked; unlock by phone 10; release by phone 10; flash 2; answer yes; command_received phone; reunlocked phone; engine_released phone
booked, tap, locked > reunlock other > unlocked; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
booked, key out, tap, done > door opens > in_use; door_opened 0; key off; relock off
started > door opens > boarding; door_opened 0; relock off
started > key out > in_use; key_out; key off; relock off; +key_was_out
started > wait 60 > relocked; lock by deadline; block by deadline; locked deadline; relocked deadline; key off; relock off
started, door opens, door closes > wait 60 > boarding
started, engine runs > wait 60 > unlocked; security_due; relock off; +security_due
started, engine unknown > wait 60 > unlocked; security_due; relock off; +security_due
started, engine runs, wait 60 > engine rests > relocked; lock by deadline; block by deadline; locked deadline; relocked deadline; key off; -security_due
started, engine runs > engine rests > unlocked
started, engine runs, wait 60 > wait 540 > unlocked; key off
started, engine runs, wait 60, wait 540 > engine rests > relocked; lock by deadline; block by deadline; locked deadline; relocked deadline; -security_due
booked, key out, tap, done, engine runs, wait 60 > wait 540 > unlocked; key off
booked, tap, locked > done > unlocked; unlock by card 7800
booked, tap, locked, done, locked > done > unlocked; unlock by card 7800
booked, tap, locked, done, locked, done, locked > done > unlocked; alarm; fault unlock_not_confirmed
booked, tap, locks unknown > done > unlocked
booked, tap > done > unlocked
booked, tap, unlocked, fresh, locked > done > unlocked
"""

KEY = """
boarding > key out > in_use; key_out; key off; +key_was_out
key out, key unknown, booked, tap, done > key out > in_use; key off; relock off; +key_was_out
key out, key unknown, booked, tap, done, door opens > key out > in_use; key off; +key_was_out
boarding > tap > boarding; signal; card_refused #0 card busy
boarding > door closes > boarding; door_closed 0
boarding > wait 600 > secured; lock by deadline; block by deadline; locked deadline; secured deadline; key off
boarding, key unknown > wait 600 > boarding; fault key_cannot_tell; key 10; +security_due
boarding, key unknown, wait 600 > wait 10 > boarding; key 10
boarding, key unknown, wait 600, engine runs, key in > wait 10 > boarding; security_due; key off
boarding, key unknown, wait 600 > key out > in_use; key_out; key off; +key_was_out; -security_due
boarding, key unknown, wait 600, key in > wait 10 > secured; lock by deadline; block by deadline; locked deadline; secured deadline; key off; -security_due
boarding, engine runs > wait 600 > boarding; security_due; key off; +security_due
boarding, engine unknown > wait 600 > boarding; security_due; key off; +security_due
boarding, engine runs, wait 600 > engine rests > secured; lock by deadline; block by deadline; locked deadline; secured deadline; -security_due
boarding, engine runs > engine rests > boarding
boarding, engine runs, wait 600, key unknown > engine rests > boarding; key 10
driving > key in > key_returned; key_in; key_return 600
driving > key unknown > in_use
driving > tap > in_use; alarm; signal; end_refused card key_not_in_box
driving > wait 600 > in_use
back > key out > in_use; key_out; key_return off
back > wait 600 > secured; lock by deadline; block by deadline; locked deadline; secured deadline; key_return off
back, engine runs > wait 600 > key_returned; security_due; key_return off; +security_due
back, engine unknown > wait 600 > key_returned; security_due; key_return off; +security_due
back, key unknown > wait 600 > key_returned; fault key_cannot_tell; key_return 10; +security_due
back, key unknown, wait 600 > wait 10 > key_returned; key_return 10
back, key unknown, wait 600, key in > wait 10 > secured; lock by deadline; block by deadline; locked deadline; secured deadline; key_return off; -security_due
back, key unknown, wait 600 > key out > in_use; key_out; key_return off; -security_due
back, engine runs, wait 600 > engine rests > secured; lock by deadline; block by deadline; locked deadline; secured deadline; -security_due
back, engine runs > engine rests > key_returned
back, engine runs, wait 600, key unknown > engine rests > key_returned; key_return 10
back, engine runs, wait 600 > key out > in_use; key_out; -security_due
back, wait 300, key out, key in > wait 599 > key_returned
"""

SHUT = """
relocked > reunlock > unlocked; unlock by phone 10; release by phone 10; flash 2; answer yes; command_received phone; reunlocked phone; engine_released phone; key 600; relock 60
relocked > reunlock other > relocked; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
relocked > key out > relocked; key_out; +key_was_out
relocked > tap > ending; lock by card; block by card; flash 1; end_requested card
relocked > tap other > relocked; signal; card_refused #0 other not_this_driver
relocked > start > relocked; answer no busy; command_received phone; start_refused phone busy
relocked > reset > relocked; warn 7139
relocked, unlocked > reset > relocked; lock by deadline; block by deadline; warn 7139
relocked, released > reset > relocked; lock by deadline; block by deadline; warn 7139
relocked, released, engine runs > reset > relocked; security_due; warn 7139; +security_due
relocked, unlocked, engine runs > reset > relocked; security_due; warn 7139; +security_due
relocked > wait 540 > relocked
relocked > done > relocked; engine_blocked deadline
relocked, unlocked > done > relocked; lock by deadline; engine_blocked deadline
relocked, unlocked, done, unlocked > done > relocked; lock by deadline
relocked, unlocked, done, unlocked, done, unlocked > done > relocked; fault lock_not_confirmed
booked, tap, locked, done, locked, done, wait 60, unlocked > done > relocked; lock by deadline; engine_blocked deadline
relocked, released, engine runs, reset > engine rests > relocked; lock by deadline; block by deadline; locked deadline; relocked deadline; -security_due
relocked, unlocked, engine runs > done > relocked; engine_blocked deadline; security_due; +security_due
relocked, engine runs > engine rests > relocked
secured > reunlock > unlocked; unlock by phone 10; release by phone 10; flash 2; answer yes; command_received phone; reunlocked phone; engine_released phone; key 600; relock 60
secured > reunlock other > secured; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
secured > key out > secured; key_out; +key_was_out
secured > tap > ending; lock by card; block by card; flash 1; end_requested card
secured > tap other > secured; signal; card_refused #0 other not_this_driver
secured > start > secured; answer no busy; command_received phone; start_refused phone busy
secured > reset > secured; warn 6599
secured, unlocked > reset > secured; lock by deadline; block by deadline; warn 6599
secured, released > reset > secured; lock by deadline; block by deadline; warn 6599
secured, released, engine runs > reset > secured; security_due; warn 6599; +security_due
secured > done > secured; engine_blocked deadline
secured, unlocked > done > secured; lock by deadline; engine_blocked deadline
secured, unlocked, done, unlocked > done > secured; lock by deadline
secured, unlocked, done, unlocked, done, unlocked > done > secured; fault lock_not_confirmed
secured, released, engine runs, reset > engine rests > secured; lock by deadline; block by deadline; locked deadline; secured deadline; -security_due
secured, unlocked, engine runs > done > secured; engine_blocked deadline; security_due; +security_due
secured, engine runs > engine rests > secured
secured, door opens > end > secured; alarm; answer no door_open; command_received phone; end_refused phone door_open
"""

USE = """
driving > tap other > in_use; signal; card_refused #0 other not_this_driver
driving > tap stranger > in_use; signal; card_refused #0 stranger unknown_card
driving > tap staff > in_use; signal; card_refused #0 staff not_returned
driving > end > in_use; alarm; answer no key_not_in_box; command_received phone; end_refused phone key_not_in_box
driving > end other > in_use; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
ended, next booked, tap other, done > end > unlocked; answer yes nothing_to_undo; command_received phone
driving > start > in_use; answer no busy; command_received phone; start_refused phone busy
driving > start other > in_use; answer no not_returned; command_received #101 phone; start_refused #101 phone not_returned
driving, next booked > start other > in_use; answer no not_returned; command_received #101 phone; start_refused #101 phone not_returned
driving, next booked > tap other > in_use; signal; start_refused #101 other not_returned; card_refused #101 other not_returned
driving > reopen > in_use; answer no busy; command_received phone; reopen_refused phone busy
driving > lock > in_use; answer no busy; command_received phone; command_refused phone busy
driving > reunlock > in_use; answer yes nothing_to_undo; command_received phone
driving > reunlock other > in_use; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
driving > maintenance_on > in_use; answer no not_returned; command_received phone; command_refused phone not_returned
driving > maintenance_off > in_use; answer yes nothing_to_undo; command_received phone
driving > wait 7200 > in_use; sound; warned; warn 600
driving > extended > in_use; extended 9600 s; warn 9000
driving, wait 7300 > extended > in_use; extended 9600 s; warn 1700
back > tap > ending; lock by card; block by card; flash 1; end_requested card
back, lights on, window open > tap > ending; lock by card; block by card; flash 1; end_requested card
back > tap other > key_returned; signal; card_refused #0 other not_this_driver
back, brake off, door opens > tap > key_returned; alarm; signal; end_refused card brake_off door_open
back, key unknown > tap > key_returned; alarm; signal; end_refused card cannot_tell(64)
back > end > ending; lock by phone; block by phone; flash 1; command_received phone; end_requested phone
back, lights on, window open > end > ending; lock by phone; block by phone; flash 1; command_received phone; end_requested phone
back > end other > key_returned; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
back, brake off, door opens, car moves > end > key_returned; alarm; answer no engine_running brake_off door_open; command_received phone; end_refused phone engine_running brake_off door_open
late booked, start, done, door opens, key out, key in > tap > key_returned; signal; start_refused #0 card window_over; card_refused #0 card window_over
late booked, start, done, door opens, door closes, key out, key in > end > ending; lock by phone; block by phone; flash 1; command_received phone; end_requested phone
"""


def test_unlocked() -> None:
    """START-6, START-7, USE-5, SAFE-1, SAFE-3."""
    check(UNLOCKED)


def test_boarding_and_key() -> None:
    """START-7, USE-2, SAFE-1."""
    check(KEY)


def test_relocked_and_secured() -> None:
    """START-6, USE-5, END-6, SAFE-1, SAFE-3."""
    check(SHUT)


def test_any_state_of_use() -> None:
    """START-5, START-10, END-1, END-2, END-3, END-5, USE-3, USE-5."""
    check(USE)
