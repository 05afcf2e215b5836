"""Inputs, outputs, analog values and the centre's link in memory."""

import struct

from firmware.ticks import FAR_MS, ticks_diff
from hal.fake import centre_link, digital
from hal.fake.analog import FakeAnalogIn, FakePosition, FakePulseCounter
from hal.fake.centre_link import FakeCentreLink
from hal.fake.clock import FakeClock
from hal.fake.digital import FakeDigitalIn, FakeDigitalOut, OutputLog
from hal.fake.watchdog import FakeWatchdog


def test_an_input_reads_its_byte() -> None:
    values = bytearray((0, 2, 1))
    assert [FakeDigitalIn(values, i).read() for i in range(3)] == [0, 2, 1]
    values[0] = 1
    assert FakeDigitalIn(values, 0).read() == 1


def test_changes_of_outputs_are_logged_with_their_time() -> None:
    clock = FakeClock()
    log = OutputLog(clock)
    first, second = FakeDigitalOut(0, log), FakeDigitalOut(7, log)
    first.write(True)
    first.write(True)
    clock.advance_us(45_900)
    second.write(True)
    first.write(False)
    assert bytes(log.changes) == struct.pack(">HBBHBBHBB", 0, 0, 1, 45, 7, 1, 45, 0, 0)
    assert log.count() == 3
    assert log.on == 1 << 7
    log.clear()
    assert log.count() == 0
    assert log.on == 1 << 7


def test_the_log_is_bounded_and_counts_what_it_loses() -> None:
    log = OutputLog(FakeClock())
    out = FakeDigitalOut(0, log)
    for number in range(digital.CHANGES_MAX + 3):
        out.write(number % 2 == 0)
    assert log.count() == digital.CHANGES_MAX
    assert log.lost == 3
    assert log.on == 1


def test_analog_values_are_unknown_until_told() -> None:
    assert FakeAnalogIn().read_mv() == -1
    assert FakeAnalogIn(12600).read_mv() == 12600
    assert FakePulseCounter().metres() == -1
    assert FakePulseCounter(7).metres() == 7
    position = FakePosition()
    assert not position.is_valid()
    position.set(True, 35, -139)
    assert position.is_valid()
    assert (position.latitude_udeg(), position.longitude_udeg()) == (35, -139)


def test_messages_pass_in_order_while_online() -> None:
    link = FakeCentreLink()
    assert not link.send(b"lost")
    link.online = True
    assert link.is_online()
    assert link.send(b"one")
    assert link.send(b"two")
    assert link.take() == [b"one", b"two"]
    assert link.take() == []
    link.put(b"a")
    link.put(b"b")
    assert link.waiting() == 2
    assert link.receive() == b"a"
    assert link.receive() == b"b"
    assert link.receive() is None
    assert link.lost == 1


def test_what_waits_to_be_received_is_due_now() -> None:
    link = FakeCentreLink()
    link.poll(2**30 - 1)
    assert ticks_diff(link.next_due_at_ms, 2**30 - 1) == FAR_MS
    link.put(b"a")
    assert ticks_diff(link.next_due_at_ms, 2**30 - 1) == 0
    link.receive()
    assert ticks_diff(link.next_due_at_ms, 2**30 - 1) == FAR_MS


def test_both_queues_are_bounded() -> None:
    link = FakeCentreLink()
    link.online = True
    for _ in range(centre_link.QUEUE_MAX):
        assert link.send(b"x")
        link.put(b"y")
    assert not link.send(b"x")
    link.put(b"y")
    assert link.waiting() == centre_link.QUEUE_MAX
    assert link.lost == 2


def test_the_watchdog_remembers_its_food() -> None:
    watchdog = FakeWatchdog()
    assert not watchdog.was_fed
    watchdog.feed()
    assert watchdog.was_fed
