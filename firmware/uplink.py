"""What the car tells the centre: where it stands (HELLO), what happened (EVENTS), answers.

Events go oldest first and are sent again after 2, 4, 8 ... 60 s until the centre has them. HELLO
goes when the link comes up, when the copy changed, every 15 min +- 20 %, and on any doubt.
"""

from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire import frames, kb1
from firmware.wire.journal_format import EPOCH_2020_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boot import Boot
    from firmware.cache import Cache
    from firmware.journal import Journal
    from firmware.keyring import Keyring
    from firmware.snapshot import Snapshot
    from hal.api import CentreLink

FIRST_RETRY_MS = 2000
RETRY_MAX_MS = 60000
EVENT_BYTES_MAX = 800
#: Answers kept while the link is down, for instance to an end that a reset cut off.
ANSWERS_MAX = 4
#: Protocol rule 5: on a doubt at most one HELLO a second.
HELLO_MIN_MS = 1000
#: 15 min less 20 %; up to 40 % of 15 min are added by chance.
HELLO_EVERY_MS = 720000
_HELLO_MORE_MS = 360000
#: A car that does not know the time asks for it this often; so does one with a new key that
#: nobody answers under it.
HELLO_UNTRUSTED_MS = 60000


class Uplink:
    """Signs and sends; what is lost under way is sent again or asked for again."""

    def __init__(
        self,
        link: "CentreLink",
        journal: "Journal",
        cache: "Cache",
        boot: "Boot",
        keyring: "Keyring",
    ) -> None:
        self._link = link
        self._journal = journal
        self._cache = cache
        self._boot = boot
        self._keyring = keyring
        self._answers: "list[bytes]" = []
        self._was_online = False
        self._card_waits = False  # for the link, with a question
        #: Number of the nonce with which a touch asked last.
        self.asking = 0
        self._wants_hello = False
        #: Between two HELLOs so many times what it is else; 1 but while the battery is low.
        self.stretch = 1
        self._hello_at_ms = 0
        self._hello_wait_ms = 0
        self._sent_at_ms = 0
        self._wait_ms = 0  # 0: no events are under way
        self._acked = -1

    def want_hello(self) -> None:
        """The centre is to hear where the car stands, soon."""
        self._wants_hello = True

    def send(self, kind: int, body: bytes) -> None:
        """One frame, now; lost when the link is down."""
        if self._link.is_online():
            keyring = self._keyring
            key = keyring.hello_key(self._hello_at_ms) if kind == kb1.HELLO else keyring.up
            self._link.send(frames.pack_frame(key, keyring.car, kind, body))

    def answer(self, body: bytes) -> None:
        """RESULT; when the link is down it waits, because no boot after this one could say it."""
        if self._link.is_online():
            self.send(kb1.RESULT, body)
        elif len(self._answers) < ANSWERS_MAX:
            self._answers.append(body)

    def refuse(self, kind: int, reason: int) -> None:
        """NACK of a frame of that kind."""
        cache = self._cache
        self.send(kb1.NACK, kb1.pack_nack(kind, reason, cache.gen, cache.rev))

    def ask(self, snapshot: "Snapshot") -> None:
        """A card waits: the centre answers at once (protocol rule 11), if need be after connecting."""
        self._card_waits = not self._link.is_online()
        if self._card_waits:
            self._link.hurry()
            return
        self._say_hello(snapshot, True)
        self.asking = self._boot.asked

    def service(self, snapshot: "Snapshot") -> None:
        """Send what is due."""
        online = self._link.is_online()
        if online and not self._was_online:
            self._hello_at_ms = snapshot.now_ms
            self._hello_wait_ms = 0
            self._wait_ms = 0
        self._was_online = online
        if not online:
            return
        if self._card_waits:
            self.ask(snapshot)
        if self._hello_left_ms(snapshot.now_ms) <= 0:
            self._say_hello(snapshot, False)
            self._tell_telemetry(snapshot)
        while self._answers:
            self.send(kb1.RESULT, self._answers.pop(0))
        self._send_events(snapshot.now_ms)

    def _hello_left_ms(self, now_ms: int) -> int:
        wait_ms = self._hello_wait_ms
        if self._keyring.unheard and wait_ms > HELLO_UNTRUSTED_MS:
            wait_ms = HELLO_UNTRUSTED_MS
        if self._wants_hello and wait_ms > HELLO_MIN_MS:
            wait_ms = HELLO_MIN_MS
        return wait_ms - ticks_diff(now_ms, self._hello_at_ms)

    def _say_hello(self, snapshot: "Snapshot", asking: bool) -> None:
        boot = self._boot
        cache = self._cache
        trusted = snapshot.wall_is_trusted
        body = kb1.pack_hello(
            kb1.Hello(
                asking or self._keyring.is_rotated,
                trusted,
                boot.ident,
                boot.uptime_s,
                boot.next_nonce(snapshot.now_ms),
                cache.gen,
                cache.rev,
                cache.hash8,
                boot.counter,
                self._journal.instance,
                self._journal.next_seq,
                snapshot.wall_s + EPOCH_2020_S,
            )
        )
        self._hello_at_ms = snapshot.now_ms
        self.send(kb1.HELLO, body)
        self._wants_hello = False
        self._hello_wait_ms = HELLO_UNTRUSTED_MS
        if trusted:
            chance = boot.ident[boot.asked % len(boot.ident)]
            every_ms = HELLO_EVERY_MS + _HELLO_MORE_MS * chance // 255
            self._hello_wait_ms = every_ms * self.stretch

    def _tell_telemetry(self, snapshot: "Snapshot") -> None:
        """Beside HELLO. The position is told only where POS-1 says so, and not here."""
        now_unix_s = snapshot.wall_s + EPOCH_2020_S
        self.send(
            kb1.TELEMETRY,
            kb1.pack_telemetry(now_unix_s, snapshot.battery_mv, snapshot.odometer_m, 0, 0, False),
        )

    def _send_events(self, now_ms: int) -> None:
        journal = self._journal
        if journal.acked_seq != self._acked:
            self._acked = journal.acked_seq
            self._wait_ms = 0
        if self._wait_ms and ticks_diff(now_ms, self._sent_at_ms) < self._wait_ms:
            return
        if journal.backlog() == 0:
            self._wait_ms = 0
            return
        first_seq, events = journal.read_unacked(EVENT_BYTES_MAX)
        if events:
            self.send(kb1.EVENTS, kb1.pack_events(journal.instance, first_seq, events))
            self._sent_at_ms = now_ms
            self._wait_ms = min(self._wait_ms * 2 or FIRST_RETRY_MS, RETRY_MAX_MS)

    def next_ms(self, now_ms: int) -> int:
        """Time until something must be sent."""
        if not self._was_online:
            return FAR_MS
        left_ms = self._hello_left_ms(now_ms)
        if self._wait_ms:
            events_ms = self._wait_ms - ticks_diff(now_ms, self._sent_at_ms)
            if events_ms < left_ms:
                left_ms = events_ms
        return left_ms if left_ms > 0 else 0
