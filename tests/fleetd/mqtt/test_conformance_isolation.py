"""No car reads, writes or silences what is another's, on any rung of the ladder (F27).

Every ordered pair of three cars, with every way that MQTT has:

| way | test |
|---|---|
| subscribe by name, by wildcard, $-topics, shared subscriptions | test_no_filter_reaches_another_car |
| a session that stays, filled while its car is away | test_a_session_that_stays_collects_nothing |
| publish, retained or not, on each of the other's topics | test_no_message_on_anothers_topics |
| a will on each of the other's topics, retained or not | test_no_will_on_anothers_topics |
| retained messages of before, to a car that comes and to one that subscribes to nothing | test_nothing_retained_comes_to_a_car |
| a topic that is nobody's, the centre's own name, another shard | test_topics_that_are_nobodys |

That something does not come is shown by a marker sent after it that comes first.
"""

from __future__ import annotations

import itertools

from firmware.wire.frames import down_topic, presence_topic, up_topic
from firmware.wire.packets import Will, pack_publish
from tests.fleetd.mqtt.bytes_car import BytesCar
from tests.fleetd.mqtt.peers import Peer
from tests.fleetd.mqtt.rig import CAR, OTHER, THIRD

CARS = (CAR, OTHER, THIRD)
PAIRS = tuple(itertools.permutations(CARS, 2))
LIE = b"a lie"


def topics_of(car: str) -> tuple[str, str, str]:
    return up_topic(car), presence_topic(car), down_topic(car)


def filters_against(car: str) -> list[str]:
    """All that could reach others' messages."""
    found = [topic for other in CARS if other != car for topic in topics_of(other)]
    found += [f"kb/1/d/+/{other}" for other in CARS if other != car]
    found += ["#", "+/#", "+/+/+/+/+", "kb/#", "kb/1/d/#", "kb/1/d/+/+", "kb/1/u/#", "kb/1/s/#"]
    found += ["$SYS/#", "$SYS/broker/clients/connected", "$share/g/#", "$share/g/kb/1/d/+/+"]
    return found


def speak_of_all(peer: Peer) -> None:
    """What there is to overhear: retained presence and frames of each car, frames to each."""
    for car in CARS:
        with BytesCar(peer, car) as speaker:
            assert speaker.connect() == 0
            speaker.send(pack_publish(presence_topic(car), b"\1", 1, True, 1))
            speaker.send(pack_publish(up_topic(car), b"secret of " + car.encode(), 1, False, 2))
            assert peer.frame() == (car, b"secret of " + car.encode())
            assert peer.presence() == (car, b"\1")
            speaker.leave()
        peer.send(car, b"for nobody, it is away")


def assert_only_its_own(peer: Peer, spies: list[BytesCar]) -> None:
    """Each is sent one frame, and hears that alone."""
    for spy in spies:
        peer.send(spy.car, b"for " + spy.car.encode())
    for spy in spies:
        peer.send(spy.car, b"marker")
        heard = [(one.topic, one.payload) for one in spy.hear_until(b"marker")]
        own = down_topic(spy.car)
        assert heard == [(own, b"for " + spy.car.encode()), (own, b"marker")]


def test_no_filter_reaches_another_car(peer: Peer) -> None:
    speak_of_all(peer)
    spies = [BytesCar(peer, car) for car in CARS]
    for spy in spies:
        assert spy.connect() == 0
        spy.subscribe(*filters_against(spy.car))
        assert spy.is_served()
        spy.send(pack_publish(up_topic(spy.car), b"spoken", 1, False, 7))
        assert peer.frame() == (spy.car, b"spoken")
    assert_only_its_own(peer, spies)
    for spy in spies:
        spy.leave()


