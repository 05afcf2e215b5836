"""A stream at the daemon's dialogue: log-in, deadlines, bounds; on simulated time."""

import pytest

from firmware.wire.packets import ACCEPTED
from firmware.wire.packets_client import pack_connect, pack_pingreq
from tests.simulator.daemon.paper_car import KEEP_ALIVE_S, OTHER, TEN_S, Scene


def test_a_car_logs_in_and_comes_into_step() -> None:
    scene = Scene()
    assert not scene.is_in_step()
    scene.connect()
    assert scene.car.codes == [ACCEPTED]
    assert scene.is_in_step()
    assert scene.script.rev == 2
    assert scene.centre.endpoint.counters.connects == 1


def test_a_wrong_password_is_refused_and_the_stream_ends() -> None:
    scene = Scene()
    scene.car.password = b"wrong"
    scene.connect()
    assert scene.car.codes == [5]
    assert scene.car.is_cut_off
    assert not scene.is_in_step()
    assert scene.centre.endpoint.counters.refused["password"] == 1


@pytest.mark.parametrize(("after_s", "is_over"), [(9, False), (11, True)])
def test_who_does_not_say_connect_is_let_go(after_s: int, is_over: bool) -> None:
    scene = Scene()
    scene.car.open()
    scene.later(after_s)
    assert scene.car.is_cut_off == is_over


@pytest.mark.parametrize(("after_s", "is_over"), [(84, False), (92, True)])
def test_silence_of_one_and_a_half_keep_alives_ends_it(after_s: int, is_over: bool) -> None:
    scene = Scene()
    scene.connect()
    scene.later(after_s)
    assert scene.car.is_cut_off == is_over
    assert scene.is_in_step() != is_over


def test_whoever_speaks_is_not_silent() -> None:
    scene = Scene()
    scene.connect()
    assert scene.car.stream is not None
    for _ in range(5):
        scene.later(KEEP_ALIVE_S)
        scene.car.stream.write(pack_pingreq())
    scene.later(KEEP_ALIVE_S)
    assert not scene.car.is_cut_off
    scene.later(KEEP_ALIVE_S)
    assert scene.car.is_cut_off


def test_a_network_that_goes_down_is_noticed_by_silence_alone() -> None:
    scene = Scene()
    scene.connect()
    scene.network.down()
    scene.later(1)
    assert scene.is_in_step()
    scene.later(1.5 * KEEP_ALIVE_S)
    assert not scene.is_in_step()
    assert scene.centre.endpoint.counters.ended["silent"] == 1


def test_the_car_that_connects_anew_takes_the_place_of_its_old_stream() -> None:
    scene = Scene()
    scene.connect()
    scene.network.down()
    scene.network.up()
    scene.connect()
    assert scene.is_in_step()
    assert scene.centre.endpoint.counters.ended["taken_over"] == 1
    scene.centre.add_booking("B2", OTHER, TEN_S + 7200, TEN_S + 9000)
    scene.later(5)
    assert scene.script.rev == 3


def test_bytes_that_are_no_mqtt_end_it() -> None:
    scene = Scene()
    stream = scene.car.open()
    scene.later(1)
    stream.write(b"GET / HTTP/1.1\r\n\r\n")
    scene.later(1)
    assert scene.car.is_cut_off
    assert scene.centre.endpoint.counters.ended["malformed"] == 1


def test_packets_beyond_the_rate_are_read_later_and_none_is_lost() -> None:
    scene = Scene()
    scene.connect()
    assert scene.car.stream is not None
    limits = scene.centre.endpoint.limits
    answers = len(scene.script.times)
    for _ in range(limits.packets_burst + 50):
        scene.car.stream.write(pack_pingreq())
    scene.script.hello(asking=True)
    scene.later(0.5)
    assert len(scene.script.times) == answers
    assert scene.centre.endpoint.counters.pauses > 0
    scene.later(5)
    assert len(scene.script.times) == answers + 1
    assert not scene.car.is_cut_off


def test_a_car_that_reads_nothing_is_cut_off_at_the_bound() -> None:
    scene = Scene()
    scene.connect()
    stream = scene.car.stream
    assert stream is not None
    stream.on_news = lambda: None
    limits = scene.centre.endpoint.limits
    pings = (limits.send_queue_bytes_max + limits.socket_send_bytes) // 2 + 10
    sent = 0
    while sent < pings:
        stream.write(pack_pingreq() * 1000)
        sent += 1000
        scene.later(51)
    assert scene.centre.endpoint.counters.ended["unread"] == 1


def test_the_first_reason_of_an_end_counts() -> None:
    scene = Scene()
    stream = scene.car.open()
    scene.later(1)
    car = scene.centre.identity.car
    stream.write(pack_connect(car, 60, "another", b"x") + b"\0\0\0")
    scene.later(1)
    ended = scene.centre.endpoint.counters.ended
    assert (ended["refused"], ended["malformed"], ended["lost"]) == (1, 0, 0)
