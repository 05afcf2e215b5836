"""Questions to a name server, and whatever comes back (RFC 1035)."""

import binascii

from hal.dns_message import (
    ADDRESSES_MAX,
    CUT_OFF,
    NO_SUCH_NAME,
    NOT_IT,
    is_address,
    pack_question,
    read_answer,
)
from tests.portable.hal.dns_answers import TC, answer, not_it, record, with_records

NAME = "Fleet.Example.org"
QUESTION = pack_question(NAME, 0x1234)

# Packed by another program (dnslib 0.9.26): two aliases, three addresses, a text among them, an
# authority and an address of that; no such name, with an authority; cut off; an IPv6 address.
ASKED = "12340100000100000000000005466c656574074578616d706c65036f72670000010001"
ALIASES = (
    "12348180000100060001000105466c656574074578616d706c65036f7267000001000105666c656574076578616d706c"
    "65c01a000500010000012c0018046564676505666c656574076578616d706c65036e657400c03d000500010000003c00"
    "100265310363646e076578616d706c6500c06100010001000000140004c000020ac06100010001000000140004c00002"
    "0bc061001000010000001400020178c06100010001000000140004c6336407c064000200010000003c0006036e7331c0"
    "64c0bb000100010000003c0004cb007163"
)
NOBODY = (
    "12348183000100000001000005466c656574074578616d706c65036f72670000010001076578616d706c65c01a000600"
    "010000003c0026026e73c0230a686f73746d6173746572c0230000000100000002000000030000000400000005"
)
CUT = "12348780000100000000000005466c656574074578616d706c65036f72670000010001"
SIX = (
    "12348580000100010000000005466c656574074578616d706c65036f7267000001000105666c656574076578616d706c"
    "65c01a001c00010000003c001020010db8000000000000000000000001"
)


def read(data: bytes, question: bytes = QUESTION) -> "tuple[int, list[str]]":
    """From a buffer in which more is left of something else, and from one that just holds it."""
    found: "list[tuple[int, list[str]]]" = []
    for rest in (b"\xc0\x0c\0\1" * 40, b""):
        addresses: "list[str]" = []
        said = read_answer(bytearray(data + rest), len(data), question, addresses)
        found.append((said, addresses))
    assert found[0] == found[1]
    return found[0]


def fails(name: str) -> bool:
    try:
        pack_question(name, 1)
    except ValueError as error:
        return len(str(error)) > 10
    return False


def test_a_question_is_as_another_program_packs_it() -> None:
    assert QUESTION == binascii.unhexlify(ASKED)
    assert pack_question(NAME + ".", 0x1234) == QUESTION
    assert pack_question("fleet", 0xFFFF)[:2] == b"\xff\xff"


def test_names_have_bounds() -> None:
    label = "a" * 63
    assert len(pack_question(label + ".b", 1)) == 12 + 64 + 2 + 1 + 4
    longest = ".".join((label, label, label, "a" * 61))
    assert len(longest) == 253
    assert len(pack_question(longest, 1)) == 12 + 255 + 4
    assert fails(longest + "a")
    assert fails(label + "a.b")
    for name in ("", ".", "a..b", ".a", "a..", "a b", "a\n", "büro.example", "a\x7f"):
        assert fails(name), name


def test_an_answer_of_another_program_is_read() -> None:
    found = ["192.0.2.10", "192.0.2.11", "198.51.100.7"]
    assert read(binascii.unhexlify(ALIASES)) == (0, found)
    assert read(binascii.unhexlify(NOBODY)) == (NO_SUCH_NAME, [])
    assert read(binascii.unhexlify(CUT)) == (CUT_OFF, [])
    assert read(binascii.unhexlify(SIX)) == (0, [])


def test_what_answers_another_question_is_not_it() -> None:
    for data in not_it(QUESTION):
        assert read(data) == (NOT_IT, []), data


def test_letters_may_come_back_in_another_case() -> None:
    data = answer(QUESTION, "192.0.2.1", name=b"\5fLEET\7eXAMPLE\3ORG\0")
    assert read(data) == (0, ["192.0.2.1"])


def test_each_code_of_a_server_that_fails_is_told() -> None:
    for code in range(1, 16):
        data = answer(QUESTION, "192.0.2.1", flags=0x8180 | code)
        assert read(data) == (code, [])


