"""The daemon as the centre of a simulated car: what people ask for, and what comes of it."""

import struct

import pytest

from firmware.wire import codes, kb1
from firmware.wire.journal_format import EPOCH_2020_S, NO_IDENT, pack_refusal
from simulator.audit import Reason
from tests.simulator.daemon.paper_car import DRIVER, OTHER, TEN_S, Scene

HOUR_S = 3600


def connected(now_s: int = TEN_S) -> Scene:
    scene = Scene(now_s)
    scene.connect()
    return scene


def answer(scene: Scene, accepted: bool, reasons: list[tuple[int, int]], warnings: bytes) -> None:
    """Have the car answer every command so from now on."""

    def act(command: kb1.Command) -> None:
        body = kb1.pack_result(command.command, accepted, reasons, warnings, 0, 0)
        scene.script.acts.append(command)
        scene.car.say(scene.script.frame(kb1.RESULT, body))

    scene.script._act = act  # type: ignore[method-assign]


def test_events_are_taken_once_and_in_order() -> None:
    """SAFE-5."""
    scene = connected()
    scene.happen(codes.AUDIT_DOOR_OPENED)
    scene.car.say(scene.script.events_frame(1))
    scene.happen(codes.AUDIT_KEY_OUT)
    assert [event.name for event in scene.centre.events] == ["door_opened", "key_out"]
    assert scene.script.acked == 2


def test_an_end_sends_the_mail_once_and_opens_the_window() -> None:
    """REOPEN-4, BOOK-14."""
    scene = connected()
    scene.happen(codes.AUDIT_UNLOCKED, detail=scene.script.use_detail())
    assert scene.status_of() == "in_use"
    scene.happen(codes.AUDIT_ENDED, detail=scene.script.use_detail())
    assert scene.centre.mails == ["end_accepted"]
    assert scene.centre.book("B2", OTHER, TEN_S, TEN_S + HOUR_S) == "no_room"
    scene.happen(codes.AUDIT_REOPENED)
    assert scene.centre.book("B2", OTHER, TEN_S, TEN_S + HOUR_S) == "no_room"
    scene.happen(codes.AUDIT_REOPEN_LOCKED)
    assert scene.centre.book("B2", OTHER, TEN_S, TEN_S + HOUR_S) == ""
    assert scene.refusals == [["no_room"], ["no_room"]]
    assert scene.centre.mails == ["end_accepted", "booking_made"]
    assert scene.notes[-2:] == ["book B2", "mail booking_made"]


def test_a_car_not_returned_warns_the_next_driver() -> None:
    """BOOK-15; by an event of the car, and without one by the tick of the clock."""
    for is_refused in (True, False):
        scene = connected()
        scene.centre.add_booking("B2", OTHER, TEN_S + 7200, TEN_S + 9000)
        scene.happen(codes.AUDIT_UNLOCKED, detail=scene.script.use_detail())
        if is_refused:
            detail = pack_refusal(codes.BY_CARD, NO_IDENT, [(codes.NOT_RETURNED, 0)])
            scene.happen(codes.AUDIT_START_REFUSED, "B2", detail)
        else:
            assert scene.centre.mails == []
            scene.later(2 * HOUR_S + 10)
        assert scene.centre.mails == ["delay_warning"]


def test_bookings_and_cards_reach_the_car() -> None:
    scene = connected()
    scene.centre.add_card(b"12345678", DRIVER)
    scene.centre.add_staff(b"87654321", "staff")
    scene.centre.add_booking("B2", OTHER, TEN_S + 7200, TEN_S + 9000)
    assert not scene.is_in_step()
    scene.later(5)
    assert scene.is_in_step()
    assert sorted(op for op, _ in scene.script.records) == [
        codes.OP_PUT_BOOKING, codes.OP_PUT_BOOKING, codes.OP_PUT_CARD, codes.OP_PUT_STAFF,
        codes.OP_PUT_TERMS,
    ]  # fmt: skip
    assert scene.centre.change("B2", TEN_S + 9000, TEN_S + 10800) == ""
    assert scene.centre.cancel("B1") == ""
    scene.later(5)
    assert [struct.unpack(">IIII", record)[2] for op, record in sorted(
        (op, record) for (op, _), record in scene.script.records.items()
        if op == codes.OP_PUT_BOOKING
    )] == [TEN_S + 9000]  # fmt: skip
    assert scene.centre.mails == ["booking_changed", "booking_cancelled"]


