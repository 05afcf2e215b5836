"""Something is being finished first, row by row: authorising, ending, reopened; `row_rig` reads the lines."""

from tests.portable.firmware.row_rig import check

AUTHORISING = """
asking > tap > authorising; signal; card_refused card busy
asking > tap other > authorising; signal; card_refused #0 other busy
asking > tap staff > authorising; signal; card_refused #0 staff busy
asking > start > unlocked; unlock by phone 7200; release by phone 7200; flash 2; answer yes; command_received phone; start_requested phone; unlocked phone 7 -1 0; engine_released phone; key 600; relock 60; warn 6600; ask off
asking > start other > authorising; answer no no_booking; command_received #101 phone; start_refused #101 phone no_booking
asking > end > authorising; answer no busy; command_received phone; command_refused phone busy
asking > reopen > authorising; answer no busy; command_received phone; command_refused phone busy
asking > lock > authorising; answer no busy; command_received phone; command_refused phone busy
asking > reunlock > authorising; answer no busy; command_received phone; command_refused phone busy
asking > maintenance_on > authorising; answer no busy; command_received phone; command_refused phone busy
asking > maintenance_off > authorising; answer yes nothing_to_undo; command_received phone
asking > answer > unlocked; unlock by card 7800; release by card 7800; flash 2; start_requested card; unlocked card 7 -1 0; engine_released card; key 600; relock 60; warn 7200; ask off
asking > wait 3 > unlocked; unlock by card 7797; release by card 7797; flash 2; start_requested card; unlocked card 7 -1 0; engine_released card; key 600; relock 60; warn 7197; ask off
asking > door opens > authorising; door_opened #0 0
online, ended, next booked, tap other > wait 3 > unlocked; unlock by card 7797; release by card 7797; flash 2; start_requested card; unlocked card 7 -1 0; engine_released card; key 600; relock 60; warn 7197; ask off
ended, online, tap stranger > answer > ended; signal; card_refused #0 stranger unknown_card; ask off
ended, wait 599, online, tap other > wait 1 > authorising; window_over 0; reopen_window off; +over
ended, wait 599, online, tap other, wait 1 > answer > vacant; signal; card_refused #0 other no_booking; ask off
online, tap > answer > vacant; signal; card_refused #0 card no_booking; ask off
online, tap > wait 3 > vacant; signal; card_refused #0 card no_booking; ask off
online, tap staff > tap > authorising; asks; ask 3
tap staff, online, booked, tap > door opens > authorising; door_opened #0 0; staff off
tap staff, online, booked, tap > answer > unlocked; unlock by card 7800; release by card 7800; flash 2; staff_out #0 card; start_requested card; unlocked card 7 -1 0; engine_released card; key 600; relock 60; warn 7200; ask off; staff off; -staff_in
tap staff, done, wait 58, online, booked, tap > wait 2 > authorising; lock by deadline; staff_out #0 deadline; locked #0 deadline; staff off; +over; -staff_in
tap staff, done, wait 58, online, booked, tap, offline > wait 2 > authorising; lock by deadline; staff_out #0 deadline; locked #0 deadline; staff off; +over; -staff_in
"""

