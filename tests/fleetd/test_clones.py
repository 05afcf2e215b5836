"""Two of what must be one: daemons on clones of a database, boxes with one car's identity."""

import shutil

from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, exchange, records_of, wire

START_S, END_S = NOW_S + HOUR_S, NOW_S + 2 * HOUR_S


class Clones:
    """Two daemons on copies of one database; a broker takes all that the car says to both."""

    def __init__(self, desk: Desk) -> None:
        self.one = desk
        desk.db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        path = desk.path.with_name("clone.db")
        self.other = Desk(path)
        self.other.db.close()
        shutil.copy(desk.path, path)
        self.other.restart()
        self.other.clock = self.other.fleet.clock = desk.clock
        self.both: tuple[Desk, ...] = (self.one, self.other)
        self.car = ScriptedCar(CAR, desk.identity.key, self._say, desk.clock)
        self.generations: list[int] = []

    def _say(self, frame: bytes) -> None:
        for desk in self.both:
            desk.fleet.receive(CAR, frame)

    def run(self, seconds: int, hello_every_s: int = 60) -> None:
        for second in range(seconds):
            self.one.clock.now_s += 1
            if second % hello_every_s == 0:
                self.car.hello()
            for desk in self.both:
                desk.fleet.tick()
                for frame in desk.taken():
                    self.car.hear(frame)
                    if not self.generations or self.generations[-1] != self.car.gen:
                        self.generations.append(self.car.gen)

    def forked(self, desk: Desk) -> int:
        return desk.alarms().count("database_forked")


def test_a_car_between_two_daemons_comes_to_rest(desk: Desk) -> None:
    """Protocol rule 3: generations only rise, both operators hear of it, one daemon falls silent."""
    clones = Clones(desk)
    clones.run(5)
    for at, each in enumerate(clones.both):
        each.fleet.book(each.driver, CAR, START_S + at * HOUR_S, END_S + at * HOUR_S)
    clones.run(600)
    assert clones.generations == sorted(set(clones.generations))
    assert len(clones.generations) <= 8
    assert all(clones.forked(each) for each in clones.both)
    silent = [each for each in clones.both if "database_cloned" in each.alarms()]
    assert len(silent) == 1
    (speaking,) = (each for each in clones.both if each not in silent)
    assert clones.car.records == records_of(speaking.db)
    # It stays so: hours later nothing has changed sides, and the silent one sends nothing.
    before = (clones.car.gen, dict(clones.car.records))
    sent: list[int] = []
    silent[0].fleet._send = lambda _car, frame: sent.append(len(frame))
    silent[0].fleet.book(silent[0].driver, CAR, END_S + 4 * HOUR_S, END_S + 5 * HOUR_S)
    clones.run(1800)
    assert (clones.car.gen, clones.car.records) == before
    assert sent == []
    speaking.fleet.book(speaking.other, CAR, END_S + 2 * HOUR_S, END_S + 3 * HOUR_S)
    clones.run(60)
    assert clones.car.records == records_of(speaking.db)


def test_when_one_daemon_is_gone_the_other_goes_on(desk: Desk) -> None:
    """The operator ends one of them and clears the alarms of the other."""
    clones = Clones(desk)
    clones.run(5)
    for at, each in enumerate(clones.both):
        each.fleet.book(each.driver, CAR, START_S + at * HOUR_S, END_S + at * HOUR_S)
    clones.run(600)
    (silent,) = (each for each in clones.both if "database_cloned" in each.alarms())
    clones.both = (silent,)
    silent.db.run(
        "UPDATE alarm SET cleared_s = ?, cleared_by = 'Sato', cleared_why = 'the clone is off'",
        int(silent.clock.now_s),
    )
    clones.run(120)
    assert clones.car.records == records_of(silent.db)
    assert silent.alarms() == ["database_forked"]
    assert silent.fleet.status()["cars"][0]["is_in_step"]


def test_two_boxes_in_one_cars_name_are_noticed(desk: Desk) -> None:
    """Each HELLO of a box whose boot had been over counts; four within an hour are an alarm."""
    one, other = wire(desk, seed=1), wire(desk, seed=2)
    one.journal = other.journal = 0x11
    for _ in range(3):
        for box in (one, other):
            desk.clock.now_s += 60
            box.hello()
            desk.taken()
    assert [name for name in desk.alarms() if name == "car_cloned"] == ["car_cloned"]


def test_a_frame_that_somebody_kept_is_no_second_box(desk: Desk) -> None:
    """A late HELLO of the boot before passes once, and the car takes its place back: no alarm."""
    car = wire(desk)
    car.hello()
    desk.clock.now_s += 5
    kept = car.hello_frame()
    desk.clock.now_s += 5
    car.boot_anew()
    car.hello()
    for _ in range(5):
        desk.clock.now_s += 60
        desk.fleet.receive(CAR, kept)
        car.hello()
    exchange(desk, car)
    assert "car_cloned" not in desk.alarms()


def test_a_box_that_starts_often_is_no_second_box(desk: Desk) -> None:
    car = wire(desk)
    for _ in range(20):
        desk.clock.now_s += 60
        car.boot_anew()
        car.hello()
        exchange(desk, car)
    assert desk.alarms() == []
