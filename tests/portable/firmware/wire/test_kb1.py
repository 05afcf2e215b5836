"""Bodies of kb/1, both halves: equal to the golden vectors, and senseless ones refused."""

from binascii import unhexlify

from firmware.wire import frames, kb1, kb1_centre
from tests.portable.firmware.wire.golden import CAR, KEYS, VECTORS, operations
from tests.portable.firmware.wire.golden import frames as golden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Fields that the vectors write as hex digits.
BYTES_FIELDS = ("boot", "nonce", "hash8", "command", "warnings")

UNPACK: "dict[int, Callable[[bytes], object]]" = {
    kb1.HELLO: kb1_centre.unpack_hello,
    kb1.EVENTS: kb1_centre.unpack_events,
    kb1.RESULT: kb1_centre.unpack_result,
    kb1.NACK: kb1_centre.unpack_nack,
    kb1.TELEMETRY: kb1_centre.unpack_telemetry,
    kb1.DELTA: kb1.unpack_delta,
    kb1.TIME: kb1.unpack_time,
    kb1.CMD: kb1.unpack_command,
    kb1.EACK: kb1.unpack_eack,
    kb1.SNAP: kb1.unpack_snap,
}


def refuses(call: "Callable[..., object]", *arguments: object) -> bool:
    try:
        call(*arguments)
    except ValueError:
        return True
    return False


def with_bytes(fields: "dict[str, object]") -> "dict[str, object]":
    return {
        name: unhexlify(str(value)) if name in BYTES_FIELDS else value
        for name, value in fields.items()
    }


def test_hello() -> None:
    for fields, body in golden("HELLO"):
        expected = with_bytes(fields)
        hello = kb1_centre.unpack_hello(body)
        assert {name: getattr(hello, name) for name in fields} == expected
        assert kb1.pack_hello(kb1.Hello(**expected)) == body  # type: ignore[arg-type]


def test_events() -> None:
    for fields, body in golden("EVENTS"):
        events = [unhexlify(event) for event in fields["events"]]
        journal, first_seq = fields["journal"], fields["first_seq"]
        assert kb1.pack_events(journal, first_seq, events) == body
        assert kb1_centre.unpack_events(body) == (journal, first_seq, events)


def test_the_head_of_events_is_as_long_as_said() -> None:
    assert len(kb1.pack_events(1, 2, [])) == kb1.EVENTS_HEAD_BYTES
    assert kb1_centre.unpack_events(kb1.pack_events(1, 2, [])) == (1, 2, [])


def test_result() -> None:
    for fields, body in golden("RESULT"):
        command, warnings = unhexlify(fields["command"]), unhexlify(fields["warnings"])
        reasons = [(code, argument) for code, argument in fields["reasons"]]
        accepted = bool(fields["accepted"])
        values = (command, accepted, reasons, warnings, fields["locked"], fields["blocked"])
        assert kb1.pack_result(*values) == body
        assert kb1_centre.unpack_result(body) == values


def test_nack() -> None:
    for fields, body in golden("NACK"):
        values = (fields["kind"], fields["reason"], fields["gen"], fields["rev"])
        assert kb1.pack_nack(*values) == body
        assert kb1_centre.unpack_nack(body) == values


def test_telemetry() -> None:
    names = "now_unix_s battery_mv odometer_m latitude_udeg longitude_udeg position_is_valid"
    for fields, body in golden("TELEMETRY"):
        values = [fields[name] for name in names.split()]
        assert kb1.pack_telemetry(*values) == body
        assert kb1_centre.unpack_telemetry(body) == tuple(values)


def test_a_battery_that_does_not_fit_is_no_value() -> None:
    for battery_mv, told in ((-1, -1), (0, 0), (65534, 65534), (65535, -1), (70000, -1)):
        body = kb1.pack_telemetry(0, battery_mv, 0, 0, 0, False)
        assert kb1_centre.unpack_telemetry(body)[1] == told


def test_delta() -> None:
    for fields, body in golden("DELTA"):
        hash8, ops = unhexlify(fields["hash8"]), operations(fields)
        values = (fields["gen"], fields["from_rev"], fields["to_rev"], hash8, ops)
        assert kb1_centre.pack_delta(*values) == body
        assert kb1.unpack_delta(body) == values


def test_snap() -> None:
    for fields, body in golden("SNAP"):
        hash8, ops = unhexlify(fields["hash8"]), operations(fields)
        gen, rev = fields["gen"], fields["rev"]
        values = (gen, rev, hash8, fields["chunk"], fields["chunks"], ops)
        assert kb1_centre.pack_snap(*values) == body
        assert kb1.unpack_snap(body) == values


def test_time() -> None:
    for fields, body in golden("TIME"):
        nonce, hash8 = unhexlify(fields["nonce"]), unhexlify(fields["hash8"])
        values = (nonce, fields["now_unix_s"], fields["gen"], fields["rev"], hash8)
        assert kb1_centre.pack_time(*values) == body
        assert kb1.unpack_time(body) == values


def test_command() -> None:
    for fields, body in golden("CMD"):
        expected = with_bytes(fields)
        command = kb1.unpack_command(body)
        assert {name: getattr(command, name) for name in fields} == expected
        assert kb1_centre.pack_command(kb1.Command(**expected)) == body  # type: ignore[arg-type]


def test_eack() -> None:
    for fields, body in golden("EACK"):
        assert kb1_centre.pack_eack(fields["journal"], fields["seq"]) == body
        assert kb1.unpack_eack(body) == (fields["journal"], fields["seq"])


def test_senseless_bodies_are_refused() -> None:
    """Cut short, counted wrongly, or saying what cannot be: ValueError and nothing else."""
    assert {poison["kind"] for poison in VECTORS["senseless"]} == set(UNPACK)
    for poison in VECTORS["senseless"]:
        assert refuses(UNPACK[poison["kind"]], unhexlify(poison["body"])), poison["why"]