ENDING = """
ending > done > ended; locked card; engine_blocked card; ended card 7 -1 0; reopen_window 600; key_return off; warn off
back, tap, door opens > done > ended; locked card; engine_blocked card; ended card 7 -1 0; reopen_window 600; key_return off; warn off
back, end > done > ended; answer yes; locked phone; engine_blocked phone; ended phone 7 -1 0; reopen_window 600; key_return off; warn off
back, lights on, window open, end > done > ended; answer yes lights_on window_open; locked phone; engine_blocked phone; ended phone 7 -1 192; reopen_window 600; key_return off; warn off
ending, unlocked > done > ending; lock by deadline
ending, unlocked, done, unlocked > done > ending; lock by deadline
ending, unlocked, done, unlocked, done, unlocked > done > key_returned; release by card 7800; alarm; fault lock_not_confirmed; end_refused card cannot_tell(8192); engine_released card
ending, locks unknown > done > ending; lock by deadline
ending, unlocked, door opens > done > key_returned; release by card 7800; alarm; fault lock_not_confirmed; end_refused card door_open; engine_released card
driving, wait 7900, key in, tap, unlocked, done, unlocked, done, unlocked > done > key_returned; alarm; fault lock_not_confirmed; end_refused card cannot_tell(8192)
ending, released, unlocked, door opens > done > key_returned; alarm; fault block_not_confirmed; fault lock_not_confirmed; end_refused card door_open
ending, unlocked, block unknown, door opens > done > key_returned; release by card 7800; alarm; fault block_not_confirmed; fault lock_not_confirmed; end_refused card door_open; engine_released card
ending, unlocked, door opens, done, blocked > done > key_returned; release by card 7800; fault release_not_confirmed
ending, unlocked, door opens, done, blocked, done, blocked > done > key_returned; release by card 7800
ending, unlocked, door opens, done, blocked, done, blocked, done, blocked > done > key_returned; alarm
ended, next booked, tap other, done, door opens, door closes, end other > end > ending; answer yes nothing_to_undo; command_received phone
back, end, unlocked, door opens > done > key_returned; release by phone 7800; alarm; answer no door_open; fault lock_not_confirmed; end_refused phone door_open; engine_released phone
back, end, unlocked, door opens, done, done, door closes, tap > done > ended; locked card; engine_blocked card; ended card 7 -1 0; reopen_window 600; key_return off; warn off
started, end, unlocked, door opens > done > boarding; release by phone 7800; alarm; answer no door_open; fault lock_not_confirmed; end_refused phone door_open; engine_released phone
boarding, door closes, end > done > ended; answer yes; locked phone; engine_blocked phone; ended phone 7 -1 0; reopen_window 600; key off; warn off
boarding, door closes, end, unlocked, door opens > done > boarding; release by phone 7800; alarm; answer no door_open; fault lock_not_confirmed; end_refused phone door_open; engine_released phone
boarding, door closes, end, door opens > reset > boarding; alarm; fault lock_not_confirmed; end_refused phone door_open; key 599; warn 7199
ending, reset > done > ended; locked card; engine_blocked card; ended card 7 -1 0; reopen_window 600; key_return off; warn off
back, end, unlocked, brake off, locks unknown > done > key_returned; release by phone 7800; alarm; answer no brake_off; fault lock_not_confirmed; end_refused phone brake_off; engine_released phone
relocked, tap, unlocked, door opens > done > relocked; alarm; fault lock_not_confirmed; end_refused card door_open
secured, tap, unlocked, door opens > done > secured; alarm; fault lock_not_confirmed; end_refused card door_open
ending, unlocked, key out > done > in_use; release by card 7800; alarm; fault lock_not_confirmed; end_refused card key_not_in_box; engine_released card
relocked, tap, unlocked, key out > done > relocked; alarm; fault lock_not_confirmed; end_refused card key_not_in_box
boarding, key out, key in, door closes, tap, unlocked, engine runs > done > key_returned; release by card 7800; alarm; fault lock_not_confirmed; end_refused card engine_running; engine_released card
relocked, key out, key in, tap, unlocked, door opens > done > relocked; alarm; fault lock_not_confirmed; end_refused card door_open
ending > reset > ending; lock by deadline; block by deadline; key_return 599; warn 7199
ending, unlocked > reset > ending; lock by deadline; block by deadline; key_return 599; warn 7199
back, end, unlocked > reset > ending; lock by deadline; block by deadline; key_return 599; warn 7199
ending, door opens > reset > key_returned; alarm; fault lock_not_confirmed; end_refused card door_open; key_return 599; warn 7199
ending, door opens, reset > start > key_returned; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
ending, released, door opens, reset > start > key_returned; answer no busy; command_received phone; start_refused phone busy
ending, key out, reset > start > in_use; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
boarding, door closes, end, door opens, reset > start > boarding; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
started, end, key out, key unknown, reset > start > in_use; release by phone 7799; flash 2; answer yes; command_received phone; start_requested phone
ending, door opens, reset, start, blocked > done > key_returned; release by phone 7799; fault release_not_confirmed
relocked, tap, door opens, reset > start > relocked; answer no busy; command_received phone; start_refused phone busy
back, end, door opens > reset > key_returned; alarm; fault lock_not_confirmed; end_refused phone door_open; key_return 599; warn 7199
relocked, tap, door opens > reset > relocked; alarm; fault lock_not_confirmed; end_refused card door_open; warn 7139
secured, tap, door opens > reset > secured; alarm; fault lock_not_confirmed; end_refused card door_open; warn 6599
ending, key out > reset > in_use; alarm; fault lock_not_confirmed; end_refused card key_not_in_box; warn 7199
secured, end, key out > reset > secured; alarm; fault lock_not_confirmed; end_refused phone key_not_in_box; warn 6599
ending > key out > ending; key_out; key_return off
ending, key out > key in > ending; key_in; key_return 600
ending, key out, key in, unlocked, door opens > done > key_returned; release by card 7800; alarm; fault lock_not_confirmed; end_refused card door_open; engine_released card
ending, key out, key in, unlocked, door opens > reset > key_returned; alarm; fault lock_not_confirmed; end_refused card door_open; key_return 599; warn 7199
ending, unlocked, key out, key unknown > done > in_use; release by card 7800; alarm; fault lock_not_confirmed; end_refused card cannot_tell(64); engine_released card
started, end, key out, unlocked, key unknown > done > in_use; release by phone 7800; alarm; answer no cannot_tell(64); fault lock_not_confirmed; end_refused phone cannot_tell(64); engine_released phone
ending, key out, key unknown > reset > in_use; alarm; fault lock_not_confirmed; end_refused card cannot_tell(64); warn 7199
started, end, key out, key unknown > reset > in_use; alarm; fault lock_not_confirmed; end_refused phone cannot_tell(64); warn 7199
started, end > key out > ending; key_out; key off; +key_was_out
started, end, key out > key in > ending; key_in; key_return 600
started, end, key out, key in, unlocked, door opens > done > key_returned; release by phone 7800; alarm; answer no door_open; fault lock_not_confirmed; end_refused phone door_open; engine_released phone
started, end, key out, unlocked > done > in_use; release by phone 7800; alarm; answer no key_not_in_box; fault lock_not_confirmed; end_refused phone key_not_in_box; engine_released phone
key out, booked, tap, done, key in, tap, unlocked, door opens > done > boarding; release by card 7800; alarm; fault lock_not_confirmed; end_refused card door_open; engine_released card
key out, booked, tap, done, key in, tap > reset > ending; lock by deadline; block by deadline; key 599; warn 7199
key out, booked, tap, done, key in, tap, door opens > reset > boarding; alarm; fault lock_not_confirmed; end_refused card door_open; key 599; warn 7199
secured, tap > key out > ending; key_out; +key_was_out
secured, tap, key out > key in > ending; key_in
relocked, tap, key out > key in > ending; key_in
secured, tap, key out, key in, unlocked, door opens > done > secured; alarm; fault lock_not_confirmed; end_refused card door_open
ending > tap > ending; signal; card_refused #0 card busy
ending > tap other > ending; signal; card_refused #0 other busy
ending > tap staff > ending; signal; card_refused #0 staff busy
ending > end > ending; command_received phone
back, end > end > ending; answer no busy; command_received phone; command_refused phone busy
back, end, end > done > ended; answer yes; locked phone; engine_blocked phone; ended phone 7 -1 0; reopen_window 600; key_return off; warn off
ending, end > done > ended; answer yes; locked card; engine_blocked card; ended card 7 -1 0; reopen_window 600; key_return off; warn off
ending > end other > ending; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
ending > start > ending; answer no busy; command_received phone; command_refused phone busy
ending > start other > ending; answer no busy; command_received #101 phone; command_refused #101 phone busy
ending > reopen > ending; answer no busy; command_received phone; command_refused phone busy
ending > lock > ending; answer no busy; command_received phone; command_refused phone busy
ending > reunlock > ending; answer no busy; command_received phone; command_refused phone busy
ending > maintenance_on > ending; answer no busy; command_received phone; command_refused phone busy
ending > maintenance_off > ending; answer yes nothing_to_undo; command_received phone
ending > wait 7200 > ending; key_return 1; warn 1
"""

