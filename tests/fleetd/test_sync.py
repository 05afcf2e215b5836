"""The daemon keeps a car's copy in step: protocol rules 1 to 6, 9 and 11."""

from firmware.wire import kb1
from firmware.wire.chain import next_hash
from tests.fleetd.rig import CAR, CARD, HOUR_S, NOW_S, Desk, exchange, records_of, settle, wire

START_S, END_S = NOW_S + HOUR_S, NOW_S + 2 * HOUR_S


def test_log_hash_and_records_belong_together(desk: Desk) -> None:
    """Rule 1: each change is one operation with the next revision and hash."""
    desk.fleet.add_card(desk.driver, CARD)
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    number = desk.fleet.book(desk.driver, CAR, START_S + 2 * HOUR_S, END_S + 2 * HOUR_S)["id"]
    desk.fleet.cancel(desk.driver, number)
    rows = desk.db.rows("SELECT rev, op, record, hash FROM car_log ORDER BY rev")
    assert [row["op"] for row in rows] == [3, 1, 1, 2]
    assert [row["rev"] for row in rows] == [1, 2, 3, 4]
    hash8 = bytes(8)
    for row in rows:
        hash8 = next_hash(hash8, row["op"], row["record"])
        assert row["hash"] == hash8
    assert (desk.car_row().rev, desk.car_row().hash) == (4, hash8)


def test_a_new_car_gets_a_snapshot_then_deltas(desk: Desk) -> None:
    """Rule 3."""
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    assert car.kinds == [kb1.SNAP, kb1.TIME]
    assert car.records == records_of(desk.db)
    desk.clock.now_s += 5
    desk.fleet.book(desk.other, CAR, END_S, END_S + HOUR_S)
    exchange(desk, car)
    assert car.kinds == [kb1.SNAP, kb1.TIME, kb1.DELTA]
    assert car.records == records_of(desk.db)
    assert desk.fleet.status()["cars"][0]["is_in_step"]


def test_in_step_there_is_nothing_to_say_but_the_time_now_and_then(desk: Desk) -> None:
    """Rules 3 and 7: TIME renews the lease of a car for which nothing changes."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    del car.kinds[:]
    for _ in range(8):
        desk.clock.now_s += 900
        car.hello()
        exchange(desk, car)
    assert car.kinds == [kb1.TIME] * 2
    del car.kinds[:]
    desk.clock.now_s += 60
    car.hello(trusted=False)
    exchange(desk, car)
    assert car.kinds == [kb1.TIME]
    assert car.times[-1][1] == desk.clock.now_s


def test_at_most_one_push_a_second_and_slower_when_unanswered(desk: Desk) -> None:
    """Rule 5."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.clock.now_s += 10
    for hour in range(3, 8):
        desk.fleet.book(desk.driver, CAR, NOW_S + hour * HOUR_S, NOW_S + (hour + 1) * HOUR_S)
    assert len(desk.taken()) == 1
    times = []
    for second in range(1, 200):
        desk.clock.now_s += 1
        desk.fleet.tick()
        if desk.taken():
            times.append(second)
    assert times == [1, 3, 7, 15, 31, 63, 123, 183]
    car.hello()
    assert len(desk.taken()) == 1


def test_doubled_hellos_do_not_double_pushes(desk: Desk) -> None:
    """Rule 5: one frame in, one push out would amplify without end."""
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    car = wire(desk)
    frame = car.hello_frame()
    for _ in range(20):
        desk.fleet.receive(CAR, frame)
    assert len(desk.taken()) == 1


def test_a_long_way_behind_is_caught_up_in_steps(desk: Desk) -> None:
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.fleet.disconnected(CAR)
    for quarter in range(4, 100, 2):
        starts_s = NOW_S + quarter * 900
        desk.fleet.add_booking(desk.driver, CAR, starts_s, starts_s + 1800)
        desk.fleet.add_booking(desk.other, CAR, starts_s, starts_s + 1800)
    assert desk.taken() == []
    del car.kinds[:]
    desk.clock.now_s += 60
    car.hello()
    settle(desk, car, 6)
    assert car.records == records_of(desk.db)
    assert car.kinds == [kb1.DELTA] * 2


def test_a_car_far_behind_gets_a_snapshot_in_chunks(desk: Desk) -> None:
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.fleet.disconnected(CAR)
    for number in range(250):
        starts_s = NOW_S + HOUR_S + number * 900
        desk.fleet.add_booking(desk.driver, CAR, starts_s, starts_s + 900)
    desk.fleet.add_staff_card(CARD, "Station")
    desk.clock.now_s += 60
    car.hello()
    frames = desk.taken()
    assert len(frames) > 1
    desk.clock.now_s += 3
    desk.fleet.tick()
    again = desk.taken()
    for frame in frames[:-1]:
        car.hear(frame)
    assert len(car.records) == 0  # the old state holds until the last chunk
    for frame in again:
        car.hear(frame)
    assert len(car.records) == 201
    exchange(desk, car)
    assert car.records == records_of(desk.db)


