"""A thread that keeps the daemon connected with an MQTT broker; the event loop never waits for it.

Each connection is a client of its own, so that what could not leave is never sent late. What comes
is handed to the loop through a bounded room: when it is full, the broker is read on later.
"""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

CLIENT = "fleetd"
KEEP_ALIVE_S = 30
#: How long a broker may take to let us in.
ANSWER_S = 10.0
RETRY_S = 1.0
RETRY_S_MAX = 60.0
#: Messages between the thread and the loop; frames for a broker that is slow to acknowledge.
ROOM = 256
WAITING_MAX = 1000
FAREWELL_S = 2.0
#: MQTT's own names for a refusal are told; for these two there is something to say.
_WRONG_LOGIN = ("Bad user name or password", "Not authorized")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """Where the broker is, and who we are there."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"Account(host={self.host!r}, port={self.port}, user={self.user!r})"


class Ears(Protocol):
    """Called in the event loop."""

    def ready(self) -> None:
        """The broker lets us read the first of the topics, and write."""

    def lost(self, trouble: str) -> None:
        """There is no connection, and why; told at each try."""

    def message(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Acknowledged when this returns; when it raises, the connection ends instead."""


class BrokerLink:
    """From `start` to `stop` there is a connection, or the next try. There is a topic at least."""

    def __init__(self, account: Account, topics: tuple[str, ...], ears: Ears) -> None:
        self._account = account
        self._topics = topics
        self._ears = ears
        self._room = threading.Semaphore(ROOM)
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        #: The loop's: None while there is no connection.
        self._joined: paho.Client | None = None
        self._granted = 0

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """With a goodbye, if the broker takes it."""
        self._stopping.set()
        if self._joined is not None:
            self._joined.disconnect()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, FAREWELL_S)

    def publish(self, topic: str, payload: bytes) -> bool:
        """QoS 1, not retained. False when there is no connection, or too much waits already."""
        if self._joined is None:
            return False
        try:
            return self._joined.publish(topic, payload, 1).rc == paho.MQTT_ERR_SUCCESS
        except (OSError, ValueError):
            return False  # it broke just now

    # --- in the thread

    def _run(self) -> None:
        wait_s = RETRY_S
        while not self._stopping.is_set():
            session = _Session(self)
            trouble = session.live(self._account)
            if self._stopping.is_set():
                return
            wait_s = RETRY_S if session.was_ready else min(2 * wait_s, RETRY_S_MAX)
            self.in_loop(self._note_lost, trouble)
            # Several daemons need not come back at the same moment.
            self._stopping.wait(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    def in_loop(self, function: Callable[..., None], *values: Any) -> None:
        """For the session."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(function, *values)
        except RuntimeError:
            self._stopping.set()  # the loop is closed, and so is the daemon

    def has_room(self) -> bool:
        """Wait for room; False when the daemon stops."""
        while not self._room.acquire(timeout=0.1):
            if self._stopping.is_set():
                return False
        return True

    # --- in the loop

    def note_joined(self, client: paho.Client) -> None:
        self._joined = client
        self._granted = 0
        client.subscribe(self._topics[0], 1)

    def note_granted(self, client: paho.Client) -> None:
        """One after the other: a broker drops retained messages beyond what it may queue.

        What came with the topic before has been taken and acknowledged by now.
        """
        if client is not self._joined:
            return
        self._granted += 1
        if self._granted < len(self._topics):
            client.subscribe(self._topics[self._granted], 1)
        if self._granted == 1:
            self._ears.ready()

    def _note_lost(self, trouble: str) -> None:
        self._joined = None
        self._ears.lost(trouble)

    def take(
        self, client: paho.Client, number: int, quality: int, topic: str, payload: bytes,
        retained: bool,
    ) -> None:  # fmt: skip
        """One message; the acknowledgement goes to the connection that it came by."""
        try:
            self._ears.message(topic, payload, retained=retained)
        except Exception:
            log.exception("a message of the broker could not be taken")
            client.disconnect()
        else:
            if quality:
                client.ack(number, quality)
        finally:
            self._room.release()


class _TidySocket(ssl.SSLSocket):
    """paho forgets a socket whose handshake fails."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


class _Session:
    """One connection with paho's own thread; callbacks run there."""

    def __init__(self, link: BrokerLink) -> None:
        self.was_ready = False
        self._link = link
        self._trouble = ""
        self._answered = threading.Event()
        self._ended = threading.Event()

    def live(self, account: Account) -> str:
        """Until it ends; why."""
        client = self._client(account)
        try:
            client.connect(account.host, account.port, KEEP_ALIVE_S)
        except (OSError, UnicodeError) as error:
            return _explain(error, account)
        client.loop_start()
        try:
            if not self._answered.wait(ANSWER_S):
                return "does not answer; is it an MQTT broker?"
            while not self._ended.wait(1.0):
                if not client.is_connected() and not self._ended.wait(1.0):
                    break
        finally:
            client.disconnect()
            client.loop_stop()
        if self._trouble:
            return self._trouble
        if self.was_ready:
            return "the connection was lost"
        hint = "wants it TLS (--broker-ca)" if account.tls is None else "wants it no TLS"
        return f"closed the connection before it answered; {hint}?"

    def _client(self, account: Account) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=account.user or CLIENT,
            clean_session=True,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.max_queued_messages_set(WAITING_MAX)
        if account.user:
            client.username_pw_set(account.user, account.password)
        if account.tls is not None:
            account.tls.sslsocket_class = _TidySocket
            client.tls_set_context(account.tls)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _on_connect(self, client: paho.Client, *news: Any) -> None:
        code: ReasonCode = news[2]
        if code.is_failure:
            wrong = "the user name or password is wrong" if str(code) in _WRONG_LOGIN else str(code)
            self._end(f"does not let us in: {wrong}")
        else:
            self._link.in_loop(self._link.note_joined, client)

    def _on_subscribe(self, client: paho.Client, *news: Any) -> None:
        codes: list[ReasonCode] = news[2]
        if any(code.is_failure for code in codes):
            self._end("does not let us read the cars' topics; see fleetd/deploy/mosquitto.acl")
            client.disconnect()
            return
        self.was_ready = True
        self._answered.set()
        self._link.in_loop(self._link.note_granted, client)

    def _on_message(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        if self._link.has_room():
            self._link.in_loop(
                self._link.take, client, message.mid, message.qos, topic,
                bytes(message.payload), message.retain,
            )  # fmt: skip

    def _on_disconnect(self, *_: Any) -> None:
        self._end("")

    def _end(self, trouble: str) -> None:
        self._trouble = self._trouble or trouble
        self._ended.set()
        self._answered.set()


def _explain(error: Exception, account: Account) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted ({error.verify_message}); check --broker-ca"
    if isinstance(error, ssl.SSLError):
        return f"no TLS with it ({error.reason or error.strerror}); check port and certificates"
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"there is no host {account.host}"
    if isinstance(error, TimeoutError):
        return "does not answer"
    return f"{getattr(error, 'strerror', None) or error}; is it running?"
