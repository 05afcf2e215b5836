"""Both decoders at hand: bytes in, all packets out, in the pieces that the test wants."""

from firmware.wire.packet_decoder import Decoder
from firmware.wire.packets import MqttError, Packet
from firmware.wire.packets_client import ClientDecoder
from firmware.wire.packets_endpoint import EndpointDecoder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_BYTES = 1100


def drain(decoder: Decoder) -> "list[Packet]":
    """All packets that are whole."""
    found: "list[Packet]" = []
    while True:
        packet = decoder.next()
        if packet is None:
            return found
        found.append(packet)


def read_by(decoder: Decoder, data: "bytes | bytearray", piece_bytes: int = 0) -> "list[Packet]":
    """All packets of a stream that came in pieces of that size; 0 = at once."""
    found: "list[Packet]" = []
    step = piece_bytes or len(data)
    for at in range(0, len(data), step):
        decoder.feed(data[at : at + step])
        found.extend(drain(decoder))
    return found


def of_client(data: bytes) -> "list[Packet]":
    """What an endpoint reads."""
    return read_by(EndpointDecoder(LIMIT_BYTES), data)


def of_endpoint(data: bytes) -> "list[Packet]":
    """What a client reads."""
    return read_by(ClientDecoder(LIMIT_BYTES), data)


def fault(read: "Callable[[bytes], list[Packet]]", data: bytes) -> "MqttError | None":
    """The error that reading ends with; None when it ends well."""
    try:
        read(data)
    except MqttError as error:
        return error
    return None