def test_bookings_come_into_the_car_72_hours_ahead(desk: Desk) -> None:
    """Rule 8."""
    starts_s = NOW_S + 80 * HOUR_S
    number = desk.fleet.book(desk.driver, CAR, starts_s, starts_s + HOUR_S)["id"]
    assert desk.fleet.receipts(number)["state"] == "later"
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    assert car.records == {}
    desk.clock.now_s = starts_s - 72 * HOUR_S - 60
    settle(desk, car, 50)
    assert car.records == {}
    settle(desk, car, 30)
    assert len(car.records) == 1
    assert desk.fleet.receipts(number)["state"] == "in_car"


def test_a_past_booking_leaves_when_the_car_has_nothing_untold(desk: Desk) -> None:
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.clock.now_s = END_S + 60
    settle(desk, car, 30)
    assert len(car.records) == 1
    car.hello()
    settle(desk, car, 15)
    assert car.records == {}


def test_receipts(desk: Desk) -> None:
    """Rule 9: in the car since."""
    number = desk.fleet.book(desk.driver, CAR, START_S, END_S)["id"]
    assert desk.fleet.receipts(number) == {
        "state": "on_its_way", "put_s": NOW_S, "in_car_since_s": None,
    }  # fmt: skip
    car = wire(desk)
    desk.clock.now_s += 100
    car.hello()
    exchange(desk, car)
    assert desk.fleet.receipts(number)["in_car_since_s"] == NOW_S + 100
    desk.clock.now_s += 100
    car.hello()
    assert desk.fleet.receipts(number)["in_car_since_s"] == NOW_S + 100
    # Flash lost: the car does not have it any more.
    car.boot_anew()
    car.gen = car.rev = 0
    car.hash8 = bytes(8)
    car.hello()
    assert desk.fleet.receipts(number)["state"] == "on_its_way"
    exchange(desk, car)
    assert desk.fleet.receipts(number)["in_car_since_s"] == NOW_S + 200


def test_a_changed_booking_is_on_its_way_again(desk: Desk) -> None:
    """Rule 9: the receipt is for the booking as it is now."""
    number = desk.fleet.book(desk.driver, CAR, START_S, END_S)["id"]
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.clock.now_s += 5
    desk.fleet.change(desk.driver, number, START_S, END_S + HOUR_S)
    assert desk.fleet.receipts(number)["state"] == "on_its_way"
    exchange(desk, car)
    assert desk.fleet.receipts(number)["in_car_since_s"] == NOW_S + 5


def test_an_alarm_when_a_car_lacks_a_booking_an_hour_before(desk: Desk) -> None:
    """Rule 9."""
    desk.fleet.book(desk.driver, CAR, START_S + HOUR_S, END_S + HOUR_S)
    desk.clock.now_s = START_S - 1
    desk.fleet.tick()
    assert desk.alarms() == []
    desk.clock.now_s = START_S + 10
    desk.fleet.tick()
    desk.clock.now_s += 10
    desk.fleet.tick()
    assert desk.alarms() == ["booking_not_in_car"]
    car = wire(desk)
    car.hello()
    settle(desk, car, 15)
    assert desk.alarms() == []


def test_no_alarm_for_a_booking_made_just_now(desk: Desk) -> None:
    desk.fleet.book(desk.driver, CAR, NOW_S, END_S)
    desk.clock.now_s += 30
    desk.fleet.tick()
    assert desk.alarms() == []


def test_a_revocation_that_is_not_confirmed_is_seen(desk: Desk) -> None:
    """Rule 7: since when."""
    number = desk.fleet.book(desk.driver, CAR, START_S, END_S)["id"]
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.clock.now_s += 100
    desk.fleet.cancel(desk.driver, number)
    status = desk.fleet.status()["cars"][0]
    assert status["revocation_not_confirmed_since_s"] == NOW_S + 100
    exchange(desk, car)
    assert desk.fleet.status()["cars"][0]["revocation_not_confirmed_since_s"] is None


def test_asking_is_answered_at_once(desk: Desk) -> None:
    """Rule 11: outside the limits, with what is missing or with TIME."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.clock.now_s += 5
    desk.fleet.book(desk.driver, CAR, START_S, END_S)
    desk.taken()  # lost on the way
    del car.kinds[:]
    car.hello(asking=True)
    exchange(desk, car)
    assert car.kinds == [kb1.DELTA]
    car.hello(asking=True)
    exchange(desk, car)
    assert car.kinds == [kb1.DELTA, kb1.TIME]
    doubled = car.hello_frame(asking=True)
    desk.fleet.receive(CAR, doubled)
    desk.fleet.receive(CAR, doubled)
    assert len(desk.taken()) == 1
