"""The life of a box on any board: start, turns, waits, and how a bug ends it."""

from binascii import crc32, unhexlify

from boards.box import Box, RestartError, run
from boards.pin_table import BoardError
from firmware.journal import Journal
from firmware.version import VERSION
from firmware.wire.codes import (
    AUDIT_FAULT,
    AUDIT_POWER_LOST,
    AUDIT_RESET,
    FAULT_PROGRAM_ERROR,
    OUT_RED,
    OUTS,
    PULSE_UNLOCK,
)
from hal.fake.byte_link import FakeByteLink
from hal.pn532 import Pn532
from tests.portable.boards.box_rig import AT_REST, CAR, MemoryBoard, ResetError, config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from boards.box_config import BoxConfig
    from boards.box_ports import BoxPorts


def ports_of(board: MemoryBoard) -> "BoxPorts":
    assert board.ports is not None
    return board.ports


def ends_by(board: MemoryBoard, wanted: "type[BaseException]", setup: "BoxConfig") -> bool:
    try:
        run(board, setup)
    except wanted:
        return True
    return False


def with_console(board: MemoryBoard) -> "tuple[Box, FakeByteLink]":
    box_link = FakeByteLink()
    build = board.build

    def build_more(setup: "BoxConfig") -> "BoxPorts":
        ports = build(setup)
        ports.console = box_link
        return ports

    board.build = build_more  # type: ignore[method-assign,assignment]
    return Box(board, config()), box_link


def test_what_the_board_knows_of_a_power_cut_reaches_the_journal() -> None:
    for was_lost in (False, True):
        board = MemoryBoard()
        box = Box(board, config())
        ports_of(board).power_was_lost = was_lost
        box.start()
        told = [event[0] for event in box.loop.committed]
        assert told == [AUDIT_POWER_LOST, AUDIT_RESET][not was_lost :]


def test_a_console_answers_between_the_turns() -> None:
    board = MemoryBoard()
    box, link = with_console(board)
    box.start()
    link.put(b"version\r")
    said = b""
    for _ in range(100):
        due_ms = box.turn()
        said += b"".join([data for _, data in link.take()])
        board.wait(due_ms)
    assert b"program     Kagibako " + VERSION.encode() + b"\r\n" in said
    assert b"car         " + CAR.encode() + b"\r\n" in said
    assert max(board.waits) > 0


def test_a_restart_that_the_console_asks_for_is_one_with_its_reason() -> None:
    board = MemoryBoard()
    box, _ = with_console(board)
    box.start()
    box.turn()
    assert box.door is not None
    restart = box.door._box.restart
    assert restart is not None
    restart("console")
    try:
        box.turn()
    except RestartError as error:
        assert str(error) == "console"
    else:
        raise AssertionError("no restart")


def test_a_restart_that_was_asked_for_leaves_outputs_at_rest_and_is_no_bug() -> None:
    """SAFE-3: the board does it, in its way, and keeps no reason."""

    class Asked(MemoryBoard):
        def wait(self, due_ms: int) -> None:
            ports_of(self).levels[OUT_RED].write(True)
            raise RestartError("prompt")

    board = Asked()
    run(board, config())
    assert board.restarts == ["prompt"]
    assert board.reasons == [] and board.resets == 0
    assert board.log.on == 0
    assert AUDIT_FAULT not in [event[0] for event in unconfirmed(board)]


def test_it_turns_and_waits_until_the_next_turn_is_due() -> None:
    board = MemoryBoard()
    board.turns_max = 200
    assert ends_by(board, KeyboardInterrupt, config())
    assert len(board.waits) == 200
    assert max(board.waits) > 0
    assert board.watchdog.was_fed
    assert board.resets == 0
    assert board.reasons == []


def test_the_watchdog_is_fed_by_a_turn_and_by_nothing_else() -> None:
    board = MemoryBoard()
    box = Box(board, config())
    box.start()
    assert not board.watchdog.was_fed
    box.turn()
    assert board.watchdog.was_fed


