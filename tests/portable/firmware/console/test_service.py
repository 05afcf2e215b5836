"""What an unlocked technician does to the car, through the whole loop (TECH-2, TECH-3, SAFE-1, SAFE-2)."""

from firmware.wire import codes
from tests.portable.firmware.console.console_rig import Cable
from tests.portable.firmware.console.gate_rig import GateRig
from tests.portable.firmware.loop_rig import CARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOCK, UNLOCK = codes.PULSE_LOCK, codes.PULSE_UNLOCK
NOTHING = [0, 0, 0, 0]


class HastyHost(Cable):
    """Clears the line as soon as it has an answer for programs."""

    heard = b""
    has_cleared = False

    def write(self, data: "bytes | bytearray | memoryview") -> int:
        self.heard += bytes(data)
        if b'"ok":true' in self.heard and not self.has_cleared:
            self.has_cleared = True
            self.put(b"\x03")
        return super().write(data)


def unlocked(level: int = 2) -> "tuple[GateRig, bytes]":
    rig = GateRig()
    return rig, rig.unlock(level)


def started() -> GateRig:
    """A driver's use runs."""
    rig = GateRig()
    rig.box.book()
    rig.box.reader.card = CARD
    rig.asked("version")
    for _ in range(200):
        rig.turn(50)
    assert rig.state == "relocked" or rig.state == "unlocked", rig.state
    return rig


def test_tech_3_a_technician_opens_and_locks_a_parked_car() -> None:
    """SAFE-2: the journal says who."""
    rig, who = unlocked(1)
    assert rig.asked("doors unlock") == ["doors       OK: they read unlocked"]
    assert rig.rises() == [1, 0, 0, 0]
    assert (who, codes.ACT_UNLOCK, 0) in rig.actions()
    staff_in = [event for event in rig.seen if event[0] == codes.AUDIT_STAFF_IN]
    assert staff_in[0][10:19] == bytes((codes.BY_TECHNICIAN,)) + who
    assert rig.asked("doors lock") == ["doors       OK: they read locked"]
    assert rig.rises() == [1, 1, 0, 0]
    codes_seen = [event[0] for event in rig.seen]
    assert codes_seen.count(codes.AUDIT_STAFF_OUT) == 1
    assert codes_seen.count(codes.AUDIT_LOCKED) == 1


def test_tech_3_doors_that_nobody_opens_lock_again() -> None:
    """STAFF-CAR-1: as after a staff card."""
    rig, _ = unlocked(1)
    rig.asked("doors unlock")
    rig.turn(60_000)
    rig.asked("version")
    assert rig.rises() == [1, 1, 0, 0]


def test_tech_3_what_does_not_move_is_said() -> None:
    rig, _ = unlocked(1)
    rig.relays_obey = False
    assert rig.asked("doors unlock") == [
        "doors       NOT OK: they read locked",
        "do          check relay, fuse and read-back wire",
    ]
    rig.box.inputs[codes.IN_LOCKED].value = codes.UNKNOWN
    rig.turn(100)
    assert rig.asked("doors lock") == [
        "doors       CANNOT TELL: they read cannot tell",
        "do          check the read-back wire",
    ]


def test_tech_2_nothing_in_a_running_use() -> None:
    """SAFE-2: neither doors nor engine nor maintenance nor a lamp."""
    rig = started()
    before = rig.rises()
    rig.unlock(2)
    for line in (
        "doors unlock",
        "doors lock",
        "engine block",
        "engine release",
        "maintenance on",
        "test red",
    ):
        said = rig.asked(line)
        assert said[-1].startswith("the car is in use: end that use first"), (line, said)
    assert rig.rises() == before
    assert rig.state in ("relocked", "unlocked")


def test_tech_3_the_engine_only_in_maintenance_and_from_level_2() -> None:
    rig, who = unlocked(1)
    assert rig.asked("engine release")[0].startswith("engine is locked: type unlock 2")
    who = rig.unlock(2)
    said = rig.asked("engine release")
    assert said == ["the car is not in maintenance: type maintenance on first"]
    assert rig.refusals() == [(who, codes.NOT_IN_MAINTENANCE)]
    assert rig.rises() == NOTHING
    assert rig.asked("maintenance on")[0].startswith("in maintenance")
    assert rig.state == "maintenance"
    assert rig.asked("engine release") == ["starter     OK: they read released"]
    assert rig.rises() == [0, 0, 1, 0]
    assert rig.asked("engine block") == ["starter     OK: they read blocked"]
    assert rig.asked("maintenance off")[0].startswith("out of maintenance")
    assert rig.state == "vacant"
    released = [event for event in rig.seen if event[0] == codes.AUDIT_ENGINE_RELEASED]
    assert released[0][10] == codes.BY_TECHNICIAN