def test_the_phones_start_asks_the_car_with_the_time_left() -> None:
    """SAFE-4."""
    scene = connected()
    scene.later(55)
    command = scene.centre.operate("start")
    assert scene.centre.site is command
    assert command.status == "pending"
    scene.later(2)
    assert (scene.script.acts[0].verb, scene.script.acts[0].left_s) == (codes.VERB_START, 7140)
    assert command.status == "accepted"
    assert scene.notes[-1] == "start accepted"


def test_a_refusal_by_the_car_tells_every_reason_and_its_inputs() -> None:
    scene = connected()
    mask = 1 << codes.IN_GEAR_P | 1 << codes.IN_BRAKE
    from_s = TEN_S + 60
    answer(
        scene, False,
        [(codes.BRAKE_OFF, 0), (codes.CANNOT_TELL, mask), (codes.TOO_EARLY, from_s)],
        bytes((codes.WARN_LIGHTS_ON,)),
    )  # fmt: skip
    command = scene.centre.operate("end")
    scene.later(2)
    assert command.status == "refused"
    assert command.reasons == [
        Reason("brake_off"), Reason("cannot_tell", mask), Reason("too_early", from_s - EPOCH_2020_S),
    ]  # fmt: skip
    assert command.warnings == ["lights_on"]
    assert scene.refusals == [["brake_off", "cannot_tell", "too_early"]]


def test_another_drivers_phone_is_refused_by_the_centre() -> None:
    scene = connected()
    assert scene.centre.operate("start", OTHER).status == "refused"
    assert scene.refusals == [["not_this_driver"]]
    scene.centre.add_booking("B2", OTHER, TEN_S + 7200, TEN_S + 9000)
    scene.centre.operate("start", OTHER)
    scene.later(2)
    assert [act.booking for act in scene.script.acts] == [scene.centre.number_of("B2")]


def test_without_a_booking_nothing_can_be_done() -> None:
    scene = connected()
    scene.centre.cancel("B1")
    assert scene.centre.operate("start").reasons == [Reason("no_booking")]
    assert scene.centre.extend(900).reasons == [Reason("no_booking")]


def test_an_extension_moves_the_end_and_is_mailed() -> None:
    """USE-4, BOOK-12."""
    scene = connected()
    assert scene.centre.extend(900).status == "refused"
    scene.happen(codes.AUDIT_UNLOCKED, detail=scene.script.use_detail())
    assert scene.centre.extend(900).status == "accepted"
    assert scene.centre.bookings[0].ends_s == TEN_S + 8100
    assert scene.refusals == [["not_started"]]
    assert scene.centre.mails == ["booking_extended"]


def test_a_position_is_asked_for_with_why() -> None:
    """POS-1."""
    scene = connected()
    command = scene.centre.ask_position("overdue")
    assert scene.centre.position_requests == [("overdue", command)]
    scene.later(2)
    assert scene.script.acts[0].verb == codes.VERB_POSITION
    assert command.status == "accepted"
    assert scene.centre.site is None


def test_never_sent_until_its_expiry_is_unreachable() -> None:
    """START-2."""
    scene = Scene()
    command = scene.centre.operate("start")
    scene.later(29)
    before = command.status
    scene.later(2)
    assert (before, command.status) == ("pending", "refused")
    assert command.reasons == [Reason("unreachable")]
    scene.connect()
    assert scene.script.acts == []


