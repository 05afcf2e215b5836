"""The endpoint beside paho: the rules that are the endpoint's own, beyond those of any broker."""

from paho.mqtt.enums import MQTTProtocolVersion

from firmware.wire.frames import FRAME_BYTES_MAX, down_topic, presence_topic, up_topic
from fleetd.mqtt_endpoint import Limits
from tests.fleetd.mqtt.paho_car import (
    ACCEPTED,
    BAD_IDENTIFIER,
    BAD_VERSION,
    NOT_AUTHORIZED,
    UNAVAILABLE,
    PahoCar,
    car,
)
from tests.fleetd.mqtt.rig import CAR, OTHER, running


def test_a_wrong_password_is_refused_and_has_to_wait() -> None:
    with running() as rig:
        with car(CAR, password=b"wrong") as guest:
            assert guest.connect(rig.port) == NOT_AUTHORIZED
        with car(CAR) as guest:
            assert guest.connect(rig.port) == UNAVAILABLE
        rig.settle()
        assert rig.asked == [CAR]
        rig.pass_time(Limits().wrong_password_wait_s)
        with car(CAR) as guest:
            assert guest.connect(rig.port) == ACCEPTED
        assert rig.count("refused_password") == 1
        assert rig.count("refused_too_soon") == 1
        assert rig.count("ended_refused") == 2
        assert rig.news() == (CAR, True, b""), "the refused ones were never announced"


def test_no_password_no_user_and_the_user_of_another() -> None:
    with running(Limits(wrong_password_wait_s=0.0)) as rig:
        for details in ({"password": None}, {"user": OTHER}, {"password": b""}):
            with car(CAR, **details) as guest:
                assert guest.connect(rig.port) == NOT_AUTHORIZED
        assert rig.count("refused_password") == 3


def test_an_identifier_that_is_no_car() -> None:
    with running() as rig:
        for name in ("fleetd", CAR.upper(), CAR + "0"):
            with car(name) as guest:
                assert guest.connect(rig.port) == BAD_IDENTIFIER
        assert rig.count("refused_identifier") == 3
        assert rig.asked == []


def test_another_version_of_mqtt_is_told_so() -> None:
    with running() as rig:
        with car(CAR, version=MQTTProtocolVersion.MQTTv31) as guest:
            assert guest.connect(rig.port) == BAD_VERSION
        assert rig.count("refused_version") == 1


def test_only_the_own_down_topic_is_granted() -> None:
    with running() as rig, car(CAR) as guest:
        guest.connect(rig.port)
        foreign = (
            down_topic(OTHER),
            up_topic(CAR),
            presence_topic(CAR),
            "#",
            "kb/1/d/#",
            "kb/1/d/+/" + CAR,
            "$SYS/#",
            "$share/workers/" + down_topic(CAR),
        )
        granted = guest.subscribe(down_topic(CAR), *foreign)
        assert granted == [1] + [128] * len(foreign)
        assert rig.count("subscriptions_refused") == len(foreign)
        assert rig.send(CAR, b"for you")
        assert guest.message() == (down_topic(CAR), b"for you", 1, False)


def test_nothing_is_sent_before_the_subscription_or_after_it() -> None:
    with running() as rig, car(CAR) as guest:
        assert not rig.send(CAR, b"nobody there")
        guest.connect(rig.port)
        assert not rig.send(CAR, b"too early")
        guest.subscribe(down_topic(CAR), quality=0)
        assert rig.send(CAR, b"first")
        assert guest.message() == (down_topic(CAR), b"first", 0, False)
        guest.client.unsubscribe(down_topic(CAR))
        guest.publish(up_topic(CAR), b"behind the unsubscribing")
        rig.frame()
        assert not rig.send(CAR, b"too late")
        assert rig.count("unsent") == 3
        assert rig.count("frames_out") == 1


