"""Cars that live fast, slow or not at all, on a machine that goes its own pace."""

from firmware.wire.packets_client import pack_connect, pack_disconnect, pack_pingreq
from fleetd.mqtt_endpoint import Limits
from tests.fleetd.mqtt.rig import CAR, PASSWORD, Clock, RawClient, Rig, running
from tests.fleetd.mqtt.test_endpoint_raw import FULL_BYTES, fill, subscribed

LIMITS = Limits(silence_least_s=10.0)


def connected(rig: Rig) -> RawClient:
    client = RawClient(rig.port)
    client.send(pack_connect(CAR, 60, CAR, PASSWORD))
    assert client.read(4) == bytes.fromhex("20020000")
    return client


def pass_time(rig: Rig, own: Clock, seconds: float, rate: float) -> None:
    """So much on the machine's clock."""
    own.now += seconds
    rig.pass_time(seconds * rate)


def test_a_car_that_lives_fast_is_silent_after_its_own_keep_alive() -> None:
    own = Clock()
    with running(LIMITS, own_clock=own) as rig, connected(rig) as client:
        pass_time(rig, own, 9.9, 60)  # ten minutes for the car, but the machine was busy
        assert rig.count("ended_silent") == 0
        client.send(pack_pingreq())
        assert client.read(2) == bytes.fromhex("d000")
        pass_time(rig, own, 9.9, 60)
        assert rig.count("ended_silent") == 0
        pass_time(rig, own, 0.1, 60)
        assert rig.count("ended_silent") == 1
        assert client.read_to_end() == b""


def test_a_car_whose_time_stands_still_is_not_silent() -> None:
    own = Clock()
    with running(LIMITS, own_clock=own) as rig, connected(rig):
        pass_time(rig, own, 86_400, 0)
        pass_time(rig, own, 899, 0.1)
        assert rig.count("ended_silent") == 0
        pass_time(rig, own, 1, 0.1)
        assert rig.count("ended_silent") == 1


def test_a_peer_that_says_nothing_has_time_on_both_clocks() -> None:
    for rate, enough_s in ((60.0, 10.0), (0.5, 20.0)):
        own = Clock()
        with running(LIMITS, own_clock=own) as rig, RawClient(rig.port) as client:
            while not rig.call(lambda: rig.endpoint.connections):
                pass
            pass_time(rig, own, enough_s - 0.1, rate)
            assert rig.count("ended_no_connect") == 0
            pass_time(rig, own, 0.1, rate)
            assert rig.count("ended_no_connect") == 1
            assert client.read_to_end() == b""


def test_who_leaves_is_let_go_by_the_machines_clock() -> None:
    own = Clock()
    limits = Limits(send_queue_bytes_max=FULL_BYTES, socket_send_bytes=4096)
    with running(limits, own_clock=own) as rig, subscribed(rig, receive_bytes=2048) as client:
        fill(rig)
        client.send(pack_disconnect())
        assert [rig.news()[1] for _ in range(2)] == [True, False]
        pass_time(rig, own, 1.9, 60)
        assert rig.endpoint.connections == 1
        pass_time(rig, own, 0.1, 0)
        rig.settle()
