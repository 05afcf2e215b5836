"""SAFE-1: a block goes out only if the car is at rest at that very moment, and is seen to later if not."""

from firmware.wire import codes
from tests.portable.firmware.car_rig import Car

SHUT = (codes.YES, codes.YES)
OPEN = (codes.NO, codes.NO)


def lock_is_due(left_ms: int) -> Car:
    """The key is back, and the security lock due so soon."""
    car = Car()
    car.return_key()
    car.run_until_due("key_return", left_ms)
    return car


def start_in_commit(car: Car, index: int) -> None:
    """While the next turn is written, the engine starts, or the car is moved."""
    commit = car.loop._journal.commit

    def slow(events: "list[bytes]", session: "bytes | None") -> bool:
        car.inputs[index].value = codes.YES
        return commit(events, session)

    car.loop._journal.commit = slow  # type: ignore[method-assign]


def test_safe_1_an_engine_that_starts_during_the_commit_is_not_blocked() -> None:
    for index in (codes.IN_ENGINE, codes.IN_MOVING):
        car = lock_is_due(1)
        before = car.rises()
        start_in_commit(car, index)
        car.after(1)
        del car.loop._journal.commit
        assert car.loop.state == "secured"
        car.run(5000)
        assert car.rises() == before and car.read_back() == OPEN, "doors included"
        assert codes.AUDIT_SECURITY_DUE in car.told
        car.put_input(index, codes.NO)
        car.run(1000)
        assert car.loop.state == "secured" and car.read_back() == SHUT


def test_safe_1_an_engine_line_that_has_not_rested_is_no_rest() -> None:
    """It reads YES for less than the 50 ms after which that counts."""
    car = lock_is_due(40)
    before = car.rises()
    car.inputs[codes.IN_ENGINE].value = codes.YES
    car.after(20)
    car.after(20)
    assert car.loop.state == "secured"
    car.run(3000)
    assert car.rises() == before and car.read_back() == OPEN
    assert codes.AUDIT_SECURITY_DUE in car.told


def test_safe_1_a_line_that_bounces_is_no_rest_though_it_reads_so_just_then() -> None:
    car = lock_is_due(40)
    before = car.rises()
    for value in (codes.YES, codes.NO):
        car.inputs[codes.IN_ENGINE].value = value
        car.after(20)
    assert car.loop.state == "secured" and car.rises() == before
    car.run(1500)
    assert car.loop.state == "secured" and car.read_back() == SHUT, "at rest after all"
    assert codes.AUDIT_SECURITY_DUE not in car.told


def test_safe_1_at_rest_the_block_goes_out_in_the_same_turn() -> None:
    car = lock_is_due(1)
    car.after(1)
    assert car.loop.state == "secured"
    assert car.pulses[codes.PULSE_LOCK].level and car.pulses[codes.PULSE_BLOCK].level


def test_end_1_an_engine_that_starts_as_the_end_is_written_refuses_it() -> None:
    car = Car()
    car.return_key()
    before = car.rises()
    start_in_commit(car, codes.IN_ENGINE)
    car.touch()
    del car.loop._journal.commit
    assert car.loop.state == "key_returned"
    assert car.rises() == before and car.read_back() == OPEN
    assert codes.AUDIT_END_REFUSED in car.told and codes.AUDIT_ENDED not in car.told


def test_a_release_that_runs_is_ended_by_the_block_that_may_not_go_out() -> None:
    """As by one that may: of the two it is the block that was decided last."""
    car = Car()
    car.book()
    car.centre.online = True
    car.send(b"STARTSTA", codes.VERB_START)
    car.after(10)
    assert car.pulses[codes.PULSE_RELEASE].level and car.pulses[codes.PULSE_UNLOCK].level
    car.send(b"ENDENDEN", codes.VERB_END)
    start_in_commit(car, codes.IN_ENGINE)
    car.after(10)
    assert not car.pulses[codes.PULSE_RELEASE].level and not car.pulses[codes.PULSE_UNLOCK].level
    assert not car.pulses[codes.PULSE_BLOCK].level and not car.pulses[codes.PULSE_LOCK].level
