"""The feed: who joins knows all, who asks is answered, who misbehaves is told so and let go."""

from collections.abc import Iterator

import pytest

from simulator.desk.feed import (
    CLIENTS_MAX,
    LINE_BYTES_MAX,
    REQUESTS_A_LOOK,
    UNSENT_BYTES_MAX,
    FeedServer,
)
from tests.simulator.desk.feed_rig import RawClient, Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    found = Rig()
    yield found
    found.close()


def joined(rig: Rig) -> RawClient:
    client = rig.connect()
    assert "car" in client.read()
    return client


def test_who_connects_is_told_what_there_is(rig: Rig) -> None:
    rig.greeting = [{"clock": {"rate": 1}}, {"car": {"state": "in_use"}}, {"told": {"n": 3}}]
    client = rig.connect()
    assert [client.read() for _ in range(3)] == rig.greeting


def test_changes_reach_everybody(rig: Rig) -> None:
    clients = [joined(rig), joined(rig)]
    rig.server.tell({"told": {"n": 4, "text": "扉"}})
    assert [client.read() for client in clients] == [{"told": {"n": 4, "text": "扉"}}] * 2


def test_a_request_is_answered_under_its_number(rig: Rig) -> None:
    client = joined(rig)
    client.send(b'{"id": 7, "do": "open driver"}', b'{"id": 8, "no": 1}', b"", b'{"pause": true}')
    assert client.read() == {"id": 7, "ok": True}
    assert client.read() == {"id": 8, "error": "that cannot be done"}
    assert client.read() == {"id": None, "ok": True}
    assert rig.taken == [{"do": "open driver"}, {"pause": True}]


@pytest.mark.parametrize("ident", [b"true", b'"x"', b"1e400", b"[1]", b"99999999999999999999"])
def test_a_number_that_is_none_is_not_repeated(rig: Rig, ident: bytes) -> None:
    client = joined(rig)
    client.send(b'{"do": "x", "id": ' + ident + b"}")
    assert client.read() == {"id": None, "ok": True}


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1\r",
        b"nonsense",
        b"[1]",
        b"\xff\xfe",
        b"[" * 3000,
        b'"a string"',
        b"{" + b" " * LINE_BYTES_MAX + b"}",
    ],
)
def test_what_is_no_request_is_the_last_that_is_heard(rig: Rig, line: bytes) -> None:
    """A page in a browser that posts to this port does not get as far as its body."""
    client = joined(rig)
    client.send(line, b'{"id": 1, "do": "open driver"}')
    answer = client.read()
    assert answer["id"] is None
    assert answer["error"].startswith("a request ")
    assert client.is_let_go()
    assert rig.taken == []
    assert (rig.server.clients, rig.server.dropped) == (0, 1)


def test_a_line_without_end_is_cut_off(rig: Rig) -> None:
    client = joined(rig)
    client.line.sendall(b" " * (LINE_BYTES_MAX + 1))
    assert "bytes at the most" in client.read()["error"]
    assert client.is_let_go()


def test_the_longest_request_is_one(rig: Rig) -> None:
    client = joined(rig)
    request = b'{"do": "x"}'
    client.send(request + b" " * (LINE_BYTES_MAX - len(request)))
    assert client.read() == {"id": None, "ok": True}


def test_who_asks_fast_is_answered_bit_by_bit(rig: Rig) -> None:
    client = joined(rig)
    client.send(*[b'{"id": %d, "do": "x"}' % n for n in range(3 * REQUESTS_A_LOOK)])
    assert [client.read()["id"] for _ in range(3 * REQUESTS_A_LOOK)] == list(
        range(3 * REQUESTS_A_LOOK)
    )


def test_who_does_not_read_is_let_go(rig: Rig) -> None:
    """Whatever the kernel holds for him: what is beyond is bounded here."""
    client, reader = joined(rig), joined(rig)
    message = {"told": {"text": "x" * (UNSENT_BYTES_MAX // 4)}}
    told = 0
    while rig.server.clients == 2 and told < 10_000:
        rig.server.tell(message)
        rig.server.poll()
        assert reader.read() == message
        told += 1
    assert rig.server.clients == 1
    assert client.is_let_go()


def test_one_view_too_many_is_told_so(rig: Rig) -> None:
    clients = [joined(rig) for _ in range(CLIENTS_MAX)]
    assert "close one first" in rig.connect().read()["error"]
    clients[0].line.close()
    while rig.server.clients == CLIENTS_MAX:
        rig.server.poll()
    joined(rig)


def test_it_listens_on_this_machine_alone(rig: Rig) -> None:
    addresses = {line.getsockname()[0] for line in rig.server.readers()}
    assert addresses == {"127.0.0.1"}


def test_a_port_in_use_is_an_error(rig: Rig) -> None:
    with pytest.raises(OSError, match="Address already in use"):
        FeedServer(rig.server.port, list, lambda _asked: None)


def test_a_view_that_goes_leaves_nothing(rig: Rig) -> None:
    client = joined(rig)
    client.line.close()
    while rig.server.clients:
        rig.server.poll()
        rig.server.tell({"told": {}})
    assert len(rig.server.readers()) == 1
