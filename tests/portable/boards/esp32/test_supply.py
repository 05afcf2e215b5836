"""SAFE-6: what the coils get, behind a model of the circuit of boards/README.md."""

from tests.portable.boards.esp32.whole_box import Car
from tests.portable.firmware.loop_rig import CARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hal.api import CardReader

#: The monostable's time, at the least: 0.7 * 300 kohm * 10 uF, both 5 % short.
HOLD_MS = 1895
#: What a turn may still do after it has begun a pulse, and before it feeds.
REST_OF_TURN_MS = 30
WIDTH_MS = {"unlock": 400, "release": 200}


class StallingReader:
    """The box's reader; the turn that hears the card stands still for so long.

    After the pulses have begun, each turn takes `REST_OF_TURN_MS` more.
    """

    def __init__(self, car: Car, stall_ms: int) -> None:
        assert car.box.ports.reader is not None
        self._reader: "CardReader" = car.box.ports.reader
        self._car = car
        self._stall_ms = stall_ms

    @property
    def is_healthy(self) -> bool:
        return self._reader.is_healthy

    @property
    def is_listening(self) -> bool:
        return self._reader.is_listening

    @property
    def next_due_at_ms(self) -> int:
        return self._reader.next_due_at_ms

    def set_eager(self, eager: bool) -> None:
        self._reader.set_eager(eager)
        self._car.chip.pass_ms(REST_OF_TURN_MS)

    def poll(self, now_ms: int) -> "bytes | None":
        found = self._reader.poll(now_ms)
        if found is not None:
            self._car.chip.pass_ms(self._stall_ms)
            self._stall_ms = 0
        return found


def powered_ms(car: Car, name: str) -> int:
    """How long the coil had both its pin and its supply."""
    edges = [at_ms for at_ms, level in car.changes("enable") if level]
    changes = car.changes(name)
    assert [level for _, level in changes] == [1, 0]
    return len(
        [
            ms
            for ms in range(changes[0][0], changes[1][0])
            if [at_ms for at_ms in edges if at_ms <= ms < at_ms + HOLD_MS]
        ]
    )


def unlocks_after(stall_ms: int) -> None:
    car = Car()
    car.start()
    car.run_ms(2000)
    car.box.ports.reader = StallingReader(car, stall_ms)
    car.reader.idm = CARD
    car.reader.has_card = True
    car.run_ms(3000 + stall_ms)
    for name, width_ms in WIDTH_MS.items():
        assert powered_ms(car, name) >= width_ms, name


def test_a_pulse_is_whole_after_a_turn_that_stood_still() -> None:
    """Whatever it was that took so long: the supply was off when the pulse began."""
    unlocks_after(14_000)


def test_a_pulse_is_whole_wherever_the_line_stood() -> None:
    """At the least stall that the circuit does not outlive, and one turn more."""
    unlocks_after(HOLD_MS + 700)


def test_the_supply_lasts_while_the_program_turns() -> None:
    """Every turn brings an edge that the circuit hears, so none is ever late."""
    car = Car()
    car.start()
    car.run_ms(6000)
    rising = [at_ms for at_ms, level in car.changes("enable") if level]
    assert max([b - a for a, b in zip(rising, rising[1:])]) <= 510  # noqa: B905, RUF007 - both interpreters
