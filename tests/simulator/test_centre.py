"""The stand-in of the daemon: events once each, mails, and what it decides itself."""

import struct

from firmware.wire import codes, messages
from firmware.wire.journal_format import EPOCH_2020_S, NO_IDENT, pack_event, pack_refusal
from simulator.centre import Centre
from simulator.clocks import TrueClock
from simulator.kernel import Kernel
from simulator.world.timeline import Timeline

#: Ten o'clock, on the grid of bookings.
TEN_S = 1_774_998_000 // 900 * 900
DRIVER, OTHER = "XXY00001001", "XXY00002001"


class Scene:
    def __init__(self) -> None:
        self.kernel = Kernel()
        timeline = Timeline(self.kernel)
        self.notes: list[str] = []
        timeline.observers.append(lambda _at_us, what: self.notes.append(what))
        self.sent: list[bytes] = []
        clock = TrueClock(self.kernel, TEN_S)
        self.centre = Centre(self.kernel, timeline, clock, self.send, 600)
        self.refusals: list[list[str]] = []
        self.centre.on_refusal = lambda reasons: self.refusals.append([r.code for r in reasons])
        self.centre.add_booking("B1", DRIVER, TEN_S, TEN_S + 7200)
        self.seq = 1

    def send(self, message: bytes) -> bool:
        self.sent.append(message)
        return True

    def hear(self, *events: bytes, seq: int | None = None, journal: int = 7) -> int:
        """The car sends events; what the centre acknowledges."""
        first = self.seq if seq is None else seq
        self.centre.receive(messages.pack_events(journal, first, list(events)))
        self.seq = max(self.seq, first + len(events))
        return messages.unpack_eack(self.sent[-1])[1]

    def names(self) -> list[str]:
        return [event.name for event in self.centre.events]


def event(code: int, booking: int = 1001, detail: bytes = b"") -> bytes:
    return pack_event(code, TEN_S - EPOCH_2020_S, 1, booking, detail)


def test_events_are_taken_once_and_in_order() -> None:
    """SAFE-5: whatever comes twice, late or never, nothing is lost or doubled."""
    scene = Scene()
    door, key = event(codes.AUDIT_DOOR_OPENED), event(codes.AUDIT_KEY_OUT)
    assert scene.hear(door, key) == 2
    assert scene.hear(door, key, seq=1) == 2
    assert scene.hear(event(codes.AUDIT_WARNED), seq=4) == 2
    assert scene.names() == ["door_opened", "key_out"]
    assert scene.hear(key, event(codes.AUDIT_KEY_IN), event(codes.AUDIT_WARNED), seq=2) == 4
    assert scene.names() == ["door_opened", "key_out", "key_in", "warned"]
    assert scene.hear(door, seq=1, journal=8) == 1
    assert len(scene.centre.events) == 5


def test_a_gap_stands_for_what_is_lost() -> None:
    scene = Scene()
    assert scene.hear(event(codes.AUDIT_KEY_OUT)) == 1
    gap = event(codes.AUDIT_GAP, 0, struct.pack(">I", 3))
    assert scene.hear(gap, event(codes.AUDIT_KEY_IN), seq=4) == 5
    assert scene.names() == ["key_out", "gap", "key_in"]
    assert scene.hear(event(codes.AUDIT_GAP, 0, struct.pack(">I", 2)), seq=8) == 5


def test_an_end_sends_the_mail_once_and_opens_the_window() -> None:
    """REOPEN-4."""
    scene = Scene()
    scene.hear(event(codes.AUDIT_UNLOCKED))
    assert scene.centre.bookings.by_name["B1"].status == "in_use"
    ended = event(codes.AUDIT_ENDED)
    scene.hear(ended)
    scene.hear(ended, seq=2)
    assert scene.centre.mails == ["end_accepted"]
    assert scene.centre.book("B2", OTHER, TEN_S, TEN_S + 3600) == "no_room"
    scene.hear(event(codes.AUDIT_REOPENED))
    assert scene.centre.book("B2", OTHER, TEN_S, TEN_S + 3600) == "no_room"
    scene.hear(event(codes.AUDIT_REOPEN_LOCKED))
    assert scene.centre.book("B2", OTHER, TEN_S, TEN_S + 3600) == ""
    assert scene.refusals == [["no_room"], ["no_room"]]
    assert scene.centre.mails == ["end_accepted", "booking_made"]