REOPENED = """
reopened > door opens > reopened; door_opened 0; reopen_relock off; +reopen_door
reopened > tap > reopened; lock by card; block by card; flash 1; locked card; +security_due
reopened > tap other > reopened; signal; card_refused #0 other not_this_driver
reopened > tap stranger > reopened; signal; card_refused #0 stranger unknown_card
reopened > tap staff > reopened; signal; card_refused #0 staff busy
reopened, door opens > tap > reopened; signal; reopen_refused #0 card door_open
reopened, key unknown > tap > reopened; signal; reopen_refused #0 card cannot_tell(64)
reopened, door opens, door closes > tap > reopened; lock by card; block by card; flash 1; locked card; +security_due
ended, reopen, locked, reset > tap > reopened; unlock by card 10; flash 2; reopen_requested card
ended, reopen, locked, reset > tap other > reopened; signal; card_refused #0 other not_this_driver
ended, tap, locked, reset > reopen > reopened; unlock by phone 10; flash 2; answer yes; command_received phone; reopen_requested phone
ended, tap, locked, reset > reopen other > reopened; answer no not_this_driver; command_received #101 phone; reopen_refused #101 phone not_this_driver
ended, tap, reset > reopen > reopened; answer no reopen_used; command_received phone; reopen_refused phone reopen_used
ended, tap, locked, door opens, door closes, reset > tap > reopened; lock by card; block by card; flash 1; locked card; +security_due
ended, tap, locked, door opens, door closes, reset > reopen > reopened; answer no reopen_used; command_received phone; reopen_refused phone reopen_used
ended, tap > done > reopened
ended, tap, locked > done > reopened; unlock by card 10
reopened > lock > reopened; lock by phone; block by phone; flash 1; answer yes; command_received phone; locked phone; +security_due
reopened > lock other > reopened; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
reopened, door opens > lock > reopened; answer no door_open; command_received phone; reopen_refused phone door_open
reopened, key out > lock > reopened; answer no key_not_in_box; command_received phone; reopen_refused phone key_not_in_box
reopened, key unknown, door unknown > lock > reopened; answer no cannot_tell(68); command_received phone; reopen_refused phone cannot_tell(68)
reopened > start > reopened; answer no busy; command_received phone; start_refused phone busy
reopened > start other > reopened; answer no not_returned; command_received #101 phone; start_refused #101 phone not_returned
reopened, next booked > start other > reopened; answer no not_returned; command_received #101 phone; start_refused #101 phone not_returned
reopened > end > reopened; answer no busy; command_received phone; command_refused phone busy
reopened > reopen > reopened; answer no reopen_used; command_received phone; reopen_refused phone reopen_used
reopened > reunlock > reopened; answer no busy; command_received phone; command_refused phone busy
reopened > maintenance_on > reopened; answer no busy; command_received phone; command_refused phone busy
reopened > maintenance_off > reopened; answer yes nothing_to_undo; command_received phone
reopened > wait 60 > vacant; lock by deadline; block by deadline; locked deadline; window_over 0; reopen_relock off; reopen_window off; +over
reopened, door unknown > wait 60 > vacant; lock by deadline; block by deadline; locked deadline; window_over 2; reopen_relock off; reopen_window off; +over
reopened, door opens > wait 60 > reopened
reopened, door opens, door closes > wait 60 > reopened
reopened, door opens, door closes > wait 600 > vacant; lock by deadline; block by deadline; locked deadline; window_over 0; reopen_window off; +over
reopened, door opens > wait 600 > vacant; window_over 4; fault doors_left_open; reopen_window off; +security_due; +over
reopened, door opens, key out > wait 600 > vacant; window_over 12; fault doors_left_open; reopen_window off; +security_due; +over
reopened, door opens, door closes, key out > wait 600 > vacant; lock by deadline; block by deadline; locked deadline; window_over 8; reopen_window off; +over
reopened, door opens, wait 600 > door closes > vacant; lock by deadline; block by deadline; door_closed #0 0; locked #0 deadline; -security_due
reopened, door opens > door closes > reopened; door_closed 0
late booked, start, done, door opens, door closes, key out, key in, end, done, reopen, done > tap > reopened; signal; start_refused #0 card window_over; card_refused #0 card window_over
late booked, start, done, door opens, door closes, key out, key in, end, done, reopen, done > lock > reopened; lock by phone; block by phone; flash 1; answer yes; command_received phone; locked phone; +security_due
late booked, start, done, door opens, door closes, key out, key in, end, done, reopen, locked, reset > tap > reopened; signal; start_refused #0 card window_over; card_refused #0 card window_over
"""


def test_authorising() -> None:
    """START-9, START-12, STAFF-CAR-1."""
    check(AUTHORISING)


def test_ending() -> None:
    """END-4, END-5, END-7, SAFE-3."""
    check(ENDING)


def test_reopened() -> None:
    """REOPEN-1 to REOPEN-6, START-5, START-10, SAFE-3."""
    check(REOPENED)
