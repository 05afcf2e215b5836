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

    def turn(self, after_ms: int = 1) -> bool:
        soon = super().turn(after_ms)
        self.seen += self.box.loop.committed
        return soon

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
