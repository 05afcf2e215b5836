"""What the car says by itself: HELLO when it is due, events in order, answers."""

from firmware.uplink import HELLO_EVERY_MS, HELLO_MIN_MS, HELLO_UNTRUSTED_MS
from firmware.wire import codes, kb1, kb1_centre
from firmware.wire.journal_format import EPOCH_2020_S
from tests.portable.firmware.loop_rig import Box


def test_hello_at_connect_tells_all_that_the_centre_needs() -> None:
    box = Box()
    box.book()
    box.after(2000)
    box.centre.online = True
    box.after(10)
    hello = box.hello()
    assert hello.boot == box.boot and hello.uptime_s == 2
    assert hello.clock_trusted and hello.now_unix_s == box.wall_s + EPOCH_2020_S
    assert (hello.gen, hello.rev, hello.hash8) == (0, box.rev, box.hash8)
    assert hello.counter == 0 and hello.next_seq > 1


def test_hello_every_15_minutes_give_or_take_a_fifth() -> None:
    box = Box()
    box.centre.online = True
    box.after(10)
    box.centre.take()
    waits = []
    for _ in range(6):
        waited_ms = 0
        while not box.taken(kb1.HELLO):
            step_ms = min(max(box.due_ms, 10), 60000)
            waited_ms += step_ms
            box.after(step_ms)
        waits.append(waited_ms)
    assert min(waits) >= HELLO_EVERY_MS
    assert max(waits) <= HELLO_EVERY_MS * 3 // 2 + 1000
    assert len(set(waits)) > 1, "not all cars at once"


def test_a_car_without_time_asks_each_minute() -> None:
    box = Box()
    box.centre.online = True
    box.trusted = False
    box.after(HELLO_MIN_MS)
    box.centre.take()
    box.after(HELLO_UNTRUSTED_MS)
    hello = box.hello()
    assert not hello.clock_trusted


def test_the_counter_of_the_last_command_is_told() -> None:
    box = Box()
    box.centre.online = True
    box.after(10)
    box.put_command(b"COMMAND1", codes.VERB_POSITION, 41)
    box.after(10)
    assert box.results()[0][:2] == (b"COMMAND1", True)
    box.put_time(bytes(8))
    box.after(HELLO_MIN_MS)
    assert box.hello().counter == 41


def test_start_2_the_answer_comes_after_the_relays_with_what_they_read_back() -> None:
    box = Box()
    box.book()
    box.centre.online = True
    box.after(10)
    box.put_command(b"COMMAND1", codes.VERB_START)
    box.after(10)
    assert box.loop.state == "unlocked" and box.results() == []
    box.inputs[codes.IN_LOCKED].value = codes.NO
    box.inputs[codes.IN_BLOCKED].value = codes.NO
    for _ in range(30):
        box.after(50)
    assert box.results() == [(b"COMMAND1", True, [], b"", codes.NO, codes.NO)]


def test_an_answer_found_while_offline_is_told_when_the_link_is_back() -> None:
    box = Box()
    box.book()
    box.put_command(b"COMMAND1", codes.VERB_POSITION)
    box.after(10)
    assert box.centre.take() == []
    box.centre.online = True
    box.after(10)
    assert box.results()[0][:2] == (b"COMMAND1", True)
    box.after(10)
    assert box.results() == []


def test_nothing_is_sent_while_offline() -> None:
    box = Box()
    box.book()
    box.after(10)
    box.put_command(b"COMMAND1", codes.VERB_START)
    box.after(10)
    assert box.centre.take() == [] and box.centre.lost == 0


def test_battery_and_odometer_go_beside_hello_and_the_position_does_not_pos_1() -> None:
    box = Box()
    box.centre.online = True
    box.after(10)
    told = kb1_centre.unpack_telemetry(box.taken(kb1.TELEMETRY)[0])
    now_unix_s = box.wall_s + EPOCH_2020_S
    assert told == (now_unix_s, 12600, 12_345_000, 0, 0, False)
