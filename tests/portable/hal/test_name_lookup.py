"""Asking a name server without waiting: how often, whom, what counts, and what is left behind."""

from tests.portable.hal.dns_answers import NO_SUCH_NAME, TC, answer, not_it
from tests.portable.hal.name_world import SERVER, Asker

LOCAL = ("224.0.0.251", 5353)


def begun(host: str = "fleet.example") -> "tuple[Asker, bytes]":
    """After the first question, and that."""
    asker = Asker()
    asker.begin(host)
    assert not asker.world.open
    assert not asker.after()
    assert [to for to, _ in asker.world.asked] == [SERVER]
    return asker, asker.world.asked[0][1]


def trouble_of(flags: int) -> str:
    asker, question = begun()
    asker.world.say(answer(question, flags=flags))
    assert asker.after(20)
    assert asker.names.addresses == []
    assert not asker.world.open
    return asker.names.trouble


def begin_fails(asker: Asker, host: str) -> str:
    try:
        asker.begin(host)
    except ValueError as error:
        assert not asker.world.open
        return str(error)
    return ""


def test_an_answer_ends_it_and_nothing_is_left() -> None:
    asker, question = begun()
    for _ in range(49):
        assert not asker.after(20)
    asker.world.say(answer(question, "192.0.2.7", "192.0.2.8"))
    assert asker.after(19)
    assert asker.names.addresses == ["192.0.2.7", "192.0.2.8"]
    assert asker.names.trouble == ""
    assert not asker.world.open
    assert len(asker.world.asked) == 1


def test_it_asks_again_ever_later_and_then_gives_up() -> None:
    """The same each time, over the clock's wrap: an answer to the first one is still good."""
    asker, question = begun()
    asked_at_ms = [0]
    passed_ms = 0
    while not asker.after(20):
        passed_ms += 20
        if len(asker.world.asked) > len(asked_at_ms):
            asked_at_ms.append(passed_ms)
    assert asked_at_ms == [0, 1000, 3000, 7000]
    assert passed_ms + 20 == 15000
    assert set(asker.world.asked) == {(SERVER, question)}
    assert asker.names.trouble == "no answer from 192.168.4.1 about fleet.example"
    assert asker.names.addresses == []
    assert not asker.world.open


def test_a_late_answer_to_the_first_question_counts() -> None:
    asker, question = begun()
    assert not asker.after(1000)
    assert not asker.after(1500)
    asker.world.say(answer(question, "192.0.2.7"))
    assert asker.after(20)
    assert asker.names.addresses == ["192.0.2.7"]


def test_what_is_no_answer_to_it_is_not_heard() -> None:
    for data in not_it(begun()[1]):
        asker, question = begun()
        asker.world.say(data)
        assert not asker.after(20)
        asker.world.say(answer(question, "192.0.2.7"))
        assert asker.after(20), data
        assert asker.names.addresses == ["192.0.2.7"]


def test_only_the_server_that_was_asked_is_heard() -> None:
    asker, question = begun()
    assert asker.world.udp().peer == SERVER
    for stranger in (("192.168.4.66", 53), (SERVER[0], 5353)):
        asker.world.say(answer(question, "192.0.2.66"), stranger)
        assert not asker.after(20)
    asker.world.say(answer(question, "192.0.2.7"))
    assert asker.after(20)
    assert asker.names.addresses == ["192.0.2.7"]


def test_each_look_up_has_another_number_and_another_port() -> None:
    asker = Asker()
    for _ in range(20):
        asker.begin()
        assert not asker.after()
    assert len({question[:2] for _, question in asker.world.asked}) == 20
    assert len(set(asker.world.source_ports)) == 20
    assert min(asker.world.source_ports) >= 49152
    assert max(asker.world.source_ports) <= 65535
    assert len(asker.world.open) == 1, "the one before is let go"


def test_of_answers_that_wait_together_the_first_counts() -> None:
    """An ESP32's socket gives them as one."""
    asker, question = begun()
    asker.world.say(answer(question, "192.0.2.7"))
    asker.world.say(answer(question, "192.0.2.8"))
    assert asker.after(20)
    assert asker.names.addresses == ["192.0.2.7"]
    asker, question = begun()
    asker.world.say(b"nonsense")
    asker.world.say(answer(question, "192.0.2.7"))
    assert not asker.after(20)
    assert not asker.after(980)
    assert len(asker.world.asked) == 2
    asker.world.say(answer(question, "192.0.2.7"))
    assert asker.after(20)


