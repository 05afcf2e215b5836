"""A command's status is honest: pending, accepted, refused, unknown."""

from firmware.wire import codes, messages
from simulator.centre_commands import ACCEPTED, PENDING, REFUSED, UNKNOWN, Command, Commands
from simulator.kernel import Kernel


class Scene:
    def __init__(self) -> None:
        self.kernel = Kernel()
        self.is_up = True
        self.sent: list[bytes] = []
        self.ended: list[str] = []
        self.commands = Commands(self.kernel, self.send, lambda c: self.ended.append(c.status))

    def send(self, message: bytes) -> bool:
        if self.is_up:
            self.sent.append(message)
        return self.is_up

    def order(self) -> Command:
        return self.commands.order(codes.VERB_START, 1001, 1, lambda: 3600)

    def run_until_s(self, at_s: int) -> None:
        self.kernel.run_until(at_s * 1_000_000)


def test_a_command_carries_what_the_car_needs() -> None:
    scene = Scene()
    command = scene.order()
    assert messages.unpack_command(scene.sent[0]) == (
        command.ident, codes.VERB_START, 1001, 1, 3600,
    )  # fmt: skip
    assert len(command.ident) == 8
    assert command.status == PENDING
    assert scene.order().ident != command.ident


def test_time_left_is_never_negative() -> None:
    scene = Scene()
    scene.commands.order(codes.VERB_END, 1001, 1, lambda: -5)
    assert messages.unpack_command(scene.sent[0])[4] == 0


def test_a_result_ends_it_with_reasons_and_warnings() -> None:
    scene = Scene()
    accepted, refused = scene.order(), scene.order()
    scene.commands.hear_result(
        messages.pack_result(accepted.ident, True, [], bytes((codes.WARN_LIGHTS_ON,)))
    )
    scene.commands.hear_result(
        messages.pack_result(
            refused.ident, False, [(codes.BRAKE_OFF, 0), (codes.CANNOT_TELL, 1 << codes.IN_GEAR_P)]
        )
    )
    assert accepted.status == ACCEPTED
    assert accepted.warnings == ["lights_on"]
    assert refused.status == REFUSED
    assert [str(reason) for reason in refused.reasons] == ["brake_off", "cannot_tell gear"]
    assert scene.ended == [ACCEPTED, REFUSED]
    before = len(scene.sent)
    scene.run_until_s(60)
    assert len(scene.sent) == before
    assert scene.ended == [ACCEPTED, REFUSED]


def test_unsent_until_its_expiry_it_is_refused_as_unreachable() -> None:
    scene = Scene()
    scene.is_up = False
    command = scene.order()
    scene.run_until_s(29)
    before = command.status
    scene.run_until_s(30)
    assert (before, command.status) == (PENDING, REFUSED)
    assert [reason.code for reason in command.reasons] == ["unreachable"]
    scene.is_up = True
    scene.run_until_s(90)
    assert scene.sent == []


def test_sent_and_unanswered_it_is_unknown_and_a_late_result_is_the_truth() -> None:
    scene = Scene()
    command = scene.order()
    scene.run_until_s(31)
    assert command.status == UNKNOWN
    scene.commands.hear_result(messages.pack_result(command.ident, True, []))
    assert scene.ended == [UNKNOWN, ACCEPTED]


def test_it_is_repeated_under_the_same_id_until_it_is_answered() -> None:
    scene = Scene()
    scene.is_up = False
    command = scene.order()
    scene.run_until_s(9)
    scene.is_up = True
    scene.run_until_s(21)
    assert len(scene.sent) == 3
    assert {messages.unpack_command(frame)[0] for frame in scene.sent} == {command.ident}
    scene.run_until_s(100)
    assert len(scene.sent) == 4
    assert command.status == UNKNOWN


def test_a_result_of_a_strange_or_ended_command_changes_nothing() -> None:
    scene = Scene()
    command = scene.order()
    scene.commands.hear_result(messages.pack_result(b"strange!", True, []))
    assert command.status == PENDING
    scene.commands.hear_result(messages.pack_result(command.ident, False, []))
    scene.commands.hear_result(messages.pack_result(command.ident, True, []))
    assert scene.ended == [REFUSED]
