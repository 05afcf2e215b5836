"""The console's golden answers, by the standard library's HMAC and whole numbers, and on the page."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, timedelta

from tests.portable.firmware.wire.test_console_key import (
    CAR,
    GOLDEN,
    GOLDEN_KEY,
    GOLDEN_PINS,
    IDENT,
    KEY,
    NONCE,
)
from tests.protocol import page

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_golden_answers_are_those_of_the_standard_library() -> None:
    key = hmac.new(KEY, b"kb/1 console", hashlib.sha256).digest()
    assert key.hex() == GOLDEN_KEY
    for level, answer in GOLDEN:
        mac = hmac.new(key, b"console" + CAR + NONCE + bytes([level]), hashlib.sha256).digest()
        first = int.from_bytes(mac, "big") >> (256 - 50)
        digits = "".join(DIGITS[first >> shift & 31] for shift in range(45, -1, -5))
        assert f"{digits[:4]}-{digits[4:8]}-{digits[8:]}" == answer


def test_the_page_has_them() -> None:
    text = page.sections()["12. At the console"]
    assert GOLDEN_KEY in text
    for level, answer in GOLDEN:
        assert f"KB1-7Q2M-9XCD-{level}" in text
        assert answer in text


def test_golden_pins_are_those_of_the_standard_library() -> None:
    text = page.sections()["12. At the console"]
    key = bytes.fromhex(GOLDEN_KEY)
    for day, pin in GOLDEN_PINS:
        mac = hmac.new(key, b"pin" + IDENT + day.to_bytes(4, "big"), hashlib.sha256).digest()
        number = int.from_bytes(mac[:8], "big") % 10**8
        assert f"{number:08}" == pin.replace(" ", "")
        shown = date(2020, 1, 1) + timedelta(days=day)
        assert f"{shown}, day {day}" in text
        assert pin in text
    assert IDENT.hex() in text
