"""Two slots for keys in a whole box: a copy that cannot be read, and frames under the first key."""

import struct

from firmware.keyring import UNHEARD_MAX
from firmware.wire import codes, frames, kb1, kb1_centre
from firmware.wire.key_record import pack_key
from firmware.wire.records import CARD as CARD_RECORD
from hal.fake.flash import Flash
from tests.portable.firmware.loop_rig import IDENTITY, Box

NEW_KEY = bytes(range(100, 132))
NEW_UP = frames.direction_key(NEW_KEY, frames.UP)
NEW_DOWN = frames.direction_key(NEW_KEY, frames.DOWN)


class Silent(Flash):
    """While it is silent, nothing can be read."""

    is_silent = False

    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        if self.is_silent:
            raise OSError(5)
        Flash.read(self, offset, buffer)


def rotated() -> "tuple[Box, Silent]":
    """A booked car with a key in slot 1, and the flash of its copy."""
    box = Box()
    flash = Silent(16)
    box.cache_storage = flash
    box.restart()
    box.book()
    record = pack_key(IDENTITY.key, IDENTITY.car, 1, b"nonce..1", NEW_KEY)
    box.put_delta([(codes.OP_PUT_KEY, record)])
    box.after(10)
    assert box.loop._keyring.is_rotated
    return box, flash


def unreadable() -> "tuple[Box, Silent]":
    """The same after a start at which its copy could not be read; it is online."""
    box, flash = rotated()
    flash.is_silent = True
    box.restart()
    box.centre.online = True
    box.after(10)
    box.centre.take()
    assert not box.loop._cache.is_open
    return box, flash


def put_new(box: Box, kind: int, body: bytes) -> None:
    """A frame under the newest key."""
    box.centre.put(frames.pack_frame(NEW_DOWN, IDENTITY.car, kind, body))


def kinds_under(box: Box, key: bytes) -> "list[int]":
    """Of what was sent since it was asked last, what that key signed."""
    opened = [frames.open_frame((key,), IDENTITY.car, frame) for frame in box.centre.take()]
    return [one[0] for one in opened if one is not None]


def test_safe_2_a_copy_that_is_read_again_brings_its_key_back() -> None:
    box, flash = unreadable()
    flash.is_silent = False
    for _ in range(25):
        box.after(1000)
    assert box.loop._cache.rev == 3
    assert box.loop._keyring.is_rotated
    assert kb1.HELLO in kinds_under(box, NEW_UP), "the centre is to sign with it"
    box.put_command(b"COMMAND9", codes.VERB_START)
    box.after(100)
    box.after(100)
    assert box.loop.state == "vacant"
    assert kb1.RESULT not in kinds_under(box, NEW_UP)


def test_safe_2_no_command_opens_while_the_copy_cannot_be_read() -> None:
    """It may have another key than the first; what the centre needs to say where it stands opens."""
    box, _ = unreadable()
    unsigned = box.loop._inbox.unsigned
    box.put_command(b"COMMAND9", codes.VERB_MAINTENANCE_ON)
    for _ in range(3):
        box.after(1000)
    assert box.loop.state == "vacant"
    assert box.loop._inbox.unsigned == unsigned + 1
    box.centre.take()
    box.put(kb1.SNAP, kb1_centre.pack_snap(9, 1, bytes(8), 0, 1, []))
    box.after(10)
    reasons = [kb1_centre.unpack_nack(body)[1] for body in box.taken(kb1.NACK)]
    assert reasons == [kb1.NACK_STORAGE]
    assert box.loop._inbox.unsigned == unsigned + 1


def test_a_car_without_a_second_key_takes_commands_when_its_copy_can_be_read() -> None:
    box = Box()
    box.centre.online = True
    box.after(10)
    box.put_command(b"COMMAND9", codes.VERB_MAINTENANCE_ON)
    for _ in range(3):
        box.after(1000)
    assert box.loop.state == "maintenance"


