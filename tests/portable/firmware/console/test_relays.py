"""A relay that failed is told until it works again, whoever moved it (FAULT-1, TECH-4)."""

from firmware.wire import codes
from tests.portable.firmware.console.gate_rig import GateRig
from tests.portable.firmware.loop_rig import CARD

UNLOCKED = "FAULT       doors did not unlock"
RELEASED = "FAULT       starter was not released"


def standing(rig: GateRig) -> "list[str]":
    """The faults of `status`."""
    return [line for line in rig.asked("status") if line.startswith("FAULT ")]


def start_in_vain(level: int) -> GateRig:
    """A driver's card was taken, and no relay moved; 68 s later a technician is there."""
    rig = GateRig()
    rig.relays_obey = False
    rig.box.book()
    rig.box.reader.card = CARD
    for _ in range(1360):
        rig.turn(50)
    assert rig.state == "relocked"
    if level:
        rig.unlock(level)
    return rig


def test_fault_1_a_car_that_did_not_open_says_so_for_as_long_as_the_use_runs() -> None:
    rig = start_in_vain(0)
    assert standing(rig) == [UNLOCKED, RELEASED]
    lines = rig.asked("status faults")
    assert lines[:4] == [
        UNLOCKED,
        "do          unlock relay, fuse, read-back wire; after the use: test doors",
        RELEASED,
        "do          release relay, fuse, read-back wire; in maintenance: test starter",
    ]


def test_tech_4_a_selftest_that_may_not_move_them_knows_what_the_last_pulse_showed() -> None:
    for level in (1, 2):
        rig = start_in_vain(level)
        before = rig.rises()
        said = rig.asked("selftest")
        assert "doors       NOT OK: doors did not unlock, the last time" in said
        assert "starter     NOT OK: starter was not released, the last time" in said
        assert rig.rises() == before


def test_fault_1_it_is_over_when_a_pulse_of_that_relay_shows_and_not_before() -> None:
    rig = GateRig()
    rig.box.book()
    rig.unlock(2)
    rig.relays_obey = False
    rig.asked("doors unlock")
    assert standing(rig) == [UNLOCKED]
    rig.box.inputs[codes.IN_LOCKED].value = codes.UNKNOWN
    rig.turn(100)
    rig.asked("doors unlock")
    assert UNLOCKED in standing(rig), "a read-back that is silent proves nothing"
    rig.relays_obey = True
    rig.asked("doors lock")
    assert standing(rig) == [UNLOCKED], "the other relay"
    rig.asked("doors unlock")
    assert standing(rig) == []
    rig.asked("maintenance on")
    rig.relays_obey = False
    rig.asked("engine release")
    assert standing(rig) == [RELEASED]
    rig.relays_obey = True
    rig.asked("test starter")
    assert standing(rig) == []


def test_fault_1_a_starter_that_moves_by_itself_is_told_while_it_does_not_agree() -> None:
    rig = GateRig()
    rig.box.book()
    rig.turn(100)
    for value, told in ((codes.NO, ["FAULT       starter relay moved by itself"]), (codes.YES, [])):
        rig.box.inputs[codes.IN_BLOCKED].value = value
        for _ in range(10):
            rig.turn(100)
        assert standing(rig) == told


def test_tech_4_a_switch_that_bounces_is_told_with_how_often() -> None:
    rig = GateRig()
    rig.unlock(1)
    for i in range(120):
        rig.box.inputs[codes.IN_TRUNK].value = i & 1
        rig.turn(40)
    (line,) = [line for line in rig.asked("selftest") if line.startswith("bounce ")]
    count = rig.inside.debounce.edges(codes.IN_TRUNK)
    assert count > 100
    assert line.startswith("bounce      NOT OK: trunk %d changes in " % count), line
