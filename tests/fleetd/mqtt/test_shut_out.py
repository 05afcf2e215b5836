"""A car that is blocked while it is connected."""

from firmware.wire.packets_client import pack_pingreq
from tests.fleetd.mqtt.rig import CAR, OTHER, running
from tests.fleetd.mqtt.test_endpoint_raw import PINGRESP, connected, subscribed


def test_a_car_that_is_shut_out_is_gone_and_another_stays() -> None:
    with running() as rig, subscribed(rig) as client, connected(rig, OTHER) as other:
        rig.call(rig.endpoint.shut_out, CAR)
        assert client.socket.recv(1) == b""
        rig.call(rig.endpoint.shut_out, CAR)  # it is not there any more
        other.send(pack_pingreq())
        assert other.read(2) == PINGRESP
        assert rig.call(rig.endpoint.counters.as_dict)["ended_shut_out"] == 1