def test_safe_1_the_starter_of_a_running_engine_is_not_blocked() -> None:
    rig, _ = unlocked(2)
    rig.asked("maintenance on")
    rig.asked("engine release")
    for value, said in (
        (codes.YES, "the engine runs: switch it off"),
        (codes.UNKNOWN, "an input cannot be told: engine"),
    ):
        rig.box.inputs[codes.IN_ENGINE].value = value
        rig.turn(100)
        rig.turn(100)
        assert rig.asked("engine block")[-1].startswith(said)
        assert rig.asked("maintenance off")[-1].startswith(said)
    assert rig.rises() == [0, 0, 1, 0]


def test_tech_3_doors_that_stand_open_are_not_locked() -> None:
    rig, _ = unlocked(1)
    rig.box.inputs[codes.IN_DOOR_DRIVER].value = codes.YES
    rig.turn(100)
    rig.turn(100)
    assert rig.asked("doors lock")[-1].startswith("a door or the trunk is open")
    assert rig.rises() == NOTHING


def test_safe_3_a_reset_in_the_middle_keeps_maintenance_and_no_right() -> None:
    rig, _ = unlocked(2)
    rig.asked("maintenance on")
    rig.asked("engine release")
    before = rig.rises()
    rig.box.restart()
    again = GateRig(rig.box)
    again.asked("version")
    assert again.state == "maintenance"
    assert again.rises() == before
    assert again.asked("engine release")[0].startswith("engine is locked")


def test_tech_2_a_time_that_is_over_opens_nothing() -> None:
    """Even if the console did not notice: the car itself looks at the time."""
    rig, who = unlocked(2)
    rental = rig.box.loop._controller.rental
    rental.technician_until_ms = rental.snapshot.now_ms
    assert rig.asked("doors unlock") == ["the console was locked meanwhile: type unlock"]
    assert rig.refusals() == [(who, codes.EXPIRED)]
    assert rig.rises() == NOTHING


def test_tech_2_what_cannot_be_journaled_does_not_happen() -> None:
    rig, _ = unlocked(1)
    rig.box.loop._journal.is_open = False
    rig.asked("doors unlock")
    assert rig.rises() == NOTHING


def test_tech_3_lamps_and_sounders_one_after_the_other() -> None:
    rig, who = unlocked(1)
    said = rig.asked("test")
    assert [line.split(":")[0] for line in said] == [
        "red", "green", "yellow", "hazard", "buzzer", "voice",
    ]  # fmt: skip
    assert [line.rises for line in rig.box.levels] == [1] * codes.OUTS
    assert not any(line.level for line in rig.box.levels)
    assert rig.actions()[1:] == [(who, codes.ACT_TEST, line) for line in range(codes.OUTS)]
    assert rig.rises() == NOTHING


def test_tech_3_test_of_relays_with_read_back() -> None:
    rig, _ = unlocked(2)
    assert rig.asked("test doors") == [
        "doors       OK: they read unlocked",
        "doors       OK: they read locked",
    ]
    assert rig.asked("test starter")[0].startswith("the car is not in maintenance")
    rig.asked("maintenance on")
    assert rig.asked("test starter") == [
        "starter     OK: they read released",
        "starter     OK: they read blocked",
    ]
    assert rig.rises() == [1, 1, 1, 1]


def test_one_sentence_for_every_mistake() -> None:
    rig, _ = unlocked(2)
    for line in ("doors", "doors open", "engine on", "maintenance maybe", "test horn", "test a b"):
        said = rig.ask(line)
        assert len(said) == 1 and "type " in said[0], said
    assert rig.ask("maintenance") == ["maintenance off"]
    assert rig.ask("reset")[0].startswith("this board cannot be reset from here")
    assert rig.ask("doors open --json")[0].startswith('{"ok":false')


