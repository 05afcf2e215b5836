"""One MQTT 3.1.1 session of the car: its packets, and the deadlines of their answers.

It publishes with QoS 1 to the car's own topics and takes what comes on its own down topic and is
not retained. The session is clean and nothing is sent twice: kb/1 acknowledges for itself, a
PUBACK only shows that the server lives.
"""

from firmware.outgoing import PacketIds, SendBuffer
from firmware.ticks import ticks_add, ticks_diff
from firmware.wire import packets
from firmware.wire.frames import FRAME_BYTES_MAX
from firmware.wire.network_codes import CLOSED
from firmware.wire.packets import MqttError, Publish, pack_puback, pack_publish
from firmware.wire.packets_client import (
    SUBSCRIPTION_REFUSED,
    ClientDecoder,
    Connack,
    Suback,
    pack_disconnect,
    pack_pingreq,
    pack_subscribe,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.login import Login
    from firmware.wire.packets import Packet
    from hal.api import Network

# Why a session came to its end.
NOT_ENDED = 0
#: The network's doing; its `trouble` says what.
END_NETWORK = 1
#: No answer in time.
END_SILENT = 2
#: What came was not MQTT 3.1.1, or out of order.
END_PROTOCOL = 3
#: The centre is busy (CONNACK 3).
END_BUSY = 4
#: The centre does not take this car: identity, password or topic.
END_LOGIN_REFUSED = 5
#: The server sends but does not read.
END_UNREAD = 6
#: The car's own doing: it was made without the dates of the certificate, and now knows the date.
END_UNDATED = 7

#: From opening the stream to SUBACK.
CONNECT_WITHIN_MS = 30000
#: For the answer to a PINGREQ, and for the next PUBACK while any is missing.
ANSWER_WITHIN_MS = 30000

#: Frames that the program did not take yet; the oldest stay, those beyond are dropped.
QUEUE_FRAMES_MAX = 8
#: Two frames and their headers.
SEND_BYTES_MAX = 2304
#: Packets that wait for their acknowledgement; no more is published.
UNACKNOWLEDGED_MAX = 16
READ_BYTES = 512
#: Reads in one poll, so that a turn stays short.
READS_MAX = 8
#: A frame, its topic of 22 bytes and the headers, with room to spare.
PACKET_BYTES_MAX = FRAME_BYTES_MAX + 64


class MqttSession:
    """Used for one session after the other: `begin`, `poll` until `ended_by` says why, `close`."""

    def __init__(self, network: "Network", login: "Login") -> None:
        #: SUBACK came, the session has not ended.
        self.is_online = False
        self.ended_by = NOT_ENDED
        #: Frames that came, oldest first; they outlive the session.
        self.queue: "list[bytes]" = []
        #: Frames that found the queue full.
        self.dropped = 0
        #: Messages that are not for this car: another topic, retained, longer than a frame.
        self.strange = 0
        self._network = network
        self._login = login
        self._ping_after_ms = login.keep_alive_s * 750
        self._outgoing = SendBuffer(SEND_BYTES_MAX)
        self._ids = PacketIds(UNACKNOWLEDGED_MAX)
        self._buffer = bytearray(READ_BYTES)
        self._decoder = ClientDecoder(PACKET_BYTES_MAX)
        self._subscribe_id = 0  # while SUBACK is missing
        self._is_greeted = False  # CONNACK came
        self._is_pinging = False
        self._has_more = False  # the last poll left bytes unread
        self._now_ms = 0
        self._answer_by_ms = 0  # SUBACK, later PINGRESP
        self._ack_by_ms = 0
        self._sent_at_ms = 0
        self._heard_at_ms = 0

    def begin(self, now_ms: int, checks_dates: bool) -> None:
        """Open the stream and say CONNECT on it."""
        self._now_ms = now_ms
        self.ended_by = NOT_ENDED
        self._decoder = ClientDecoder(PACKET_BYTES_MAX)
        self._answer_by_ms = ticks_add(now_ms, CONNECT_WITHIN_MS)
        self._outgoing.put(self._login.connect)
        self._network.open(self._login.host, self._login.port, checks_dates)

    def poll(self, now_ms: int) -> None:
        """Take what came, send what waits, see whether the server still answers."""
        self._now_ms = now_ms
        self._network.poll(now_ms)
        self._read()
        if self.ended_by == NOT_ENDED:
            self._flush()
        if self.ended_by == NOT_ENDED and self._network.state == CLOSED:
            self._end(END_NETWORK)
        if self.ended_by == NOT_ENDED:
            self._watch()

    def left_ms(self) -> int:
        """Time until `poll` must be called at the latest."""
        if self._has_more or self._network.state == CLOSED:
            return 0
        left = ticks_diff(self._network.next_due_at_ms, self._now_ms)
        if self._is_pinging or not self.is_online:
            left = min(left, ticks_diff(self._answer_by_ms, self._now_ms))
        else:
            left = min(left, self._ping_left_ms())
        if self.is_online and self._ids.count:
            left = min(left, ticks_diff(self._ack_by_ms, self._now_ms))
        return max(left, 0)

    def publish(self, topic: str, payload: bytes, retain: bool) -> bool:
        """False when there is no room or too much is unacknowledged."""
        packet_id = self._ids.take()
        if packet_id == 0:
            return False
        if not self._outgoing.put(pack_publish(topic, payload, 1, retain, packet_id)):
            self._ids.give_back(packet_id)
            return False
        if self._ids.count == 1:
            self._ack_by_ms = ticks_add(self._now_ms, ANSWER_WITHIN_MS)
        self._flush()
        return True

    def close(self) -> None:
        """Forget the session and let go of the stream."""
        self._network.close()
        self._outgoing.clear()
        self._ids.clear()
        self._subscribe_id = 0
        self.is_online = self._is_greeted = self._is_pinging = self._has_more = False

    def leave(self) -> None:
        """Close after a DISCONNECT, so that the will is not published."""
        if self._is_greeted and self._outgoing.put(pack_disconnect()):
            self._flush()
        self.close()

    def _end(self, reason: int) -> None:
        if self.ended_by == NOT_ENDED:
            self.ended_by = reason
        self.is_online = False

    def _watch(self) -> None:
        """End a session that is silent; ask before it is."""
        now_ms = self._now_ms
        if self._is_pinging or not self.is_online:
            if ticks_diff(now_ms, self._answer_by_ms) >= 0:
                self._end(END_SILENT)
        elif self._ping_left_ms() <= 0:
            self._is_pinging = True
            self._answer_by_ms = ticks_add(now_ms, ANSWER_WITHIN_MS)
            self._must_put(pack_pingreq())
            self._flush()
        if self.is_online and self._ids.count and ticks_diff(now_ms, self._ack_by_ms) >= 0:
            self._end(END_SILENT)

    def _ping_left_ms(self) -> int:
        """Time until one side has been silent for too long."""
        not_sent_ms = ticks_diff(self._now_ms, self._sent_at_ms)
        not_heard_ms = ticks_diff(self._now_ms, self._heard_at_ms)
        return self._ping_after_ms - max(not_sent_ms, not_heard_ms)

    def _read(self) -> None:
        for _ in range(READS_MAX):
            count = self._network.readinto(self._buffer)
            self._has_more = count > 0
            if count == 0:
                return
            try:
                self._decode(count)
            except MqttError:
                self._end(END_PROTOCOL)
            if self.ended_by != NOT_ENDED:
                return

    def _decode(self, count: int) -> None:
        self._decoder.feed(memoryview(self._buffer)[:count])
        while self.ended_by == NOT_ENDED:
            packet = self._decoder.next()
            if packet is None:
                return
            self._heard_at_ms = self._now_ms
            if self.is_online:
                self._is_pinging = False
            self._take(packet)

    def _take(self, packet: "Packet") -> None:
        if isinstance(packet, Connack) == self._is_greeted:
            raise MqttError("packet of kind %d out of order" % packet.kind)
        if isinstance(packet, Connack):
            self._take_connack(packet)
        elif isinstance(packet, Suback):
            self._take_suback(packet)
        elif isinstance(packet, Publish):
            self._take_publish(packet)
        elif isinstance(packet, packets.Ack):
            self._take_ack(packet)

    def _take_connack(self, packet: Connack) -> None:
        code = packet.code
        if packet.session_present or code > packets.NOT_AUTHORISED:
            raise MqttError("CONNACK with code %d, session %d" % (code, packet.session_present))
        if code == packets.SERVER_UNAVAILABLE:
            self._end(END_BUSY)
        elif code != packets.ACCEPTED:
            self._end(END_LOGIN_REFUSED)
        else:
            self._is_greeted = True
            self._subscribe_id = self._ids.take()
            self._must_put(pack_subscribe(self._subscribe_id, [(self._login.down_topic, 1)]))

    def _take_suback(self, packet: Suback) -> None:
        code = packet.codes[0]
        if packet.packet_id != self._subscribe_id or len(packet.codes) != 1 or code == 2:
            raise MqttError("SUBACK %d with %r" % (packet.packet_id, packet.codes))
        self._ids.give_back(self._subscribe_id)
        self._subscribe_id = 0
        if code == SUBSCRIPTION_REFUSED:
            self._end(END_LOGIN_REFUSED)
            return
        self.is_online = True
        if self._login.presence:
            self.publish(self._login.presence_topic, self._login.presence, True)

    def _take_publish(self, packet: Publish) -> None:
        payload = packet.payload
        if (
            packet.topic != self._login.down_topic
            or packet.retain
            or len(payload) > FRAME_BYTES_MAX
        ):
            self.strange += 1
        elif len(self.queue) >= QUEUE_FRAMES_MAX:
            self.dropped += 1
        else:
            self.queue.append(payload)
        if packet.qos:
            self._must_put(pack_puback(packet.packet_id))

    def _take_ack(self, packet: packets.Ack) -> None:
        if packet.kind != packets.PUBACK or packet.packet_id == self._subscribe_id:
            raise MqttError("packet of kind %d out of order" % packet.kind)
        if self._ids.give_back(packet.packet_id):
            self._ack_by_ms = ticks_add(self._now_ms, ANSWER_WITHIN_MS)

    def _must_put(self, packet: bytes) -> None:
        """What MQTT demands of us: without room for it the session ends."""
        if self._outgoing.put(packet):
            return
        self._flush()
        if not self._outgoing.put(packet):
            self._end(END_UNREAD)

    def _flush(self) -> None:
        if self._outgoing.flush(self._network):
            self._sent_at_ms = self._now_ms
