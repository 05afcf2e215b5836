"""The car's side of a connection on real sockets, in a process of its own, on either interpreter.

    stream_client.py MODE PORT CA SERVER_NAME [CAR PASSWORD]

CA is a file in DER form, or - for no TLS. Each mode prints lines:

open  opens and offers bytes until that ends: `open` and what came back, or `closed TROUBLE DETAIL`
lost  likewise, but does not know the date
peek  likewise, but after 100 looks `opening` or `open and silent`
pour  sends POUR_BYTES in ever other pieces; prints `blocked` when nothing is taken at first, then
      `poured`, then what ends the stream
link  a whole link: prints its states; sends each frame back; `stop` and `idle` are commands to it
date  likewise, but does not know the date until the command `date`; goes on with one more attempt
"""

import gc
import sys
import time

from firmware.link import OFFLINE, STOPPED, Link
from firmware.login import Login
from firmware.mqtt_session import END_UNDATED
from firmware.ticks import MASK, ticks_add
from firmware.wire.network_codes import CLOSED, OPEN, TROUBLE_NAMES
from hal.socket_network import SocketNetwork
from hal.socket_trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HOST = "127.0.0.1"
LOOKS_MAX = {"open": 6000, "lost": 6000, "peek": 100}
POUR_BYTES = 1000000
#: Linux's SOL_SOCKET and SO_SNDBUF; a server that does not read is then noticed soon.
SEND_BUFFER = (1, 7, 16384)
POLLS = 10000

clock: "Any" = time
heap: "Any" = gc


def now_ms() -> int:
    if hasattr(clock, "ticks_ms"):
        return int(clock.ticks_ms()) & MASK
    return int(clock.monotonic() * 1000) & MASK


def say(*words: object) -> None:
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")


def try_to_open(network: SocketNetwork, port: int, mode: str) -> None:
    network.open(HOST, port, mode != "lost")
    buffer = bytearray(100)
    offer = b"hello"
    for _ in range(LOOKS_MAX[mode]):
        network.poll(now_ms())
        count = network.readinto(buffer)
        if count:
            say("open", str(buffer[:count], "utf-8"))
            return
        offer = offer[network.write(offer) :]
        if network.state == CLOSED:
            say("closed", TROUBLE_NAMES[network.trouble], network.detail.replace("\n", " "))
            return
        time.sleep(0.01)
    say("opening" if network.state != OPEN else "open and silent")


def piece_at(position: int, length_min: int) -> bytes:
    """Bytes from there on; how many changes from look to look."""
    length = max(length_min, min(1 + (now_ms() * 7919 + position) % 3000, POUR_BYTES - position))
    start = position % 251
    return (bytes(range(251)) * 14)[start : start + length]


def pour(network: SocketNetwork, port: int) -> None:
    network.open(HOST, port)
    network._socket.setsockopt(*SEND_BUFFER)
    position, refused, length_min = 0, 0, 0
    while position < POUR_BYTES:
        network.poll(now_ms())
        piece = piece_at(position, length_min)
        taken = network.write(piece)
        position += taken
        length_min = len(piece) - taken
        if taken == 0:
            refused += 1
            if refused == 200:
                say("blocked")
            time.sleep(0.002)
        if network.state == CLOSED:
            break
    say("poured", position)
    buffer = bytearray(10)
    while network.state != CLOSED:
        network.readinto(buffer)
        time.sleep(0.002)
    say("closed", TROUBLE_NAMES[network.trouble])


def allocated_idle(link: Link) -> int:
    """Bytes that 10,000 idle polls take from MicroPython's heap."""
    at_ms = now_ms()
    gc.collect()
    gc.disable()
    before = heap.mem_alloc()
    for _ in range(POLLS):
        link.poll(at_ms)
        link.next_due_at_ms  # noqa: B018 - reading it is what is measured
    after = heap.mem_alloc()
    gc.enable()
    return int(after - before)


def obey(link: Link, frame: bytes) -> None:
    if frame == b"stop":
        link.stop()
    elif frame == b"idle":
        say("idle", allocated_idle(link))
    else:
        link.send(frame)


def live(network: SocketNetwork, login: Login, knows_date: bool) -> None:
    link = Link(network, login, 1)
    passed_over_ms, state = 0, OFFLINE
    while state != STOPPED:
        at_ms = ticks_add(now_ms(), passed_over_ms)
        link.poll(at_ms, knows_date)
        if link.state != state:
            state = link.state
            say(state, link.last_end, TROUBLE_NAMES[link.network_trouble], link.login_refused)
            if state == OFFLINE and link.last_end != END_UNDATED:
                return
        frame = link.receive()
        if frame == b"date":
            knows_date = True
        elif frame is not None:
            obey(link, frame)
        elif state == OFFLINE:
            passed_over_ms += 1000  # the first wait is for crowds
        else:
            time.sleep(0.001)


def main(words: "list[str]") -> None:
    mode, port, ca, server_name = words[1], int(words[2]), words[3], words[4]
    trust = None
    if ca != "-":
        with open(ca, "rb") as file:
            trust = Trust(file.read(), server_name)
    network = SocketNetwork(trust)
    if mode in LOOKS_MAX:
        try_to_open(network, port, mode)
    elif mode == "pour":
        pour(network, port)
    else:
        login = Login(HOST, port, words[5], words[6].encode(), b"here", b"gone")
        live(network, login, mode != "date")


if __name__ == "__main__":
    main(sys.argv)