def test_tech_4_reset_is_recorded_and_said_first() -> None:
    rig, who = unlocked(2)
    reasons: "list[str]" = []
    rig.inside.restart = reasons.append
    assert rig.asked("reset")[0].startswith("starting anew")
    assert reasons == ["console"]
    assert rig.actions()[-1] == (who, codes.ACT_RESET, 0)


def test_tech_4_a_program_hears_the_end_of_resets_answer_before_it_happens() -> None:
    rig, _ = unlocked(2)
    unsent: "list[int]" = []
    heard: "list[bytes]" = []

    def restart(_reason: str) -> None:
        console: "Any" = rig.door._console
        unsent.append(console._out.waiting)
        heard.append(rig.taken())

    rig.inside.restart = restart
    rig.cable.put(b"reset --json\r")
    for _ in range(20):
        rig.turn(10)
    assert unsent == [0]
    assert heard[0].endswith(b'{"ok":true,"parts":1}\r\n'), heard


def test_tech_4_a_reset_that_is_recorded_happens_whatever_is_typed() -> None:
    """Ctrl-C at every turn after the line: either nothing was recorded, or the box starts anew."""
    for turns in range(12):
        rig, who = unlocked(2)
        reasons: "list[str]" = []
        rig.inside.restart = reasons.append
        rig.cable.put(b"reset\r")
        for _ in range(turns):
            rig.turn(10)
        rig.cable.put(b"\x03")
        for _ in range(50):
            rig.turn(10)
        recorded = (who, codes.ACT_RESET, 0) in rig.actions()
        assert reasons[:1] == (["console"] if recorded else []), turns
        assert recorded or turns == 0


def test_tech_4_a_terminal_that_takes_nothing_does_not_keep_the_box_from_its_reset() -> None:
    rig, _ = unlocked(2)
    reasons: "list[str]" = []
    rig.inside.restart = reasons.append
    rig.cable.is_stuck = True
    rig.cable.put(b"reset\r")
    for _ in range(150):
        rig.turn(10)
    assert reasons == []
    for _ in range(100):
        rig.turn(10)
    assert reasons[:1] == ["console"]


def test_tech_4_what_was_said_to_start_bare_does_whatever_is_typed_then() -> None:
    """The host opens the port anew as soon as it has the answer, and clears the line by Ctrl-C."""
    rig, host = GateRig(), HastyHost()
    rig.cable = rig.door._link = host
    who = rig.unlock(2)
    reasons: "list[str]" = []
    rig.inside.restart = reasons.append
    host.put(b"bare --json\r")
    for _ in range(500):
        rig.turn(10)
    assert host.has_cleared
    assert reasons == ["bare"]
    assert rig.actions()[-1] == (who, codes.ACT_RESET, 1)


def test_tech_4_the_prompt_opens_at_the_highest_level_alone_and_is_recorded() -> None:
    """Of a car that nobody uses, on a board that has one; and no sooner than the journal has it."""
    rig = GateRig()
    reasons: "list[str]" = []
    rig.inside.restart = reasons.append
    rig.unlock(2)
    assert rig.asked("prompt") == ["prompt is locked: type unlock 3"]
    who = rig.unlock(3)
    assert rig.asked("prompt") == [
        "this board has no prompt behind its console: log in to it by its own means"
    ]
    rig.inside.has_prompt = True
    rig.box.loop._controller.rental.state = "boarding"
    assert rig.asked("prompt")[0].startswith("the car is in use, or was just now")
    rig.box.loop._controller.rental.state = "vacant"
    assert reasons == []
    assert codes.ACT_RESET not in [action[1] for action in rig.actions()]
    assert rig.asked("prompt") == [
        "the prompt comes: the box is out of service until machine.reset() or power off"
    ]
    assert reasons == ["prompt"]
    assert rig.actions()[-1] == (who, codes.ACT_RESET, 2)


def test_tech_4_what_the_journal_cannot_record_opens_no_prompt() -> None:
    rig = GateRig()
    reasons: "list[str]" = []
    rig.inside.restart = reasons.append
    rig.inside.has_prompt = True
    rig.unlock(3)
    rig.box.journal_storage.fail_next(1000)
    assert rig.asked("prompt") == ["not done, the journal cannot record it: type status faults"]
    assert reasons == []