def test_a_message_to_a_foreign_topic_ends_the_connection() -> None:
    foreign = (up_topic(OTHER), presence_topic(OTHER), down_topic(CAR), "$SYS/broker", "kb")
    limits = Limits(car_connects_burst=100)
    with running(limits) as rig, car(OTHER) as other:
        other.connect(rig.port)
        other.subscribe(down_topic(OTHER))
        assert rig.news() == (OTHER, True, b"")
        for topic in foreign:
            with car(CAR) as guest:
                guest.connect(rig.port)
                assert rig.news() == (CAR, True, b"")
                guest.publish(topic, b"not mine", quality=1)
                guest.wait_for_the_end()
                assert rig.news() == (CAR, False, b"")
        assert rig.count("ended_topic") == len(foreign)
        assert rig.frames.empty()
        rig.send(OTHER, b"marker")
        assert other.message()[1] == b"marker", "nothing came to the other before"


def test_a_will_on_a_foreign_topic_is_refused() -> None:
    limits = Limits(car_connects_burst=100)
    with running(limits) as rig:
        for topic, retain in (
            (up_topic(OTHER), False),
            (presence_topic(OTHER), True),
            (down_topic(CAR), False),
            (up_topic(CAR), True),
        ):
            with car(CAR, will=(topic, b"gone", 1, retain)) as guest:
                assert guest.connect(rig.port) == NOT_AUTHORIZED
        assert rig.count("refused_will") == 4
        assert rig.presence.empty()


def test_a_frame_of_full_size_passes_and_a_larger_one_ends_the_connection() -> None:
    with running() as rig, car(CAR) as guest:
        guest.connect(rig.port)
        guest.subscribe(down_topic(CAR))
        full = bytes(index & 0xFF for index in range(FRAME_BYTES_MAX))
        guest.publish(up_topic(CAR), full, quality=1)
        assert rig.frame() == (CAR, full)
        rig.send(CAR, full)
        assert guest.message()[1] == full
        guest.publish(up_topic(CAR), full + b"1")
        guest.wait_for_the_end()
        assert rig.count("ended_too_large") == 1
        assert rig.frames.empty()


def test_a_packet_beyond_the_limit_is_not_even_read() -> None:
    with running() as rig, car(CAR) as guest:
        guest.connect(rig.port)
        guest.publish(up_topic(CAR), bytes(100_000))
        guest.wait_for_the_end()
        assert rig.count("ended_malformed") == 1
        assert rig.count("bytes_in") < 10_000


def test_puback_comes_after_receive_returned_and_not_when_it_failed() -> None:
    with running() as rig, car(CAR) as guest:
        before: list[int] = []

        def receive(_: str, frame: bytes) -> None:
            before.append(guest._published.qsize())
            if frame == b"bad day":
                raise OSError("no space left on device")

        rig.on_frame = receive
        guest.connect(rig.port)
        guest.publish(up_topic(CAR), b"kept", quality=1)
        assert guest.acknowledged() == 1
        guest.publish(up_topic(CAR), b"bad day", quality=1)
        guest.wait_for_the_end()
        assert before == [0, 0], "acknowledged() has taken the first away before the second"
        assert guest._published.empty()
        assert rig.count("failures") == rig.count("ended_failed") == 1
        assert "no space left" in str(rig.troubles.get()["exception"])


def test_presence_and_will() -> None:
    with running() as rig:
        guest = PahoCar(CAR, will=(presence_topic(CAR), b"gone", 1, True))
        guest.connect(rig.port)
        assert rig.news() == (CAR, True, b"")
        guest.publish(presence_topic(CAR), b"here", quality=1, retain=True)
        assert rig.news() == (CAR, True, b"here")
        assert rig.call(lambda: rig.endpoint.cars) == {CAR}
        guest.cut()
        assert rig.news() == (CAR, False, b"gone")
        rig.settle()
        assert rig.call(lambda: rig.endpoint.cars) == frozenset()
        assert rig.count("ended_lost") == 1


def test_a_disconnect_takes_the_will_along() -> None:
    with running() as rig:
        with car(CAR, will=(presence_topic(CAR), b"gone", 1, True)) as guest:
            guest.connect(rig.port)
            assert rig.news() == (CAR, True, b"")
        assert rig.news() == (CAR, False, b"")
        rig.settle()
        assert rig.count("ended_left") == 1