def test_sent_and_unanswered_is_unknown_and_a_late_result_is_the_truth() -> None:
    """START-2."""
    scene = connected()
    scene.network.slow(20_000_000)
    command = scene.centre.operate("start")
    scene.later(32)
    assert command.status == "unknown"
    scene.later(20)
    assert command.status == "accepted"
    assert [note for note in scene.notes if note.startswith("start")] == [
        "start unknown", "start accepted",
    ]  # fmt: skip


def test_the_rules_for_bookings_are_the_daemons() -> None:
    """BOOK-1, BOOK-2, BOOK-6, BOOK-7: in jparc-2023 there is a gap between drivers."""
    scene = Scene(TEN_S - 6 * HOUR_S, profile="jparc-2023")
    assert scene.centre.book("B2", OTHER, TEN_S + 7260, TEN_S + 10800) == "off_grid"
    assert scene.centre.book("B2", OTHER, TEN_S + 7200, TEN_S + 8100) == "too_short"
    assert scene.centre.book("B2", OTHER, TEN_S + 7200, TEN_S + 10800) == "gap"
    assert scene.centre.book("B2", OTHER, TEN_S + 9000, TEN_S + 10800) == ""
    assert scene.centre.book("B2", OTHER, TEN_S + 20000, TEN_S + 30000) == "overlaps"
    moves = [(at_s, at_s + 1800) for at_s in (TEN_S + 10800, TEN_S + 14400, TEN_S + 18000)]
    assert [scene.centre.change("B2", *move) for move in moves] == ["", "", "changes_used"]


def test_cards_that_are_somebody_elses_are_refused_and_nothing_is_mailed() -> None:
    scene = Scene()
    assert scene.centre.add_card(b"12345678", DRIVER) == ""
    assert scene.centre.add_card(b"12345678", OTHER) == "card_of_somebody_else"
    assert scene.centre.add_staff(b"12345678", "staff") == "card_of_somebody_else"
    assert scene.centre.mails == []


@pytest.mark.parametrize("name", ["D7", "XXY00009009", "XXY00009000", "ZZZ00001001", "taro"])
def test_drivers_have_any_name(name: str) -> None:
    scene = connected()
    scene.centre.add_booking("B2", name, TEN_S + 7200, TEN_S + 9000)
    scene.centre.operate("start", name)
    scene.later(2)
    assert [act.booking for act in scene.script.acts] == [scene.centre.number_of("B2")]
    assert scene.centre.bookings[1].driver == name


def test_the_same_seed_gives_the_same_bytes() -> None:
    def sent(seed: int) -> list[bytes]:
        scene = Scene(seed=seed)
        scene.connect()
        scene.centre.operate("start")
        scene.later(5)
        return [scene.centre.identity.key.encode(), *scene.script.results]

    assert sent(1) == sent(1)
    assert sent(1) != sent(2)


def test_ticks_come_when_they_are_due_and_seldom_otherwise() -> None:
    """A booking that comes within 72 hours is sent by itself; an hour of nothing is few ticks."""
    scene = Scene()
    scene.centre.add_booking("B2", OTHER, TEN_S + 72 * HOUR_S + 600, TEN_S + 73 * HOUR_S)
    scene.later(585)
    scene.connect()
    assert scene.script.rev == 2
    scene.later(25)
    assert scene.script.rev == 3
    ticks = 0
    tick = scene.centre.fleet.tick

    def count() -> None:
        nonlocal ticks
        ticks += 1
        tick()

    scene.centre.fleet.tick = count  # type: ignore[method-assign]
    scene.later(HOUR_S)
    assert 300 < ticks < 400


def test_a_request_that_is_withdrawn_never_reaches_the_car() -> None:
    scene = Scene()
    command = scene.centre.operate("start")
    scene.centre.withdraw()
    assert command.status == "unknown"
    scene.connect()
    assert scene.script.acts == []