def test_a_socket_that_went_deaf_or_broke_is_another_one_at_the_next_question() -> None:
    for error in (0, 111):
        asker, question = begun()
        asker.world.udp().error = error
        asker.world.say(b"")
        assert not asker.after(20)
        assert not asker.world.open
        assert not asker.after(20)
        assert not asker.after(960)
        assert len(asker.world.asked) == 2
        asker.world.say(answer(question, "192.0.2.7"))
        assert asker.after(20), error


def test_what_cannot_be_sent_is_tried_again() -> None:
    for what in ("socket", "send"):
        asker = Asker()
        asker.world.refuses[what] = 2
        asker.begin()
        assert not asker.after()
        assert not asker.world.open
        assert not asker.after(1000)
        assert not asker.after(2000)
        assert len(asker.world.asked) == 1
        asker.world.say(answer(asker.world.asked[0][1], "192.0.2.7"))
        assert asker.after(20), what


def test_a_port_that_somebody_has_is_no_obstacle() -> None:
    asker = Asker()
    asker.world.refuses["bind"] = 1
    asker.begin()
    assert not asker.after()
    asker.world.say(answer(asker.world.asked[0][1], "192.0.2.7"))
    assert asker.after(20)


def test_why_there_is_no_address_is_said() -> None:
    assert trouble_of(0x8180 | NO_SUCH_NAME) == (
        "the name server 192.168.4.1 does not know fleet.example"
    )
    assert trouble_of(0x8180) == "the name server 192.168.4.1 has no IPv4 address of fleet.example"
    assert (
        trouble_of(0x8180 | TC) == "the name server 192.168.4.1 says too much about fleet.example"
    )
    assert trouble_of(0x8182) == "the name server 192.168.4.1 cannot tell fleet.example: error 2"


def test_nobody_to_ask_and_nothing_to_ask_for_are_told_at_once() -> None:
    asker = Asker("")
    assert begin_fails(asker, "fleet.example") == (
        "the network named no name server to ask for fleet.example"
    )
    assert "is no name" in begin_fails(Asker(), "fleet..example")
    assert "253" in begin_fails(Asker(), ".".join(["a" * 50] * 6))


def test_the_next_one_forgets_what_the_last_one_found() -> None:
    asker, question = begun()
    asker.world.say(answer(question, "192.0.2.7"))
    assert asker.after(20)
    asker.begin("other.example")
    assert not asker.after()
    asker.world.say(answer(asker.world.asked[1][1], flags=0x8180 | NO_SUCH_NAME))
    assert asker.after(20)
    assert asker.names.addresses == []
    assert "other.example" in asker.names.trouble


def test_closed_in_the_middle_it_has_no_socket_any_more() -> None:
    asker, _ = begun()
    assert len(asker.world.open) == 1
    asker.names.close()
    assert not asker.world.open
    asker.names.close()


def test_a_second_server_is_asked_when_the_first_says_nothing() -> None:
    """From 3 s on, and in the same 15 s; a late answer of the first one is nobody's by then."""
    second = ("9.9.9.9", 53)
    asker = Asker(second=second[0])
    asker.begin()
    passed_ms = 0
    while not asker.after(20):
        passed_ms += 20
        if passed_ms == 3500:
            asker.world.say(answer(asker.world.asked[0][1], "192.0.2.66"), SERVER)
    assert [to for to, _ in asker.world.asked] == [SERVER, SERVER, second, second]
    assert passed_ms + 20 == 15020
    assert asker.names.trouble == "no answer from 9.9.9.9 about fleet.example"
    assert not asker.world.open
    asker.begin()
    for ms in (0, 1000, 2000):
        assert not asker.after(ms)
    asker.world.say(answer(asker.world.asked[-1][1], "192.0.2.7"), second)
    assert asker.after(20)
    assert asker.names.addresses == ["192.0.2.7"]


def test_the_second_server_is_the_only_one_where_the_network_names_none() -> None:
    asker = Asker("", second="9.9.9.9")
    asker.begin()
    for ms in (0, 1000, 2000, 4000):
        assert not asker.after(ms)
    assert [to[0] for to, _ in asker.world.asked] == ["9.9.9.9"] * 4
    asker.begin("box.local")
    for ms in (0, 1000, 2000, 4000):
        assert not asker.after(ms)
    assert [to for to, _ in asker.world.asked[4:]] == [LOCAL] * 4


def test_a_local_name_is_asked_of_all_and_anybody_may_answer() -> None:
    """RFC 6762, 6.7: whoever bears it answers from its own address, to the port that asked."""
    asker = Asker("")
    asker.begin("Fleet.Local")
    assert not asker.after()
    assert asker.world.asked[0][0] == LOCAL
    asker.world.say(answer(asker.world.asked[0][1], "192.168.4.20"), ("192.168.4.20", 5353))
    assert asker.after(20)
    assert asker.names.addresses == ["192.168.4.20"]