def test_a_will_on_the_up_topic_is_received_like_any_frame() -> None:
    with running() as rig:
        guest = PahoCar(CAR, will=(up_topic(CAR), b"last words", 0, False))
        guest.connect(rig.port)
        guest.cut()
        assert rig.frame() == (CAR, b"last words")
        assert [rig.news(), rig.news()] == [(CAR, True, b""), (CAR, False, b"")]


def test_retained_frames_are_refused() -> None:
    with running() as rig, car(CAR) as guest:
        guest.connect(rig.port)
        guest.publish(up_topic(CAR), b"for ever", retain=True)
        guest.wait_for_the_end()
        assert rig.count("ended_retained") == 1
        assert rig.frames.empty()


def test_no_session_stays_and_nothing_is_kept() -> None:
    with running() as rig:
        with car(CAR) as guest:
            guest.connect(rig.port)
            guest.subscribe(down_topic(CAR))
            guest.publish(presence_topic(CAR), b"here", quality=1, retain=True)
            guest.acknowledged()
        rig.settle()
        with car(CAR) as guest:
            guest.connect(rig.port)
            assert not rig.send(CAR, b"no subscription was kept")
            guest.subscribe(down_topic(CAR))
            rig.send(CAR, b"only this")
            assert guest.message()[1] == b"only this", "no retained message came first"


def test_the_same_car_again_takes_over_and_two_boxes_do_not_storm() -> None:
    """Duplicate identities."""
    with running(Limits(car_connects_burst=2, car_connects_per_s=0.1)) as rig:
        first = PahoCar(CAR, will=(presence_topic(CAR), b"gone", 0, False))
        assert first.connect(rig.port) == ACCEPTED
        with car(CAR) as second:
            assert second.connect(rig.port) == ACCEPTED
            first.wait_for_the_end()
            told = [rig.news() for _ in range(3)]
            assert told == [(CAR, True, b""), (CAR, False, b"gone"), (CAR, True, b"")]
            for _ in range(3):
                with car(CAR) as third:
                    assert third.connect(rig.port) == UNAVAILABLE
            second.publish(up_topic(CAR), b"still here")
            assert rig.frame() == (CAR, b"still here")
            assert rig.count("ended_taken_over") == 1
            assert rig.count("refused_car_rate") == 1
            assert rig.count("refused_too_soon") == 2
            rig.pass_time(10.0)
            with car(CAR) as third:
                assert third.connect(rig.port) == ACCEPTED
                second.wait_for_the_end()
        first.leave()


def test_a_wrong_password_takes_nobody_over() -> None:
    with running() as rig, car(CAR) as guest:
        guest.connect(rig.port)
        with car(CAR, password=b"wrong") as thief:
            assert thief.connect(rig.port) == NOT_AUTHORIZED
        guest.publish(up_topic(CAR), b"still here")
        assert rig.frame() == (CAR, b"still here")


def test_silence_ends_a_connection_after_one_and_a_half_keep_alive() -> None:
    with running() as rig, car(CAR, will=(presence_topic(CAR), b"gone", 0, False)) as guest:
        guest.connect(rig.port, keep_alive_s=600)
        assert rig.news() == (CAR, True, b"")
        rig.pass_time(899.0)
        guest.publish(up_topic(CAR), b"not silent")
        rig.frame()
        rig.pass_time(899.9)
        assert rig.count("ended_silent") == 0
        rig.pass_time(0.1)
        guest.wait_for_the_end()
        assert rig.count("ended_silent") == 1
        assert rig.news() == (CAR, False, b"gone")


def test_a_client_without_keep_alive_has_an_end_too() -> None:
    with running(Limits(keep_alive_max_s=100)) as rig, car(CAR) as guest:
        guest.connect(rig.port, keep_alive_s=0)
        rig.pass_time(149.0)
        assert rig.count("ended_silent") == 0
        rig.pass_time(1.0)
        guest.wait_for_the_end()
        assert rig.count("ended_silent") == 1


def test_stop_says_goodbye_to_all() -> None:
    with running() as rig, car(CAR) as guest, car(OTHER) as other:
        guest.connect(rig.port)
        other.connect(rig.port)
        rig.run(rig.endpoint.stop())
        guest.wait_for_the_end()
        other.wait_for_the_end()
        assert rig.count("ended_stopped") == 2
        assert rig.endpoint.connections == 0