def test_recorded_frames_of_the_first_key_do_not_shorten_the_wait_for_the_newest() -> None:
    """Each makes the car say HELLO; it counts one a minute."""
    box, _ = rotated()
    box.restart()
    box.centre.online = True
    box.after(10)
    recorded = kb1_centre.pack_time(bytes(8), 1, 0, 0, bytes(8))
    staff = struct.pack(CARD_RECORD, b"EVILCARD", 99)
    snap = kb1_centre.pack_snap(9, 1, bytes(8), 0, 1, [(codes.OP_PUT_STAFF, staff)])
    hellos = 0
    for second in range(60 * UNHEARD_MAX - 5):
        box.put(kb1.TIME, recorded)
        box.put(kb1.SNAP, snap)
        box.after(1000)
        assert box.loop._keyring.unheard <= 1 + (second + 1) // 60
        for frame in box.centre.take():
            opened = frames.open_frame((NEW_UP,), IDENTITY.car, frame)
            assert opened is not None, second
            hellos += opened[0] == kb1.HELLO
    assert hellos > 60
    assert box.loop._cache.gen == 0 and box.loop._cache.staff.count() == 0


def test_after_that_wait_every_other_hello_is_signed_with_the_first_key() -> None:
    box, _ = rotated()
    box.restart()
    box.centre.online = True
    signed = []
    for _ in range(10):
        box.after(60000)
        new = 0
        for frame in box.centre.take():
            if frame[1] == kb1.HELLO:
                new = 1 if frames.open_frame((NEW_UP,), IDENTITY.car, frame) else 2
        signed.append(new)
    assert signed == [1] * UNHEARD_MAX + [2, 1, 2, 1, 2]
    # Ten days without a link are no reason to wait longer.
    box.centre.online = False
    unheard = box.loop._keyring.unheard
    for _ in range(20):
        box.after(12 * 3600 * 1000)
    box.centre.online = True
    box.after(1000)
    assert box.loop._keyring.unheard == unheard + 1
    hello = [frame for frame in box.centre.take() if frame[1] == kb1.HELLO][-1]
    nonce = kb1_centre.unpack_hello(hello[frames.HEAD_BYTES : -frames.TAG_BYTES]).nonce
    put_new(box, kb1.TIME, kb1_centre.pack_time(nonce, 1, 0, 0, bytes(8)))
    box.after(10)
    assert box.loop._keyring.unheard == 0


def test_recorded_frames_of_the_newest_key_do_not_put_off_the_first() -> None:
    """None is an answer: else a car whose centre lost the key would never come back."""
    box, _ = rotated()
    box.restart()
    box.centre.online = True
    cache, instance = box.loop._cache, box.loop._journal.instance
    gone = codes.OP_DEL_BOOKING, bytes(4)
    recorded = (
        (kb1.TIME, kb1_centre.pack_time(bytes(8), 1, 0, 0, bytes(8))),
        (kb1.EACK, kb1_centre.pack_eack(instance, 0)),
        (kb1.SNAP, kb1_centre.pack_snap(cache.gen, cache.rev, bytes(8), 0, 1, [])),
        (kb1.DELTA, kb1_centre.pack_delta(cache.gen, 0, 1, bytes(8), [gone])),
    )
    for _ in range(UNHEARD_MAX + 1):
        for kind, body in recorded:
            put_new(box, kind, body)
        box.after(60000)
    assert box.loop._keyring.unheard == UNHEARD_MAX + 1
    first_up = frames.direction_key(IDENTITY.key, frames.UP)
    assert kb1.HELLO in kinds_under(box, first_up)


def test_an_answer_under_the_key_before_is_none_under_the_newest() -> None:
    """It opens in the boot in which the newest came; that the centre has the newest it does not say."""
    box, _ = rotated()
    box.centre.online = True
    box.after(10)
    (hello,) = [frame for frame in box.centre.take() if frame[1] == kb1.HELLO]
    nonce = kb1_centre.unpack_hello(hello[frames.HEAD_BYTES : -frames.TAG_BYTES]).nonce
    answer = kb1_centre.pack_time(nonce, 1, 0, 0, bytes(8))
    assert box.loop._keyring.unheard == 1
    box.put(kb1.TIME, answer)
    box.after(10)
    assert box.loop._keyring.unheard == 1
    put_new(box, kb1.TIME, answer)
    box.after(10)
    assert box.loop._keyring.unheard == 0