def test_the_reader_is_fitted_as_the_car_wants_it() -> None:
    board = MemoryBoard()
    Box(board, config()).start()
    assert isinstance(ports_of(board).reader, Pn532)
    Box(board, config(settings={"reader": False})).start()
    assert ports_of(board).reader is None


def test_the_link_of_a_box_knows_its_centre() -> None:
    board = MemoryBoard()
    box = Box(board, config())
    box.start()
    for _ in range(400):
        board.wait(box.turn())
    network = ports_of(board).network
    assert network.opened[0] == ("centre.example", 8883)  # type: ignore[attr-defined]


def test_a_bug_switches_off_is_kept_and_resets() -> None:
    """SAFE-3: outputs to rest, the reason in the journal and on the board, a start anew."""

    class Broken:
        calls = 0

        def read_mv(self) -> int:
            self.calls += 1
            if self.calls < 5:
                return 12600
            ports_of(board).levels[OUT_RED].write(True)
            ports_of(board).pulses[PULSE_UNLOCK].write(True)
            raise ZeroDivisionError("a bug")

    class BrokenBoard(MemoryBoard):
        def build(self, config: "BoxConfig") -> "BoxPorts":
            ports = super().build(config)
            ports.battery = Broken()
            return ports

    board = BrokenBoard()
    assert ends_by(board, ResetError, config())
    assert board.resets == 1
    assert board.reasons == ["ZeroDivisionError: a bug"]
    assert board.log.on == 0
    told = [event for event in unconfirmed(board) if event[0] == AUDIT_FAULT]
    assert [event[-2] for event in told] == [FAULT_PROGRAM_ERROR]


def unconfirmed(board: MemoryBoard) -> "list[bytes]":
    """The events of the journal that the box left behind."""
    journal = Journal(board.flashes[0], 99, crc32(unhexlify(CAR)))
    journal.open()
    return journal.read_unacked(4000)[1]


def test_a_bug_while_it_starts_switches_off_and_resets_too() -> None:
    class BrokenBoard(MemoryBoard):
        def build(self, config: "BoxConfig") -> "BoxPorts":
            ports = super().build(config)
            ports.levels[OUT_RED].write(True)
            raise OSError(5, "no bus")

    board = BrokenBoard()
    assert ends_by(board, ResetError, config())
    assert board.log.on == 0
    assert board.reasons == ["OSError: " + str(OSError(5, "no bus"))]


def test_a_reason_that_cannot_be_kept_does_not_keep_the_box() -> None:
    class FullBoard(MemoryBoard):
        def build(self, config: "BoxConfig") -> "BoxPorts":
            raise ValueError("a bug")

        def keep_reason(self, error: Exception) -> None:
            raise OSError(28)

    board = FullBoard()
    assert ends_by(board, ResetError, config())
    assert board.resets == 1


def test_who_interrupts_finds_outputs_at_rest_and_no_reset() -> None:
    class Watching(MemoryBoard):
        def wait(self, due_ms: int) -> None:
            ports_of(self).levels[OUT_RED].write(True)
            super().wait(due_ms)

    board = Watching()
    board.turns_max = 3
    assert ends_by(board, KeyboardInterrupt, config())
    assert board.log.on == 0
    assert board.resets == 0


def test_a_port_that_was_forgotten_is_named_with_the_file() -> None:
    board = MemoryBoard()
    board.left_out = "odometer"
    try:
        Box(board, config())
    except BoardError as error:
        assert str(error) == (
            "tests/portable/boards/box_rig.py: build() gives no odometer, and the firmware needs "
            "one; set ports.odometer"
        )
    else:
        raise AssertionError("no complaint")


def test_nothing_is_driven_before_the_first_card() -> None:
    """SAFE-3: a start moves no relay."""
    board = MemoryBoard()
    board.turns_max = 300
    board.values[:] = AT_REST
    ends_by(board, KeyboardInterrupt, config())
    changes = board.log.changes
    assert not [at for at in range(0, len(changes), 4) if changes[at + 2] >= OUTS]
