"""Question and answer of the technician's console: one function for box and daemon.

    question  KB1-XXXX-XXXX-L or KB1-XXXX-XXXX-L-N
    answer    XXXX-XXXX-XX

in Crockford's base 32 (no I, L, O, U). The eight X of a question, as the ASCII that is shown, are
its nonce; L is the level that is asked for, N the number of the car's key record when the box
goes by one (without N: by the key that it was provisioned with). The answer is the first 50 bits of

    HMAC-SHA256(console key, "console" | car 6 | nonce 8 | level u8)
    console key = HMAC-SHA256(the car's key, "kb/1 console")

so an answer is good for one question, one level and one car. No password is kept anywhere.

Where nobody can be asked, level 1 opens to a staff card with its PIN of the day, 8 decimal digits:
the first 8 bytes, most significant first, modulo 100,000,000, of

    HMAC-SHA256(console key, "pin" | card's identifier 8 | day u32)

`day` counts the calendar days of Japan, 0 is 2020-01-01: a PIN is good for one card, car and day.
"""

import struct

from firmware.wire.frames import CAR_BYTES, KEY_BYTES, hmac_sha256

NONCE_BYTES = 8
LEVELS = 3
_LABEL = b"kb/1 console"
_PREFIX = "KB1"
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DIGIT_BYTES = _DIGITS.encode()
_ANSWER_DIGITS = 10
_IDENT_BYTES = 8
_PIN_DIGITS = 8
_DAY_S = 86400
#: Japan has had no summer time since 1951.
_JAPAN_S = 9 * 3600
_KEY_NUMBER_MAX = 255


def console_key(car_key: bytes) -> bytes:
    """The key that answers are made with, from the car's 32-byte key."""
    if len(car_key) != KEY_BYTES:
        raise ValueError("a car's key has %d bytes, this one %d" % (KEY_BYTES, len(car_key)))
    return hmac_sha256(car_key, _LABEL)


def answer_to(car_key: bytes, car: bytes, nonce: bytes, level: int) -> str:
    """`XXXX-XXXX-XX`; ValueError for what is no car, nonce or level."""
    if len(car) != CAR_BYTES or len(nonce) != NONCE_BYTES or not 1 <= level <= LEVELS:
        raise ValueError("no question: car %r, nonce %r, level %r" % (car, nonce, level))
    mac = hmac_sha256(console_key(car_key), b"console" + car, nonce + bytes((level,)))
    return _grouped(digits(mac, _ANSWER_DIGITS))


def day_of(at_s: int) -> int:
    """The day in Japan, at a time in seconds since 2020 (UTC); 0 is 2020-01-01."""
    return (at_s + _JAPAN_S) // _DAY_S


def pin_of(car_key: bytes, ident: bytes, day: int) -> str:
    """`NNNN NNNN` of this card in this car on this day; ValueError for what is no card or day."""
    if len(ident) != _IDENT_BYTES or not 0 <= day <= 0xFFFFFF:
        raise ValueError("no card and day: %d bytes, day %r" % (len(ident), day))
    mac = hmac_sha256(console_key(car_key), b"pin" + ident, struct.pack(">I", day))
    text = "%08d" % (int.from_bytes(mac[:8], "big") % 100000000)
    return text[:4] + " " + text[4:]


def read_pin(text: str) -> str:
    """A PIN as `pin_of` writes it, from what was typed; empty when it can be none."""
    text = text.replace(" ", "").replace("-", "")
    if len(text) != _PIN_DIGITS or any(digit not in _DIGITS[:10] for digit in text):
        return ""
    return text[:4] + " " + text[4:]


def digits(data: bytes, count: int) -> str:
    """The first 5 x `count` bits as Crockford digits."""
    text = ""
    held = 0
    bits = 0
    at = 0
    while len(text) < count:
        if bits < 5:
            held = (held << 8 | data[at]) & 0xFFFF
            at += 1
            bits += 8
        bits -= 5
        text += _DIGITS[held >> bits & 31]
    return text


def is_nonce(ident: bytes) -> bool:
    """Whether it can be a question's; else it is the card's that was touched (FeliCa: never both)."""
    return len(ident) == NONCE_BYTES and all(byte in _DIGIT_BYTES for byte in ident)


def _grouped(text: str) -> str:
    groups = []
    for at in range(0, len(text), 4):
        groups.append(text[at : at + 4])
    return "-".join(groups)


def question(nonce: bytes, level: int, number: int = 0) -> str:
    """As the box shows it; `number`: of the key record, 0 without one."""
    text = "%s-%s-%d" % (_PREFIX, _grouped(nonce.decode()), level)
    return "%s-%d" % (text, number) if number else text


def read_question(text: str) -> "tuple[bytes, int, int] | None":
    """(nonce, level, number of the key record, 0 for none) of what was typed; None: no question."""
    parts = text.strip().upper().replace(" ", "-").split("-")
    if len(parts) not in (4, 5) or parts[0] not in (_PREFIX, "KBI", "KBL"):
        return None
    nonce = _plain(parts[1] + parts[2])
    tail = parts[3:]
    for part in tail:
        if not part or len(part) > 3 or any(digit not in _DIGITS[:10] for digit in part):
            return None
    level = int(tail[0])
    number = int(tail[1]) if len(tail) == 2 else 0
    if len(nonce) != NONCE_BYTES or not 1 <= level <= LEVELS or number > _KEY_NUMBER_MAX:
        return None
    return nonce.encode(), level, number


def read_answer(text: str) -> str:
    """An answer as `answer_to` writes it, from what was typed; empty when it can be none."""
    plain = _plain(text.strip().upper().replace("-", "").replace(" ", ""))
    return _grouped(plain) if len(plain) == _ANSWER_DIGITS else ""


def _plain(text: str) -> str:
    """Crockford's reading: I and L are 1, O is 0; empty with any character that is no digit."""
    text = text.replace("I", "1").replace("L", "1").replace("O", "0")
    return "" if any(digit not in _DIGITS for digit in text) else text
