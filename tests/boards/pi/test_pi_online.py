"""The box of a Raspberry Pi through a real broker with TLS, with its own link and with paho's."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.wire import frames, kb1
from firmware.wire.frames import presence_topic, up_topic
from tests.boards.pi.box_process import IDENT, BoxProcess, fill_copy, values
from tests.fleetd.mqtt.certificates import HOST
from tests.fleetd.mqtt.mosquitto import Mosquitto
from tests.hal.linux.chip_thread import ChipThread
from tests.hal.linux.daemon_end import CAR, PASSWORDS, Daemon


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    folder.mkdir()
    made = Mosquitto(folder, PASSWORDS)
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize(("link", "reader"), [("own", "pn532"), ("paho", "pn532-nfcpy")])
def test_a_card_unlocks_and_the_centre_hears_of_it(
    link: str, reader: str, tmp_path: Path, broker: Mosquitto
) -> None:
    (tmp_path / "ca.pem").write_bytes(broker.authority.file.read_bytes())
    raw = values(host=HOST, port=broker.port, tls=True, ca="ca.pem", password=PASSWORDS[CAR])
    with ChipThread() as chip:
        box = BoxProcess(tmp_path, raw, link=link, reader={"by": reader, "port": chip.path})
        fill_copy(box.state / "cache.nor")
        daemon = Daemon(broker)
        box.start()
        # Somebody waits, so it connects at once.
        box.touch(chip, IDENT, lambda: "unlock 1" in box.told)
        heard: list[tuple[str, bytes]] = []
        key = frames.direction_key(bytes.fromhex(json.loads(box.config.read_text())["key"]), 1)

        def has_told() -> bool:
            while not daemon.heard.empty():
                topic, payload = daemon.heard.get()
                heard.append((topic, payload))
            opened = [
                frames.open_frame((key,), bytes.fromhex(CAR), payload)
                for topic, payload in heard
                if topic == up_topic(CAR)
            ]
            kinds = {frame[0] for frame in opened if frame is not None}
            return kb1.HELLO in kinds and kb1.EVENTS in kinds

        box.until(has_told)
        presence = [payload for topic, payload in heard if topic == presence_topic(CAR)]
        assert presence[0][:1] == b"\1"
        box.kill()
        while (goodbye := daemon.next())[0] != presence_topic(CAR):
            pass
        assert goodbye[1] == b"\0" + presence[0][1:]  # the will, of the same start
        daemon.close()
        box.close()
