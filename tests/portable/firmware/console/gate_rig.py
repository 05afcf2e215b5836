"""A console with a centre beside it that knows the answers."""

from firmware.wire import codes
from firmware.wire.console_key import answer_to, read_question
from tests.portable.firmware.console.console_rig import ConsoleRig
from tests.portable.firmware.loop_rig import IDENTITY, Box

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.identity import Identity


class GateRig(ConsoleRig):
    """`unlock` asks and answers; `seen` has the events that became durable."""

    def __init__(self, box: "Box | None" = None) -> None:
        super().__init__(box)
        self.seen: "list[bytes]" = []
        #: Whether the read-backs follow the relays.
        self.relays_obey = True

    def turn(self, after_ms: int = 1) -> bool:
        box = self.box
        soon = super().turn(after_ms)
        self.seen += box.loop.committed
        for line in range(codes.PULSES):
            if box.pulses[line].level and self.relays_obey:
                index = codes.IN_LOCKED if line < codes.PULSE_RELEASE else codes.IN_BLOCKED
                box.inputs[index].value = codes.YES if line & 1 else codes.NO
        return soon

    def rises(self) -> "list[int]":
        """How often each relay was pulsed."""
        return [line.rises for line in self.box.pulses]

    def asked(self, line: str) -> "list[str]":
        """Like `ask`, with the time that relays and lamps take."""
        if not self.door.is_open:
            self.open()
        self.cable.put((line + "\r").encode())
        said = b""
        for _ in range(1500):
            soon = self.turn(10)
            said += self.taken()
            if not soon and self.door.next_ms > 20:
                break
        lines = str(said, "ascii").split("\r\n")
        assert lines[0] == line, lines
        return lines[1:-1]

    @property
    def state(self) -> str:
        return self.box.loop.state

    def question(self, level: int = 1) -> str:
        """What the box shows."""
        return self.ask("unlock %d" % level)[0].split()[1]

    def right(self, question: str, identity: "Identity" = IDENTITY, level: int = 0) -> str:
        """The answer to it, from that car's key."""
        found = read_question(question)
        assert found is not None, question
        return answer_to(identity.key, identity.car, found[0], level or found[1])

    def unlock(self, level: int = 1) -> bytes:
        """Unlock it; the nonce, which is who the journal names."""
        question = self.question(level)
        said = self.ask("answer " + self.right(question))
        assert self.inside.level == level, said
        found = read_question(question)
        assert found is not None
        return found[0]

    def actions(self) -> "list[tuple[bytes, int, int]]":
        """(who, action, argument) of what the journal has of technicians."""
        found = []
        for event in self.seen:
            if event[0] == codes.AUDIT_TECHNICIAN_ACTION:
                assert event[10] == codes.BY_TECHNICIAN
                found.append((event[11:19], event[19], event[20]))
        return found

    def refusals(self) -> "list[tuple[bytes, int]]":
        """(who, first reason) of what was refused to technicians."""
        return [
            (event[11:19], event[20])
            for event in self.seen
            if event[0] == codes.AUDIT_COMMAND_REFUSED and event[10] == codes.BY_TECHNICIAN
        ]
