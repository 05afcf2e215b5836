"""What does not show is tried again, and doors that stood open: row by row; `row_rig` reads the lines."""

from firmware.wire import codes
from tests.portable.firmware.row_rig import RowRig, check
from tests.portable.firmware.test_technician import ask, begin

LEFT_OPEN = """
reopened, door opens, wait 600, online, tap > door closes > authorising; lock by deadline; block by deadline; door_closed #0 0; locked #0 deadline; -security_due
ended, wait 595, reopen, locked, door opens, wait 5 > done > vacant
online, tap stranger, door opens > door closes > authorising; door_closed #0 0
reopened, door opens, wait 600, locks unknown, tap staff > door closes > vacant; door_closed #0 0
reopened, door opens, wait 600, locks unknown, tap staff, online, tap > door closes > authorising; door_closed #0 0
reopened, door opens, wait 600, locks unknown, tap staff, door closes > reset > vacant; staff 59
"""

STAFF_LOCK = """
fresh, unlocked, tap staff, unlocked > done > vacant; lock by deadline
fresh, unlocked, tap staff, unlocked, door opens > done > vacant; alarm; fault #0 lock_not_confirmed; +security_due
fresh, unlocked, tap staff, unlocked, online, tap > done > authorising; lock by deadline
fresh, unlocked, tap staff, unlocked, online, tap, door opens > done > authorising; alarm; fault #0 lock_not_confirmed; +security_due
fresh, unlocked, tap staff, unlocked, online, tap, done, unlocked, done, unlocked > done > authorising; alarm; fault #0 lock_not_confirmed
tap staff, done, wait 58, online, booked, tap, door opens > wait 2 > authorising
tap staff, done, locks unknown, door unknown, wait 58, online, booked, tap > wait 2 > authorising; lock by deadline; staff_out #0 deadline; locked #0 deadline; staff off; +over; -staff_in
door opens, tap staff, done, wait 58, online, booked, tap > wait 2 > authorising; staff off
fresh, unlocked, tap staff, online, tap > done > authorising
"""

STOOD_OPEN = """
key out, booked, tap, done > door opens > in_use; door_opened 0; key off; relock off
door opens, key out, booked, tap, done > door closes > in_use; door_closed 0; key off; relock off
door opens, booked, tap, done > door closes > boarding; door_closed 0; relock off
door opens, key out, booked, tap, done > wait 60 > in_use; key off; relock off
door opens, booked, tap, done > wait 60 > boarding; relock off
ended, door opens, reopen, done > wait 60 > reopened; reopen_relock off
"""

AGAIN = """
booked, tap, blocked, done, blocked, done, blocked, done, door opens > start > boarding; release by phone 7800; flash 2; answer yes; command_received phone; start_requested phone
serviced, maintenance_off, unlocked, done, unlocked, done, unlocked, done > maintenance_off > vacant; lock by phone; block by phone; answer yes; command_received phone; locked #0 phone
serviced, maintenance_off, unlocked, done, unlocked, done, unlocked, done, door opens > maintenance_off > vacant; answer yes nothing_to_undo; command_received phone
"""


def test_a_car_that_was_left_open() -> None:
    """REOPEN-6: it locks with its doors, also while a card is asked about; not with staff in it."""
    check(LEFT_OPEN)


def test_a_lock_of_staff_that_does_not_show() -> None:
    """STAFF-CAR-1, FAULT-1."""
    check(STAFF_LOCK)


def test_a_door_that_stood_open_at_the_unlock() -> None:
    """START-6, START-7; REOPEN-6 for a reopen."""
    check(STOOD_OPEN)


def test_what_may_be_asked_again() -> None:
    """FAULT-1: an engine that stayed blocked; the end of maintenance."""
    check(AGAIN)


def test_a_technician_in_maintenance() -> None:
    """TECH-3: what goes out, with its flashes and its right of this one operation; the state stays."""
    told = []
    for action in (codes.ACT_UNLOCK, codes.ACT_LOCK, codes.ACT_RELEASE):
        rig = RowRig()
        rig.play("serviced")
        begin(rig, 2)
        rig.log.clear()
        rig.hands.clear()
        assert ask(rig, action) == []
        told.append((rig.hands[:], rig.log[:], rig.state))
    assert told == [
        (["unlock by technician? 10"], ["flash 2"], "maintenance"),
        (["lock by technician?"], ["flash 1"], "maintenance"),
        (["release by technician? 10"], [], "maintenance"),
    ]
