"""A parked car, row by row: what follows from each event in vacant and ended; `row_rig` reads the lines."""

from tests.portable.firmware.row_rig import check

VACANT = """
fresh > tap > vacant; signal; card_refused #0 card no_booking
fresh > tap stranger > vacant; signal; card_refused #0 stranger unknown_card
booked > tap > unlocked; unlock by card 7800; release by card 7800; flash 2; start_requested card; unlocked card 7 -1 0; engine_released card; key 600; relock 60; warn 7200
booked > tap other > vacant; signal; card_refused #0 other not_this_driver
online, booked > tap > authorising; asks; ask 3
may connect > tap > authorising; asks; ask 3
may connect, booked > tap > unlocked; unlock by card 7800; release by card 7800; flash 2; start_requested card; unlocked card 7 -1 0; engine_released card; key 600; relock 60; warn 7200
late booked > tap > vacant; signal; start_refused card window_over; card_refused card window_over
clock lost, booked > tap > vacant; signal; start_refused #0 card clock_untrusted; card_refused #0 card clock_untrusted
journal full, booked > tap > vacant; signal; start_refused card journal_full; card_refused card journal_full
lease over, booked > tap > vacant; signal; start_refused card lease_over; card_refused card lease_over
booked > start > unlocked; unlock by phone 7200; release by phone 7200; flash 2; answer yes; command_received phone; start_requested phone; unlocked phone 7 -1 0; engine_released phone; key 600; relock 60; warn 6600
place known, booked > tap > unlocked; unlock by card 7800; release by card 7800; flash 2; start_requested card; unlocked card 7 5000 1; engine_released card; key 600; relock 60; warn 7200
booked, key out > start > unlocked; unlock by phone 7200; release by phone 7200; flash 2; answer yes; command_received phone; start_requested phone; unlocked phone 7 -1 0; engine_released phone; key 600; relock 60; warn 6600; +key_was_out
late booked > start > unlocked; unlock by phone 7200; release by phone 7200; flash 2; answer yes; command_received phone; start_requested phone; unlocked phone 7 -1 0; engine_released phone; key 600; relock 60; warn 6600; +lapsed
booked > start other > vacant; answer no no_booking; command_received #101 phone; start_refused #101 phone no_booking
fresh > start > vacant; answer no no_booking; command_received phone; start_refused phone no_booking
tomorrow booked > tap > vacant; signal; start_refused #0 card too_early(85560 s); card_refused #0 card too_early(85560 s)
tomorrow booked > start > unlocked; unlock by phone 7200; release by phone 7200; flash 2; answer yes; command_received phone; start_requested phone; unlocked phone 7 -1 0; engine_released phone; key 600; relock 60; warn 6600
tomorrow booked > tap other > vacant; signal; card_refused #0 other no_booking
journal full, booked > start > vacant; answer no journal_full; command_received phone; start_refused phone journal_full
journal full, fresh > tap stranger > vacant; signal; card_refused #0 stranger unknown_card
journal full, booked > enrol > vacant; answer no journal_full; command_received phone; command_refused phone journal_full
tomorrow booked > enrol > vacant; answer yes; command_received phone; enrol_opened phone; enrol 60
next booked > start > vacant; answer no no_booking; command_received phone; start_refused phone no_booking
next booked > enrol > vacant; answer no no_booking; command_received phone; command_refused phone no_booking
journal full > tap staff > vacant; signal; card_refused #0 staff journal_full
clock lost, booked > start > unlocked; unlock by phone 7200; release by phone 7200; flash 2; answer yes; command_received phone; start_requested phone; unlocked phone 7 -1 0; engine_released phone; key 600; relock 60; warn 6600
lease over, booked > start > unlocked; unlock by phone 7200; release by phone 7200; flash 2; answer yes; command_received phone; start_requested phone; unlocked phone 7 -1 0; engine_released phone; key 600; relock 60; warn 6600
fresh > end > vacant; answer no no_booking; command_received phone; end_refused phone no_booking
fresh > reopen > vacant; answer no no_booking; command_received phone; reopen_refused phone no_booking
fresh > lock > vacant; answer no busy; command_received phone; command_refused phone busy
fresh > reunlock > vacant; answer no no_booking; command_received phone; command_refused phone no_booking
over > end > vacant; answer yes nothing_to_undo; command_received phone
over > end other > vacant; answer no no_booking; command_received #101 phone; end_refused #101 phone no_booking
over > reopen > vacant; answer no reopen_over; command_received phone; reopen_refused phone reopen_over
over > lock > vacant; answer no reopen_over; command_received phone; reopen_refused phone reopen_over
over > reunlock > vacant; answer no no_booking; command_received phone; command_refused phone no_booking
over > tap > vacant; signal; card_refused #0 card booking_over
late booked, start, done, door opens, door closes, key out, key in, end, done, wait 600 > tap > vacant; signal; card_refused #0 card booking_over
over, next booked > tap other > unlocked; unlock by other 7800; release by other 7800; flash 2; start_requested #101 other; unlocked #101 other 8 -1 0; engine_released #101 card; key 600; relock 60; warn 7200; -key_was_out; -over
over, unlocked > reset > vacant; lock by deadline
over, unlocked, door opens > reset > vacant
over, released > reset > vacant; lock by deadline; block by deadline
over, released, engine runs > reset > vacant
over, released, unlocked > reset > vacant; lock by deadline; block by deadline
fresh, unlocked > reset > vacant
over, unlocked, reset > done > vacant
over, unlocked, reset, unlocked > done > vacant; lock by deadline
over > tap staff > vacant; unlock by staff 10; flash 2; staff_in #0 staff; staff 60; +staff_in
"""

