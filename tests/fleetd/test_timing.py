"""When the daemon has to be woken, and how it makes a car speak that is there already."""

from firmware.wire import frames, kb1
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, exchange, wire


def online(desk: Desk) -> tuple[ScriptedCar, int]:
    number: int = desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + 2 * HOUR_S)["id"]
    car = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    exchange(desk, car)
    return car, number


def bodies(desk: Desk, car: ScriptedCar, kind: int) -> list[bytes]:
    """Of the frames that were sent to the car since the last look."""
    key = frames.direction_key(bytes.fromhex(desk.identity.key), frames.DOWN)
    opened = [frames.open_frame((key,), car.car, frame) for frame in desk.taken()]
    return [found[1] for found in opened if found is not None and found[0] == kind]


def test_at_rest_it_is_woken_to_look_around(desk: Desk) -> None:
    assert desk.fleet.next_tick_s() == NOW_S  # it has not looked yet
    desk.fleet.tick()
    assert desk.fleet.next_tick_s() == NOW_S + 10
    desk.clock.now_s += 3.5
    assert desk.fleet.next_tick_s() == NOW_S + 10
    desk.clock.now_s = NOW_S + 12
    assert desk.fleet.next_tick_s() == NOW_S + 12
    desk.fleet.tick()
    assert desk.fleet.next_tick_s() == NOW_S + 22


def test_a_clock_that_is_set_back_does_not_put_it_to_sleep(desk: Desk) -> None:
    desk.fleet.tick()
    desk.clock.now_s -= HOUR_S
    assert desk.fleet.next_tick_s() <= desk.clock.now_s + 10


def ticks_until(desk: Desk, ends_s: int) -> list[int]:
    """Tick when told to, as a simulation does that jumps from one instant to the next."""
    found = []
    while (due_s := desk.fleet.next_tick_s()) < ends_s:
        desk.clock.now_s = max(desk.clock.now_s, due_s)
        found.append(int(desk.clock.now_s) - NOW_S)
        desk.fleet.tick()
    return found


def test_a_command_wakes_it_to_be_sent_again_and_to_expire(desk: Desk) -> None:
    car, number = online(desk)
    desk.fleet.tick()
    desk.clock.now_s += 2
    command = desk.fleet.operate(desk.driver, number, "start", "k1")
    assert ticks_until(desk, NOW_S + 33) == [7, 10, 12, 17, 20, 22, 27, 30, 32]
    assert len(bodies(desk, car, kb1.CMD)) == 6
    assert desk.fleet.command(command)["status"] == "unknown"
    assert ticks_until(desk, NOW_S + 41) == [40]


def test_an_absent_car_does_not_keep_it_awake(desk: Desk) -> None:
    _, number = online(desk)
    desk.fleet.tick()
    desk.fleet.disconnected(CAR)
    desk.fleet.operate(desk.driver, number, "start", "k1")
    desk.fleet.add_booking(desk.driver, CAR, NOW_S + 3 * HOUR_S, NOW_S + 4 * HOUR_S)
    assert ticks_until(desk, NOW_S + 41) == [10, 20, 30, 40]


def test_unanswered_pushes_wake_it(desk: Desk) -> None:
    car, _ = online(desk)
    desk.clock.now_s += 1  # no two pushes in a second
    desk.fleet.add_booking(desk.driver, CAR, NOW_S + 3 * HOUR_S, NOW_S + 4 * HOUR_S)
    assert len(bodies(desk, car, kb1.DELTA)) == 1
    desk.fleet.tick()
    ticks_until(desk, NOW_S + 40)
    assert len(bodies(desk, car, kb1.DELTA)) == 4  # after 2, 4, 8, 16 seconds


def test_woken_only_when_told_it_sends_the_same_as_each_second(desk: Desk) -> None:
    car, number = online(desk)
    other = Desk(desk.path.with_name("other.db"))
    twin, _ = online(other)
    sent: list[list[tuple[int, int]]] = []
    for fleet, box, is_told in ((desk, car, True), (other, twin, False)):
        key = frames.direction_key(bytes.fromhex(fleet.identity.key), frames.DOWN)
        fleet.fleet.tick()
        fleet.taken()
        log: list[tuple[int, int]] = []
        for second in range(1, 200):
            if second == 3:
                fleet.fleet.add_booking(fleet.driver, CAR, NOW_S + 90_000, NOW_S + 95_000)
            if second == 20:
                fleet.fleet.operate(fleet.driver, number, "start", "k1")
            if second == 90:
                box.hello()
                fleet.fleet.ask_position(CAR, "desk", "overdue")
            if second == 120:
                fleet.fleet.connected(CAR)
                fleet.fleet.prompt(CAR)
            fleet.clock.now_s = NOW_S + second
            if not is_told or fleet.fleet.next_tick_s() <= fleet.clock.now_s:
                fleet.fleet.tick()
            for frame in fleet.taken():
                opened = frames.open_frame((key,), box.car, frame)
                assert opened is not None
                log.append((second, opened[0]))
        sent.append(log)
    other.db.close()
    assert sent[0] == sent[1]
    assert {kind for _, kind in sent[0]} == {kb1.DELTA, kb1.CMD, kb1.TIME}


def test_a_car_that_was_there_before_us_is_prompted_until_it_says_hello(desk: Desk) -> None:
    car, _ = online(desk)
    desk.restart()
    desk.fleet.prompt(CAR)
    assert desk.taken() == []  # nobody knows it to be there
    desk.fleet.connected(CAR)
    desk.fleet.prompt(CAR)
    (body,) = bodies(desk, car, kb1.TIME)
    assert kb1.unpack_time(body)[:2] == (bytes(8), NOW_S)
    desk.fleet.tick()
    ticks_until(desk, NOW_S + 40)
    assert len(bodies(desk, car, kb1.TIME)) == 4  # the first one may have been lost
    car._deliver = lambda frame: desk.fleet.receive(CAR, frame)
    car.hello()
    desk.taken()
    desk.fleet.prompt(CAR)
    ticks_until(desk, NOW_S + 200)
    assert bodies(desk, car, kb1.TIME) == []


def test_nobody_prompts_a_car_that_has_gone_or_is_unknown(desk: Desk) -> None:
    for stranger in (CAR, "4b47000000ff"):
        desk.fleet.connected(stranger)
        if stranger == CAR:
            desk.fleet.prompt(CAR)
            desk.fleet.disconnected(CAR)
            assert len(desk.taken()) == 1
        else:
            desk.fleet.prompt(stranger)
    desk.fleet.tick()
    ticks_until(desk, NOW_S + 60)
    assert desk.sent == []


def test_a_trusted_clock_that_is_wrong_is_told_the_time(desk: Desk) -> None:
    car = wire(desk)
    desk.fleet.connected(CAR)
    car.hello()
    exchange(desk, car)
    for ahead_s, told in ((10, 0), (-10, 0), (11, 1), (-11, 1), (3600, 1)):
        desk.clock.now_s += 60
        car.ahead_s = ahead_s
        car.times.clear()
        car.hello()
        exchange(desk, car)
        assert len(car.times) == told, ahead_s
