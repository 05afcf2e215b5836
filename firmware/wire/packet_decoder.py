"""The decoder of MQTT 3.1.1 packets, as far as both sides share it."""

from firmware.wire.packets import (
    PUBACK,
    PUBLISH,
    QOS_MAX,
    SUBSCRIBE,
    UNSUBACK,
    UNSUBSCRIBE,
    Ack,
    MqttError,
    Packet,
    Publish,
    check_topic,
)

_LENGTH_SHIFT_END = 28
_DUP = 8


class Fields:
    """Reads the fields of a packet's body one after another; MqttError when it ends too soon."""

    def __init__(self, body: bytearray) -> None:
        self._body = body
        self._at = 0

    def u8(self) -> int:
        return self._take(1)[0]

    def u16(self) -> int:
        taken = self._take(2)
        return taken[0] << 8 | taken[1]

    def packet_id(self) -> int:
        """An identifier of a packet, never 0 [MQTT-2.3.1-1]."""
        packet_id = self.u16()
        if packet_id == 0:
            raise MqttError("packet identifier 0")
        return packet_id

    def data(self) -> bytes:
        """Bytes behind their length."""
        return bytes(self._take(self.u16()))

    def text(self) -> str:
        """A string [MQTT-1.5.3]."""
        return _text_of(self.data())

    def rest(self) -> bytes:
        """All bytes that are left."""
        return bytes(self._take(len(self._body) - self._at))

    def more(self) -> bool:
        return self._at < len(self._body)

    def end(self) -> None:
        """MqttError when bytes are left."""
        if self.more():
            raise MqttError("%d bytes too many" % (len(self._body) - self._at))

    def _take(self, length: int) -> memoryview:
        if self._at + length > len(self._body):
            raise MqttError("packet ends inside a field")
        taken = memoryview(self._body)[self._at : self._at + length]
        self._at += length
        return taken


class Decoder:
    """Bytes in, packets out; holds one packet of at most `limit_bytes` and what was fed last.

    Call `next` until it gives None after each `feed`. After a MqttError only that error comes.
    """

    #: Kinds of packets that this side may be sent.
    KINDS: "tuple[int, ...]" = ()

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._error: "MqttError | None" = None
        self._input: "bytes | bytearray | memoryview" = b""
        self._at = 0
        self._first = -1
        self._length = 0
        self._shift = 0
        self._body: "bytearray | None" = None
        self._filled = 0

    def feed(self, data: "bytes | bytearray | memoryview") -> None:
        """Bytes as they came; kept, not copied, until `next` has gone through them."""
        if self._error is not None:
            return
        left = len(self._input) - self._at
        if left > self._limit_bytes:
            raise ValueError("fed again with %d bytes not gone through by next()" % left)
        self._input = bytes(self._input[self._at :]) + bytes(data) if left else data
        self._at = 0

    def next(self) -> "Packet | None":
        """The next whole packet, None when more bytes are needed."""
        if self._error is not None:
            raise MqttError(str(self._error), self._error.code)
        try:
            return self._next()
        except MqttError as error:
            self._error = MqttError(str(error), error.code)
            self._input, self._at, self._body = b"", 0, None
            raise

    def parse(self, kind: int, flags: int, fields: Fields) -> Packet:
        """The packet of one of KINDS from its body."""
        if kind == PUBLISH:
            return _parse_publish(flags, fields)
        if kind in (PUBACK, UNSUBACK):
            return Ack(kind, fields.packet_id())
        return Packet(kind)

    def _next(self) -> "Packet | None":
        while self._at < len(self._input):
            if self._body is None:
                self._take_header(self._input[self._at])
                self._at += 1
            else:
                self._fill(self._body)
            if self._body is not None and self._filled == len(self._body):
                return self._finish(self._body)
        self._input, self._at = b"", 0
        return None

    def _take_header(self, byte: int) -> None:
        if self._first < 0:
            _check_first(byte, self.KINDS)
            self._first, self._length, self._shift = byte, 0, 0
            return
        self._length |= (byte & 0x7F) << self._shift
        self._shift += 7
        if byte & 0x80:
            if self._shift == _LENGTH_SHIFT_END:
                raise MqttError("length of more than four bytes")
            return
        whole_bytes = 1 + self._shift // 7 + self._length
        if whole_bytes > self._limit_bytes:
            raise MqttError("packet of %d bytes, %d at most" % (whole_bytes, self._limit_bytes))
        self._body, self._filled = bytearray(self._length), 0

    def _fill(self, body: bytearray) -> None:
        count = min(len(body) - self._filled, len(self._input) - self._at)
        body[self._filled : self._filled + count] = self._input[self._at : self._at + count]
        self._filled += count
        self._at += count

    def _finish(self, body: bytearray) -> Packet:
        first = self._first
        self._first, self._body = -1, None
        fields = Fields(body)
        packet = self.parse(first >> 4, first & 0x0F, fields)
        fields.end()
        return packet


def _is_well_formed(data: bytes) -> bool:
    """Is it UTF-8 of the standard's kind? MicroPython alone lets surrogates and long forms by."""
    for i in range(len(data) - 1):
        first, second = data[i], data[i + 1]
        if (
            first in (0xC0, 0xC1)
            or first > 0xF4
            or (first == 0xE0 and second < 0xA0)
            or (first == 0xED and second > 0x9F)
            or (first == 0xF0 and second < 0x90)
            or (first == 0xF4 and second > 0x8F)
        ):
            return False
    return True


def _text_of(data: bytes) -> str:
    try:
        text = str(data, "utf-8")
    except UnicodeError:
        raise MqttError("a string is not UTF-8") from None
    if "\0" in text or not _is_well_formed(data):
        raise MqttError("a string holds what none may hold")
    return text


def _check_first(byte: int, kinds: "tuple[int, ...]") -> None:
    kind, flags = byte >> 4, byte & 0x0F
    if kind not in kinds:
        raise MqttError("packet of kind %d" % kind)
    if kind == PUBLISH:
        qos = flags >> 1 & 3
        if qos > QOS_MAX or (qos == 0 and flags & _DUP):
            raise MqttError("PUBLISH with flags %d" % flags)
    elif flags != (2 if kind in (SUBSCRIBE, UNSUBSCRIBE) else 0):
        raise MqttError("packet of kind %d with flags %d" % (kind, flags))


def _parse_publish(flags: int, fields: Fields) -> Publish:
    qos = flags >> 1 & 3
    topic = fields.text()
    try:
        check_topic(topic)
    except ValueError as error:
        raise MqttError(str(error)) from None
    packet_id = fields.packet_id() if qos else 0
    return Publish(topic, fields.rest(), qos, bool(flags & 1), bool(flags & _DUP), packet_id)
