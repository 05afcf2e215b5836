"""The daemon's end of a broker, as far as a car's link can tell."""

import queue
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from firmware.wire.frames import down_topic, presence_topic, up_topic
from tests.fleetd.mqtt.certificates import HOST
from tests.fleetd.mqtt.mosquitto import DAEMON, Mosquitto

CAR = "4b4700000001"
PASSWORDS = {CAR: "hardly guessed", DAEMON: "nor this"}
WITHIN_S = 40


class Daemon:
    """The other end, by paho as well; what it heard is in `heard`."""

    def __init__(self, broker: Mosquitto) -> None:
        self.heard = heard = queue.Queue[tuple[str, bytes]]()
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=DAEMON)
        client.username_pw_set(DAEMON, PASSWORDS[DAEMON])
        client.tls_set_context(broker.authority.client_context())

        def hear(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
            if not message.retain:  # what was kept from before tells nothing of now
                heard.put((message.topic, bytes(message.payload)))

        client.on_message = hear
        subscribed = threading.Event()
        client.on_subscribe = lambda *_: subscribed.set()
        client.connect(HOST, broker.port)
        client.loop_start()
        client.subscribe([(up_topic(CAR), 1), (presence_topic(CAR), 1)])
        assert subscribed.wait(WITHIN_S)
        self.client = client

    def next(self) -> tuple[str, bytes]:
        return self.heard.get(timeout=WITHIN_S)

    def say(self, payload: bytes, retain: bool = False) -> None:
        told = self.client.publish(down_topic(CAR), payload, qos=1, retain=retain)
        told.wait_for_publish(WITHIN_S)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
