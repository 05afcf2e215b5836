"""The cars' line by way of an MQTT broker: topics and presence, as docs/protocol.md has them."""

from __future__ import annotations

import logging
import sqlite3

from firmware.wire import frames
from fleetd.mqtt.admission import is_car
from fleetd.mqtt.broker_link import Account, BrokerLink
from fleetd.service import Fleet

#: Frames; and presence shard by shard, so that the retained news of a big fleet come in portions.
TOPICS = ("kb/1/u/+/+", *(f"kb/1/s/{shard:02x}/+" for shard in range(256)))
ONLINE = 1

log = logging.getLogger(__name__)


class Broker:
    """Everything here runs in the event loop. While the broker is away, every car is."""

    def __init__(self, fleet: Fleet, account: Account, name: str) -> None:
        self.name = name
        #: Why there is no connection; empty while there is one.
        self.trouble = "not connected yet"
        self._fleet = fleet
        self._online: set[str] = set()
        #: Cars that have written to topics which are not theirs; each is told once.
        self._strays: set[str] = set()
        self._link = BrokerLink(account, TOPICS, self)

    def start(self) -> None:
        """Returns at once; the broker may come later."""
        self._note(self.trouble)
        self._link.start()

    async def stop(self) -> None:
        await self._link.stop()

    def send(self, car: str, frame: bytes) -> bool:
        """False when it cannot leave; kb/1 sends again what matters."""
        is_sent = self._link.publish(frames.down_topic(car), frame)
        if not is_sent:
            self._fleet.counts["broker_unsent"] += 1
        return is_sent

    # --- what the link tells

    def ready(self) -> None:
        log.warning("broker %s: connected", self.name)
        self._note("")

    def lost(self, trouble: str) -> None:
        for car in sorted(self._online):
            self._fleet.disconnected(car)
        self._online.clear()
        if trouble != self.trouble:
            log.warning("broker %s: %s; trying again", self.name, trouble)
            self._note(trouble)

    def message(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """A frame or news of a car. What no car of ours may have said is counted."""
        car = topic.rpartition("/")[2]
        if not is_car(car) or topic not in (frames.up_topic(car), frames.presence_topic(car)):
            self._fleet.counts["broker_topic_senseless"] += 1
            self._note_stray(car, topic)
        elif not self._fleet.knows(car):
            self._fleet.counts["broker_car_unknown"] += 1
        elif topic == frames.presence_topic(car):
            self._hear_presence(car, payload, retained=retained)
        elif retained:
            self._fleet.counts["broker_frame_retained"] += 1
        elif len(payload) > frames.FRAME_BYTES_MAX:
            self._fleet.counts["broker_frame_too_large"] += 1
        else:
            self._hear_frame(car, payload)

    def _hear_frame(self, car: str, frame: bytes) -> None:
        """Who speaks is there, whether the news of its coming was first or not."""
        is_news = car not in self._online
        if is_news:
            self._come(car)
        self._fleet.receive(car, frame)
        if is_news:
            self._prompt(car)  # nothing, if that was its HELLO

    def _hear_presence(self, car: str, payload: bytes, *, retained: bool) -> None:
        """Retained: it came before us, and need not know that we were away."""
        if payload[:1] in (b"", b"\x00"):
            self._online.discard(car)
            self._fleet.disconnected(car)
        elif payload[0] != ONLINE:
            self._fleet.counts["broker_presence_senseless"] += 1
        elif car not in self._online:
            self._come(car)
            if retained:
                self._prompt(car)

    def _come(self, car: str) -> None:
        self._online.add(car)
        self._fleet.connected(car)

    def _note_stray(self, car: str, topic: str) -> None:
        """The access list holds a car to its own name, and not to its shard."""
        is_line = topic.startswith(("kb/1/u/", "kb/1/s/"))
        if car in self._strays or not (is_line and is_car(car) and self._fleet.knows(car)):
            return
        try:
            self._fleet.note_foreign_topic(car, topic)
            self._strays.add(car)
        except sqlite3.Error:
            self._fleet.counts["database_failed"] += 1  # and once more with its next message

    def _prompt(self, car: str) -> None:
        try:
            self._fleet.prompt(car)
        except sqlite3.Error:
            self._fleet.counts["database_failed"] += 1  # its next HELLO comes without us

    def _note(self, trouble: str) -> None:
        """For `status`, which is another process."""
        self.trouble = trouble
        try:
            self._fleet.note_line(f"broker {self.name}", trouble)
        except sqlite3.Error as error:
            log.error("status of the broker: the database failed: %s", error)  # noqa: TRY400
