"""Where the centre is and how this car logs in there."""

from firmware.wire import frames
from firmware.wire.packets import Will
from firmware.wire.packets_client import pack_connect

KEEP_ALIVE_S = 240
#: Shorter would cost more than it tells, longer no network's gateway remembers.
KEEP_ALIVE_MIN_S = 10
KEEP_ALIVE_MAX_S = 3600


class Login:
    """Checked once; `car` is the 12 hex digits, also client identifier and user name.

    `presence` is retained on the car's presence topic once it is online, if there is anything to
    say; `will` replaces it when the car goes without a word. ValueError for what cannot work.
    """

    def __init__(
        self,
        host: str,
        port: int,
        car: str,
        password: bytes,
        presence: bytes = b"",
        will: bytes = b"",
        keep_alive_s: int = KEEP_ALIVE_S,
    ) -> None:
        if not 1 <= port <= 65535:
            raise ValueError("port %d; there are 1 to 65535" % port)
        if not KEEP_ALIVE_MIN_S <= keep_alive_s <= KEEP_ALIVE_MAX_S:
            raise ValueError(
                "keep-alive of %d s; %d to %d is allowed"
                % (keep_alive_s, KEEP_ALIVE_MIN_S, KEEP_ALIVE_MAX_S)
            )
        if max(len(presence), len(will)) > frames.FRAME_BYTES_MAX:
            raise ValueError("presence and will have %d bytes at most" % frames.FRAME_BYTES_MAX)
        self.host = host
        self.port = port
        self.presence = presence
        self.keep_alive_s = keep_alive_s
        self.down_topic = frames.down_topic(car)
        self.up_topic = frames.up_topic(car)
        self.presence_topic = frames.presence_topic(car)
        parting = Will(self.presence_topic, will, 1, True)
        #: The CONNECT packet, always of a clean session.
        self.connect = pack_connect(car, keep_alive_s, car, password, parting)