def test_every_golden_body_cut_anywhere_is_refused() -> None:
    for one in VECTORS["frames"]:
        body = unhexlify(one["body"])
        for length in range(len(body)):
            assert refuses(UNPACK[one["kind"]], body[:length]), (one["name"], length)


def test_bytes_behind_a_body_change_nothing() -> None:
    for one in VECTORS["frames"]:
        if one["name"] in ("HELLO", "CMD"):
            continue
        body = unhexlify(one["body"])
        unpack = UNPACK[one["kind"]]
        assert unpack(body + b"\xff\xff") == unpack(body), one["name"]
    command = golden("CMD")[0][1]
    assert kb1.unpack_command(command + b"\xff").left_s == kb1.unpack_command(command).left_s


def test_what_a_later_version_sends_is_read() -> None:
    """More bytes, more flags; a frame of an unknown kind opens, so that the car can say NACK."""
    hello, time, unknown = VECTORS["later"]
    opened = frames.open_frame((KEYS["up"],), CAR, unhexlify(hello["frame"]))
    assert opened is not None
    asked = kb1_centre.unpack_hello(opened[1])
    assert (asked.asking, asked.clock_trusted, asked.now_unix_s) == (True, True, 1790000000)
    opened = frames.open_frame((KEYS["down"],), CAR, unhexlify(time["frame"]))
    assert opened is not None
    assert kb1.unpack_time(opened[1]) == kb1.unpack_time(golden("TIME")[0][1])
    opened = frames.open_frame((KEYS["down"],), CAR, unhexlify(unknown["frame"]))
    assert opened == (99, b"what")


def test_fields_of_a_wrong_length_are_not_packed() -> None:
    """struct would fill up or cut them without a word."""
    eight, seven, nine = bytes(8), bytes(7), bytes(9)
    for wrong in (seven, nine):
        for fields in ((wrong, eight, eight), (eight, wrong, eight), (eight, eight, wrong)):
            boot, nonce, hash8 = fields
            hello = kb1.Hello(False, False, boot, 0, nonce, 0, 0, hash8, 0, 0, 0, 0)
            assert refuses(kb1.pack_hello, hello)
        assert refuses(kb1.pack_result, wrong, True, [], b"", 0, 0)
        assert refuses(kb1_centre.pack_time, wrong, 0, 0, 0, eight)
        assert refuses(kb1_centre.pack_time, eight, 0, 0, 0, wrong)
        assert refuses(kb1_centre.pack_snap, 0, 0, wrong, 0, 1, [])
        assert refuses(kb1_centre.pack_delta, 0, 0, 1, wrong, [(1, b"")])
        assert refuses(kb1_centre.pack_command, kb1.Command(wrong, eight, 0, 0, 0, 0, 0, 0))
        assert refuses(kb1_centre.pack_command, kb1.Command(eight, wrong, 0, 0, 0, 0, 0, 0))


def test_counts_that_do_not_fit_are_not_packed() -> None:
    eight = bytes(8)
    assert refuses(kb1.pack_events, 1, 1, [b""] * 256)
    assert refuses(kb1.pack_events, 1, 1, [bytes(256)])
    assert refuses(kb1.pack_result, eight, False, [(1, 0)] * 256, b"", 0, 0)
    assert refuses(kb1.pack_result, eight, True, [], bytes(256), 0, 0)
    assert refuses(kb1_centre.pack_delta, 0, 0, 256, eight, [(1, b"")] * 256)
    assert refuses(kb1_centre.pack_delta, 0, 3, 3, eight, [])
    assert refuses(kb1_centre.pack_delta, 0, 3, 5, eight, [(1, b"")])
    assert refuses(kb1_centre.pack_snap, 0, 0, eight, 1, 1, [])
    assert refuses(kb1_centre.pack_snap, 0, 0, eight, 0, 256, [])
    assert refuses(kb1_centre.pack_snap, 0, 0, eight, 0, 1, [(1, b"")] * 256)
    assert refuses(kb1_centre.pack_snap, 0, 0, eight, 0, 1, [(1, bytes(256))])


def test_operations_are_split_into_full_frames() -> None:
    """200 bookings fill as many chunks as it takes, none too long, none lost, in order."""
    ops = [(1, bytes((number,)) * 16) for number in range(200)]
    for split, head_bytes in ((kb1_centre.split_for_snap, 19), (kb1_centre.split_for_delta, 21)):
        lists = split(ops)
        assert [op for one in lists for op in one] == ops
        for one in lists[:-1]:
            assert 1004 - 18 < head_bytes + 18 * len(one) <= 1004


def test_split_chunks_can_be_packed_and_no_longer_ones() -> None:
    ops = [(1, bytes(255))] * 9 + [(1, bytes(200)), (1, bytes(16))] + [(2, b"")] * 300
    snap = kb1_centre.split_for_snap(ops)
    bodies = [
        kb1_centre.pack_snap(1, 9, bytes(8), number, len(snap), chunk)
        for number, chunk in enumerate(snap)
    ]
    assert max(len(body) for body in bodies) <= frames.BODY_BYTES_MAX
    assert [len(chunk) for chunk in snap] == [3, 3, 4, 255, 46]
    exactly = [(1, bytes(255))] * 3 + [(1, bytes(212))]
    assert kb1_centre.split_for_snap(exactly) == [exactly]
    assert len(kb1_centre.pack_snap(1, 9, bytes(8), 0, 1, exactly)) == frames.BODY_BYTES_MAX
    assert kb1_centre.split_for_snap([]) == [[]]
    assert kb1_centre.split_for_delta([]) == []
