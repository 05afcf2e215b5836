"""One MQTT session by paho-mqtt, from its start to its end, in threads of its own.

What a session is follows `firmware.mqtt_session`: clean, QoS 1 both ways, one topic down, presence
retained once the subscription holds, a will in its place.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from firmware.wire.frames import FRAME_BYTES_MAX, down_topic, presence_topic, up_topic
from hal import socket_dialect

#: Frames whose acknowledgement is missing; no more is published.
UNACKNOWLEDGED_MAX = 16
#: From opening the stream to SUBACK.
CONNECT_WITHIN_S = 30
#: For the acknowledgements of a car that is to rest, and then for the broker's end of the stream.
CLOSES_WITHIN_S = 5


class PahoAccount:
    """Who logs in where; `ca_der` empty: without TLS, for the own machine or a tunnel only."""

    def __init__(
        self, host: str, port: int, car: str, password: bytes, presence: bytes, will: bytes
    ) -> None:
        self.host = host
        self.port = port
        self.car = car
        self.password = password
        self.presence = presence
        self.will = will
        self.keep_alive_s = 240
        self.ca_der = b""
        self.server_name = host


class PahoSession:
    """`hears` gets each frame, `wakes` is called at each change; both from paho's thread."""

    def __init__(
        self,
        account: PahoAccount,
        hears: Callable[[bytes], None],
        wakes: Callable[[], None],
        checks_dates: bool,
    ) -> None:
        self.is_online = False
        self.is_over = False
        #: The centre is busy, or does not take this car.
        self.was_turned_away = False
        #: Why it ended, in paho's words.
        self.detail = ""
        #: Messages that are not for this car.
        self.strange = 0
        self.checks_dates = checks_dates
        #: It ends, and nothing is said about it.
        self.is_leaving = False
        self._account = account
        self._hears = hears
        self._wakes = wakes
        self._down = down_topic(account.car)
        self._up = up_topic(account.car)
        self._presence = presence_topic(account.car)
        self._unacknowledged = 0
        self._lock = threading.Lock()
        self._has_ended = threading.Event()
        self._is_subscribed = threading.Event()
        self._is_acknowledged = threading.Event()
        self._is_cut = threading.Event()
        self._context: Any = None
        self._client = self._make_client()
        self._thread = threading.Thread(target=self._run, name="centre", daemon=True)
        self._thread.start()

    def publish(self, frame: bytes) -> bool:
        with self._lock:
            if self._unacknowledged >= UNACKNOWLEDGED_MAX:
                return False
        return self._publish(self._up, frame, False)

    def stop(self) -> None:
        """A DISCONNECT, so that the will is not published."""
        if not self.is_leaving:
            self._client.disconnect()
        self._has_ended.set()

    def go_away(self) -> None:
        """End it without a word, so that the will tells the centre who is gone (`firmware.link`).

        Who says it and takes leave may be heard twice: a stream that is closed with an
        acknowledgement unread breaks, and a broker that does not get to the DISCONNECT says the will.
        """
        self.is_leaving = True
        self.is_online = False
        self._end("it rests")

    def join(self) -> None:
        self._thread.join(CONNECT_WITHIN_S)

    def _make_client(self) -> mqtt.Client:
        account = self._account
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=account.car,
            clean_session=True,
            reconnect_on_failure=False,
        )
        client.username_pw_set(account.car, account.password.decode())
        client.will_set(self._presence, account.will, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        if account.ca_der:
            self._context = _context(account, self.checks_dates)
            client.tls_set_context(self._context)
        return client

    def _run(self) -> None:
        client, account = self._client, self._account
        try:
            client.connect(account.host, account.port, account.keep_alive_s)
            client.loop_start()
            if not self._is_subscribed.wait(CONNECT_WITHIN_S):
                self._end("no answer in time")
            self._has_ended.wait()
            if self.is_leaving:
                self._fall_silent()
            client.disconnect()
            client.loop_stop()
        except Exception as error:  # noqa: BLE001 - a thread that dies must be seen to
            self._end(str(error).strip() or type(error).__name__)
            if self._context is not None:
                self._context.close()  # paho forgets the stream whose handshake failed
        # So that nothing but this object holds it, and its descriptors go with it.
        client.on_connect = client.on_subscribe = client.on_disconnect = None
        client.on_publish = client.on_message = None
        self.is_online = False
        self.is_over = True
        self._wakes()

    def _fall_silent(self) -> None:
        """Below TLS: what was sent arrives, and then the broker sees a line that is gone."""
        if self._unacknowledged:
            self._is_acknowledged.wait(CLOSES_WITHIN_S)
        stream: Any = self._client.socket()
        for direction in (socket.SHUT_WR, socket.SHUT_RDWR):
            if stream is None or self._is_cut.wait(0):
                return
            with contextlib.suppress(OSError):
                socket.socket.shutdown(stream, direction)
            self._is_cut.wait(CLOSES_WITHIN_S)

    def _end(self, detail: str) -> None:
        self.detail = self.detail or detail
        self._has_ended.set()
        self._is_subscribed.set()

    def _publish(self, topic: str, payload: bytes, retain: bool) -> bool:
        with self._lock:
            self._unacknowledged += 1
            self._is_acknowledged.clear()
        told = self._client.publish(topic, payload, qos=1, retain=retain)
        if told.rc == mqtt.MQTT_ERR_SUCCESS:
            return True
        with self._lock:
            self._unacknowledged -= 1
        return False

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, code: Any, *_: Any) -> None:
        if code.is_failure:
            self.was_turned_away = True
            self._end(str(code))
        else:
            client.subscribe(self._down, qos=1)

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, codes: Any, *_: Any) -> None:
        if codes[0].is_failure:
            self.was_turned_away = True
            self._end(str(codes[0]))
            return
        if self.is_leaving:
            return
        if self._account.presence:
            self._publish(self._presence, self._account.presence, True)
        self.is_online = True
        self._is_subscribed.set()
        self._wakes()

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, code: Any, *_: Any) -> None:
        self._is_cut.set()
        self._is_acknowledged.set()
        self._end(str(code))

    def _on_publish(self, *_: Any) -> None:
        with self._lock:
            self._unacknowledged -= 1
            if not self._unacknowledged:
                self._is_acknowledged.set()

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        is_ours = message.topic == self._down and not message.retain
        if not is_ours or len(message.payload) > FRAME_BYTES_MAX:
            self.strange += 1
            return
        self._hears(bytes(message.payload))
        self._wakes()


class _NamedContext:
    """A TLS context that looks for this name, whatever address the stream goes to."""

    check_hostname = True

    def __init__(self, context: ssl.SSLContext, server_name: str) -> None:
        self._context = context
        self._server_name = server_name
        self._secured: ssl.SSLSocket | None = None

    def wrap_socket(self, raw: Any, server_hostname: str = "", **more: Any) -> ssl.SSLSocket:
        self._secured = self._context.wrap_socket(
            raw, server_hostname=self._server_name or server_hostname, **more
        )
        return self._secured

    def close(self) -> None:
        if self._secured is not None:
            self._secured.close()


def _context(account: PahoAccount, checks_dates: bool) -> Any:  # paho wants an SSLContext
    """Our CA and name always; the dates only by somebody who knows the date."""
    make = socket_dialect.make_context if checks_dates else socket_dialect.make_undated_context
    return _NamedContext(make(account.ca_der), account.server_name)