def test_only_whole_ipv4_records_of_the_internet_count() -> None:
    for bad in (
        record(1, b"\1\2\3"),
        record(1, b"\1\2\3\4\5"),
        record(28, b"\1\2\3\4"),
        record(1, b"\0\0\0\0"),
        record(1, b"\1\2\3\4").replace(b"\0\1\0\1", b"\0\1\0\3"),
    ):
        data = with_records(QUESTION, bad + record(1, b"\x0a\0\0\1"), 2)
        assert read(data) == (0, ["10.0.0.1"]), bad
        assert read(with_records(QUESTION, bad, 1)) == (0, [])


def test_more_addresses_than_it_keeps() -> None:
    many = answer(QUESTION, *["10.0.0.%d" % (n + 1) for n in range(25)])
    assert read(many) == (0, ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"])
    assert ADDRESSES_MAX == 4


def test_a_cut_answer_is_good_for_what_is_in_it() -> None:
    whole = answer(QUESTION, "192.0.2.1", "192.0.2.2")
    for count in range(len(whole)):
        said, found = read(whole[:count])
        if count < len(QUESTION):
            assert said == NOT_IT
        else:
            assert found == ["192.0.2.1", "192.0.2.2"][: (count - len(QUESTION)) // 16]
            assert said == (0 if found else CUT_OFF)
    assert read(answer(QUESTION, "192.0.2.1", flags=0x8180 | TC)) == (0, ["192.0.2.1"])
    assert read(answer(QUESTION, "192.0.2.1")[:-4]) == (CUT_OFF, [])


def test_lengths_pointers_and_counts_that_lie_lead_nowhere() -> None:
    good = record(1, b"\x0a\0\0\1")
    assert read(with_records(QUESTION, good, 65535)) == (0, ["10.0.0.1"])
    for bad in (
        b"\xc0\x0c",  # and nothing behind it
        b"\x3f",  # a label beyond the end
        b"\x01a" * 100,  # a name without one
        record(1, b"\x0a\0\0\1")[:-1],
        record(1, b"\x0a\0\0\1", b"\x40"),
        record(16, b"")[:-2] + b"\xff\xff",
    ):
        assert read(with_records(QUESTION, bad, 3)) == (CUT_OFF, []), bad
    # The longest label, before a pointer.
    label = b"\x3f" + b"a" * 63 + b"\xc0\x0c"
    assert read(with_records(QUESTION, record(1, b"\x0a\0\0\1", label), 1)) == (0, ["10.0.0.1"])
    # A pointer to itself: nobody follows it.
    here = bytes((0xC0, len(QUESTION)))
    looped = with_records(QUESTION, record(1, b"\x0a\0\0\1", here), 1)
    assert read(looped) == (0, ["10.0.0.1"])


def test_any_bytes_at_all_are_survived() -> None:
    """Good answers with a few bytes changed, at random but always the same, and cut anywhere."""
    good = [bytearray(binascii.unhexlify(text)) for text in (ALIASES, NOBODY, CUT, SIX)]
    drawn = 1
    kinds = set()
    for turn in range(1500):
        data = bytearray(good[turn % 4])
        for _ in range(1 + turn % 5):
            drawn = (drawn * 1103515245 + 12345) & 0x3FFFFFFF
            # Half of them behind the question, or all would be answers to others.
            first = len(QUESTION) if drawn & 64 and len(data) > len(QUESTION) else 0
            data[first + (drawn >> 8) % (len(data) - first)] = (drawn >> 20) & 255
        count = len(data) if drawn & 3 else (drawn >> 4) % len(data)
        said, found = read(bytes(data[:count]))
        kinds.add(said)
        assert NOT_IT <= said <= CUT_OFF
        assert len(found) <= ADDRESSES_MAX
        assert not found or said == 0
        for address in found:
            assert is_address(address), address
    assert {NOT_IT, 0, NO_SUCH_NAME, CUT_OFF} <= kinds


def test_an_address_is_told_from_a_name() -> None:
    for text in ("0.0.0.0", "192.168.1.1", "255.255.255.255", "8.8.8.8"):
        assert is_address(text), text
    for text in (
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "010.1.1.1", "1.2.3.", "1.2.3.-4",
        "1.2.3.+4", "1.2.3.4 ", "a.b.c.d", "1.2.3.0x4", "1.2.3.²", "fleet.example", "1.2.3.1000",
    ):  # fmt: skip
        assert not is_address(text), text