def test_a_session_that_stays_collects_nothing(peer: Peer) -> None:
    """CONNECT without a clean session: what waits is at most what was the car's own."""
    for car in CARS:
        with BytesCar(peer, car) as spy:
            assert spy.connect(clean=False) == 0
            spy.subscribe(*filters_against(car))
            assert spy.is_served()
            spy.leave()
    for car in CARS:
        peer.send(car, b"while away")
    for car in CARS:
        with BytesCar(peer, car) as spy:
            assert spy.connect(clean=False) == 0
            spy.subscribe()
            assert spy.is_served()
            peer.send(car, b"marker")
            heard = [one.topic for one in spy.hear_until(b"marker")]
            assert set(heard) == {down_topic(car)}
            assert len(heard) <= 2
            spy.leave()


def lie(peer: Peer, liar: str, topic: str, number: int, *, retain: bool) -> None:
    with BytesCar(peer, liar) as car:
        assert car.connect() == 0
        car.send(pack_publish(topic, LIE, 1, retain, number))
        car.leave()


def assert_nobody_heard_a_lie(peer: Peer, listeners: list[BytesCar]) -> None:
    assert_only_its_own(peer, listeners)
    for listener in listeners:
        listener.send(pack_publish(up_topic(listener.car), b"marker", 1, False, 900))
        assert peer.frame() == (listener.car, b"marker")
        listener.send(pack_publish(presence_topic(listener.car), b"\1marker", 1, False, 901))
        assert peer.presence() == (listener.car, b"\1marker")
    for listener in listeners:
        listener.leave()


def listening(peer: Peer, *cars: str) -> list[BytesCar]:
    found = [BytesCar(peer, car) for car in cars]
    for one in found:
        assert one.connect() == 0
        one.subscribe()
        assert one.is_served()
    return found


def test_no_message_on_anothers_topics(peer: Peer) -> None:
    for victim in CARS:
        listeners = listening(peer, victim)
        for liar in CARS:
            if liar != victim:
                for number, topic in enumerate(topics_of(victim), 1):
                    for retain in (False, True):
                        lie(peer, liar, topic, number, retain=retain)
        assert_nobody_heard_a_lie(peer, listeners)


def test_no_will_on_anothers_topics(peer: Peer) -> None:
    for victim in CARS:
        listeners = listening(peer, victim)
        for liar in CARS:
            if liar != victim:
                for topic in topics_of(victim):
                    for retain in (False, True):
                        with BytesCar(peer, liar) as car:
                            car.connect(Will(topic, LIE, 1, retain))
                with BytesCar(peer, liar) as car:  # by now the last one has certainly ended
                    assert car.connect() == 0
                    car.leave()
        assert_nobody_heard_a_lie(peer, listeners)


def test_nothing_retained_comes_to_a_car(peer: Peer) -> None:
    """Its own presence neither; and a car that subscribes to nothing hears nothing at all."""
    speak_of_all(peer)
    for liar, victim in PAIRS:
        lie(peer, liar, down_topic(victim), 1, retain=True)
    for car in CARS:
        lie(peer, car, down_topic(car), 1, retain=True)
    for car in CARS:
        with BytesCar(peer, car) as quiet:
            assert quiet.connect() == 0
            assert quiet.is_served()
            assert quiet.heard == []
            quiet.leave()
    spies = listening(peer, *CARS)
    assert_only_its_own(peer, spies)
    for spy in spies:
        spy.leave()


def test_topics_that_are_nobodys(peer: Peer) -> None:
    listeners = listening(peer, OTHER)
    shard = up_topic(OTHER).split("/")[3]
    for number, topic in enumerate(
        (
            f"kb/1/u/{shard}/{OTHER}/more",
            f"kb/1/u//{OTHER}",
            f"kb/1/u/{shard}/{OTHER.upper()}",
            f"/kb/1/u/{shard}/{OTHER}",
            f"kb/2/u/{shard}/{OTHER}",
            "kb/1/u",
            "$SYS/broker/version",
            f"$share/g/{up_topic(OTHER)}",
        ),
        1,
    ):
        lie(peer, CAR, topic, number, retain=False)
    assert_nobody_heard_a_lie(peer, listeners)
