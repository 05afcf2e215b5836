"""The console's question and answer: the golden ones, and nothing that is not quite one (TECH-1)."""

from binascii import hexlify, unhexlify

from firmware.wire import console_key as ck

KEY = bytes(range(0x40, 0x60))
CAR = unhexlify("02a1b2c3d4e5")
NONCE = b"7Q2M9XCD"
#: docs/protocol.md, "At the console"; tests/protocol/test_console_vectors.py makes them anew.
GOLDEN_KEY = "31682026f9ad91533a01c57c525803a66491802a61aa8669caba80434ec6890c"
IDENT = unhexlify("0101060112ab34cd")
#: Of the card IDENT on 2026-04-01 and the day after, in Japan.
GOLDEN_PINS = ((2282, "3088 4270"), (2283, "8692 0360"))
GOLDEN = ((1, "XVGD-3755-16"), (2, "5YC1-30PX-7E"), (3, "7JAW-MTDH-65"))


def refuses(*arguments: object) -> bool:
    try:
        ck.answer_to(*arguments)  # type: ignore[arg-type]
    except ValueError:
        return True
    return False


def test_golden_key_and_answers() -> None:
    assert hexlify(ck.console_key(KEY)).decode() == GOLDEN_KEY
    for level, answer in GOLDEN:
        assert ck.answer_to(KEY, CAR, NONCE, level) == answer


def test_another_car_key_nonce_or_level_has_another_answer() -> None:
    """TECH-1: an answer is good for one question of one car."""
    answers = {ck.answer_to(KEY, CAR, NONCE, level) for level in (1, 2, 3)}
    answers.add(ck.answer_to(KEY, unhexlify("02a1b2c3d4e6"), NONCE, 1))
    answers.add(ck.answer_to(bytes(32), CAR, NONCE, 1))
    answers.add(ck.answer_to(KEY, CAR, b"7Q2M9XCE", 1))
    assert len(answers) == 6


def test_what_is_no_question_has_no_answer() -> None:
    assert refuses(KEY[:31], CAR, NONCE, 1)
    assert refuses(KEY, CAR[:5], NONCE, 1)
    assert refuses(KEY, CAR, NONCE[:7], 1)
    assert refuses(KEY, CAR, NONCE, 0)
    assert refuses(KEY, CAR, NONCE, 4)


def test_a_question_is_read_as_it_is_said() -> None:
    assert ck.question(NONCE, 2) == "KB1-7Q2M-9XCD-2"
    assert ck.question(NONCE, 2, 17) == "KB1-7Q2M-9XCD-2-17"
    for text in ("KB1-7Q2M-9XCD-2", " kb1-7q2m-9xcd-2 ", "KBI 7Q2M 9XCD 2"):
        assert ck.read_question(text) == (NONCE, 2, 0), text
    assert ck.read_question("kb1-7q2m-9xcd-1-255") == (NONCE, 1, 255)
    assert ck.read_question("KB1-oOlI-9XCD-1") == (b"00119XCD", 1, 0)


def test_what_is_no_question() -> None:
    for text in (
        "",
        "KB1",
        "KB2-7Q2M-9XCD-2",
        "KB1-7Q2M-9XCD",
        "KB1-7Q2M-9XCD-",
        "KB1-7Q2M-9XCD-0",
        "KB1-7Q2M-9XCD-4",
        "KB1-7Q2M-9XCD-2-256",
        "KB1-7Q2M-9XCD-2-3-4",
        "KB1-7Q2M-9XC-2",
        "KB1-7Q2M-9XCDE-2",
        "KB1-7Q2U-9XCD-2",
        "KB1-7Q2M-9X\u00e9D-2",
        "KB1-7Q2M-9XCD-2222",
    ):
        assert ck.read_question(text) is None, text


def test_an_answer_is_read_as_it_is_typed() -> None:
    assert ck.read_answer("xvgd375516") == "XVGD-3755-16"
    assert ck.read_answer(" XVGD 3755-i6 ") == "XVGD-3755-16"
    for text in ("", "XVGD-3755-1", "XVGD-3755-161", "XVGD-3755-1U", "XVGD-3755-1\u00e9"):
        assert ck.read_answer(text) == "", text


def test_golden_pins() -> None:
    for day, pin in GOLDEN_PINS:
        assert ck.pin_of(KEY, IDENT, day) == pin


def test_another_car_card_or_day_has_another_pin() -> None:
    pins = {pin for _, pin in GOLDEN_PINS}
    pins.add(ck.pin_of(bytes(32), IDENT, 2282))
    pins.add(ck.pin_of(KEY, unhexlify("0101060112ab34ce"), 2282))
    assert len(pins) == 4


def test_a_pin_always_has_eight_digits() -> None:
    """Zeros in front count; 200 days, of which some twenty begin with one."""
    pins = [ck.pin_of(KEY, IDENT, day) for day in range(200)]
    assert all(len(pin) == 9 and ck.read_pin(pin) == pin for pin in pins)
    assert any(pin[0] == "0" for pin in pins)


def test_the_day_begins_at_midnight_in_japan() -> None:
    midnight_s = 2282 * 86400 - 9 * 3600  # 2026-03-31 15:00 UTC
    assert ck.day_of(midnight_s - 1) == 2281
    assert ck.day_of(midnight_s) == ck.day_of(midnight_s + 86399) == 2282
    assert ck.day_of(midnight_s + 86400) == 2283
    assert ck.day_of(0) == 0


def test_what_is_no_card_or_day_has_no_pin() -> None:
    for ident, day in ((IDENT[:7], 1), (IDENT + b"\0", 1), (IDENT, -1), (IDENT, 1 << 24)):
        try:
            ck.pin_of(KEY, ident, day)
        except ValueError:
            continue
        raise AssertionError((ident, day))


def test_a_pin_is_read_as_it_is_typed() -> None:
    assert ck.read_pin("30884270") == ck.read_pin(" 3088-42 70 ") == "3088 4270"
    for text in ("", "3088427", "308842700", "3088427O", "3088427\u0663", "-"):
        assert ck.read_pin(text) == "", text