def test_the_next_drivers_start_closes_the_window() -> None:
    """START-10."""
    scene = Scene()
    scene.centre.add_booking("B2", OTHER, TEN_S + 7200, TEN_S + 9000)
    scene.hear(event(codes.AUDIT_UNLOCKED), event(codes.AUDIT_ENDED))
    scene.hear(event(codes.AUDIT_UNLOCKED, 1002))
    assert scene.centre.bookings.by_name["B1"].status == "over"
    assert scene.centre.bookings.by_name["B2"].status == "in_use"


def test_a_car_not_returned_warns_the_next_driver() -> None:
    """BOOK-15."""
    scene = Scene()
    for reason in (codes.TOO_EARLY, codes.NOT_RETURNED):
        detail = pack_refusal(codes.BY_CARD, NO_IDENT, [(reason, 0)])
        scene.hear(event(codes.AUDIT_START_REFUSED, 1001, detail))
    assert scene.centre.mails == ["delay_warning"]


def test_bookings_reach_the_car_as_operations() -> None:
    scene = Scene()
    scene.centre.add_card(b"12345678", DRIVER)
    scene.centre.change("B1", TEN_S + 3600, TEN_S + 7200)
    assert scene.refusals == [["change_too_late"]]
    scene.centre.add_booking("B2", OTHER, TEN_S + 7200, TEN_S + 9000)
    assert scene.centre.change("B2", TEN_S + 9000, TEN_S + 10800) == ""
    assert scene.centre.cancel("B2") == ""
    scene.centre.add_staff(b"87654321", "staff")
    scene.centre.receive(messages.pack_hello(True, 0))
    _, rev, ops = messages.unpack_delta(scene.sent[-1])
    assert rev == 6
    later = struct.pack(messages.BOOKING, 1002, 2, TEN_S + 9000, TEN_S + 10800)
    assert ops[1] == (codes.OP_PUT_CARD, struct.pack(messages.CARD, b"12345678", 1))
    assert ops[3:] == [
        (codes.OP_PUT_BOOKING, later),
        (codes.OP_DEL_BOOKING, struct.pack(">I", 1002)),
        (codes.OP_PUT_STAFF, struct.pack(messages.CARD, b"87654321", 1)),
    ]
    assert scene.centre.mails == ["booking_changed", "booking_cancelled"]


def test_the_phones_start_asks_the_car_with_the_time_left() -> None:
    """SAFE-4."""
    scene = Scene()
    scene.kernel.run_until(60_000_000)
    scene.centre.operate("start")
    _, verb, booking, driver, left_s = messages.unpack_command(scene.sent[-1])
    assert (verb, booking, driver, left_s) == (codes.VERB_START, 1001, 1, 7140)


def test_another_drivers_phone_is_refused_by_the_centre() -> None:
    scene = Scene()
    assert scene.centre.operate("start", OTHER).status == "refused"
    assert scene.centre.extend(900, OTHER).status == "refused"
    assert scene.refusals == [["not_this_driver"]] * 2
    assert scene.sent == []
    scene.centre.add_booking("B2", OTHER, TEN_S + 7200, TEN_S + 9000)
    scene.centre.operate("start", OTHER)
    assert messages.unpack_command(scene.sent[-1])[2] == 1002


def test_without_a_booking_nothing_can_be_done() -> None:
    scene = Scene()
    scene.centre.cancel("B1")
    assert [r.code for r in scene.centre.operate("start").reasons] == ["no_booking"]


def test_an_extension_moves_the_end_and_is_mailed() -> None:
    """USE-4, BOOK-12."""
    scene = Scene()
    assert scene.centre.extend(900).status == "refused"
    scene.hear(event(codes.AUDIT_UNLOCKED))
    assert scene.centre.extend(900).status == "accepted"
    assert scene.centre.bookings.by_name["B1"].ends_s == TEN_S + 8100
    assert scene.refusals == [["not_started"]]
    assert scene.centre.mails == ["booking_extended"]


def test_a_position_is_asked_for_with_who_and_why() -> None:
    """POS-1."""
    scene = Scene()
    command = scene.centre.ask_position("overdue")
    assert scene.centre.position_requests == [("overdue", command)]
    assert messages.unpack_command(scene.sent[-1])[1] == codes.VERB_POSITION
    assert scene.centre.site is None