ENDED = """
ended > tap > reopened; unlock by card 10; flash 2; reopen_requested card; reopened card; reopen_relock 60; +reopen_used
ended, door opens > tap > reopened; unlock by card 10; flash 2; reopen_requested card; reopened card; reopen_relock 60; +reopen_used
ended > tap other > ended; signal; card_refused #0 other no_booking
ended > tap stranger > ended; signal; card_refused #0 stranger unknown_card
ended, online > tap > reopened; unlock by card 10; flash 2; reopen_requested card; reopened card; reopen_relock 60; +reopen_used
ended, online > tap other > authorising; asks; ask 3
ended, online > tap stranger > authorising; asks; ask 3
ended, may connect > tap > reopened; unlock by card 10; flash 2; reopen_requested card; reopened card; reopen_relock 60; +reopen_used
ended, may connect > tap other > authorising; asks; ask 3
ended, may connect > tap stranger > authorising; asks; ask 3
ended, next booked > tap other > unlocked; unlock by other 7800; release by other 7800; flash 2; window_over 0; start_requested #101 other; unlocked #101 other 8 -1 0; engine_released #101 card; key 600; relock 60; warn 7200; reopen_window off; -key_was_out
ended, next booked, online > tap other > authorising; asks; ask 3
ended, next booked, may connect > tap other > unlocked; unlock by other 7800; release by other 7800; flash 2; window_over 0; start_requested #101 other; unlocked #101 other 8 -1 0; engine_released #101 card; key 600; relock 60; warn 7200; reopen_window off; -key_was_out
ended, next booked > start other > unlocked; unlock by phone 7200; release by phone 7200; flash 2; answer yes; command_received #101 phone; window_over 0; start_requested #101 phone; unlocked #101 phone 8 -1 0; engine_released #101 phone; key 600; relock 60; warn 6600; reopen_window off; -key_was_out
ended, next booked > tap > reopened; unlock by card 10; flash 2; reopen_requested card; reopened card; reopen_relock 60; +reopen_used
ended, again booked > tap > unlocked; unlock by card 7800; release by card 7800; flash 2; window_over 0; start_requested #101 card; unlocked #101 card 7 -1 0; engine_released #101 card; key 600; relock 60; warn 7200; reopen_window off; -key_was_out
ended, again booked, online > tap > authorising; asks; ask 3
ended > start > ended; answer no booking_over; command_received phone; start_refused phone booking_over
ended > start other > ended; answer no no_booking; command_received #101 phone; start_refused #101 phone no_booking
ended > reopen > reopened; unlock by phone 10; flash 2; answer yes; command_received phone; reopen_requested phone; reopened phone; reopen_relock 60; +reopen_used
ended > reopen other > ended; answer no not_this_driver; command_received #101 phone; reopen_refused #101 phone not_this_driver
ended, reopen, done, lock, done > reopen > vacant; answer no reopen_used; command_received phone; reopen_refused phone reopen_used
ended > end > ended; answer yes nothing_to_undo; command_received phone
ended > end other > ended; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
ended > lock > ended; answer yes nothing_to_undo; command_received phone
ended > lock other > ended; answer no not_this_driver; command_received #101 phone; command_refused #101 phone not_this_driver
ended > reunlock > ended; answer no busy; command_received phone; command_refused phone busy
ended > wait 600 > vacant; window_over 0; reopen_window off; +over
ended, door opens > wait 600 > vacant; window_over 4; reopen_window off; +over
ended, key out > wait 600 > vacant; window_over 8; reopen_window off; +over
ended, door opens, key out > wait 600 > vacant; window_over 12; reopen_window off; +over
ended > reset > ended; reopen_window 599
ended, unlocked > reset > ended; lock by deadline; reopen_window 599
ended, unlocked, door opens > reset > ended; reopen_window 599
ended, released > reset > ended; lock by deadline; block by deadline; reopen_window 599
ended, released, engine runs > reset > ended; reopen_window 599
ended, unlocked, reset > done > ended
ended, unlocked, reset, unlocked > done > ended; lock by deadline
back, tap, unlocked, locked, done, unlocked > done > ended; lock by deadline; engine_blocked card
late booked, start, done, door opens, door closes, key out, key in, end, done > tap > ended; signal; start_refused #0 card window_over; card_refused #0 card window_over
late booked, start, done, door opens, door closes, key out, key in, end, done > reopen > reopened; unlock by phone 10; flash 2; answer yes; command_received phone; reopen_requested phone; reopened phone; reopen_relock 60; +reopen_used
"""


def test_vacant() -> None:
    """START-2, START-3, START-5, START-9, REOPEN-5, SAFE-3, SAFE-4, STAFF-CAR-1."""
    check(VACANT)


def test_ended() -> None:
    """REOPEN-1, REOPEN-4, REOPEN-5, START-5, START-10, END-7, SAFE-3."""
    check(ENDED)
