"""Who may connect."""

from fleetd.mqtt.admission import Admission, is_car, network_of
from fleetd.mqtt.limits import Limits

CAR = "a1b2c3d4e5f6"
OTHER = "0123456789ab"
HERE = "192.0.2.7"


class Door:
    """An admission with one known password, and what it was asked."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.asked: list[str] = []
        self.now = 0.0
        self.admission = Admission(self.check, limits or Limits(), 0.0)

    def check(self, car: str, password: bytes) -> bool:
        self.asked.append(car)
        return car in (CAR, OTHER) and password == b"right"

    def knock(
        self, client: str = CAR, user: str = "", password: bytes = b"right", address: str = HERE
    ) -> str | None:
        return self.admission.judge(address, client, user or client, password, self.now)


def test_the_right_password() -> None:
    door = Door()
    assert door.knock() is None
    assert door.asked == [CAR]


def test_what_is_no_car_is_not_even_asked_about() -> None:
    door = Door()
    for name in ("", "A1B2C3D4E5F6", CAR[:-1], CAR + "0", "a1b2c3d4e5g6", "#", "a1b2c3d4e5f\u0665"):
        assert not is_car(name)
        assert door.knock(client=name) == "identifier"
    assert door.asked == []


def test_wrong_unknown_and_foreign_cost_the_same_question() -> None:
    door = Door()
    assert door.knock(password=b"wrong") == "password"
    assert door.knock(client="ffffffffffff") == "password"
    assert door.knock(client=OTHER, user=CAR) == "password"
    assert len(door.asked) == 3


def test_a_wrong_password_makes_this_address_and_car_wait() -> None:
    door = Door()
    assert door.knock(password=b"wrong") == "password"
    assert door.knock() == "too_soon"
    assert door.asked == [CAR], "who has to wait costs no work"
    assert door.knock(address="192.0.2.8") is None, "the car itself is elsewhere"
    assert door.knock(client=OTHER) is None, "another car behind the same address"
    door.now = 1.0
    assert door.knock(password=b"wrong") == "password"
    door.now = 2.9
    assert door.knock() == "too_soon"
    door.now = 3.0
    assert door.knock() is None
    assert door.knock(password=b"wrong") == "password"
    door.now = 4.0
    assert door.knock() is None, "after a right one the wait is short again"


def test_an_address_that_tries_many_identities_waits() -> None:
    door = Door(Limits(address_failures_burst=3, address_failures_per_s=0.1))
    for number in range(3):
        assert door.knock(client=f"{number:012x}") == "password"
    assert door.knock() == "too_soon"
    assert door.knock(address="192.0.2.8") is None
    door.now = 10.0
    assert door.knock() is None


def test_connects_a_second_over_all() -> None:
    door = Door(Limits(connects_burst=2, connects_per_s=1.0, car_connects_burst=100))
    assert [door.knock(address=f"192.0.2.{n}") for n in range(3)] == [None, None, "rate"]
    assert len(door.asked) == 2
    door.now = 1.0
    assert door.knock() is None


def test_who_waits_takes_nothing_from_the_others() -> None:
    door = Door(Limits(connects_burst=2, connects_per_s=0.001))
    assert door.knock(password=b"wrong") == "password"
    for _ in range(10):
        assert door.knock() == "too_soon"
    assert door.knock(client=OTHER) is None


def test_two_boxes_with_one_identity_take_turns_slowly() -> None:
    door = Door(Limits(car_connects_burst=2, car_connects_per_s=0.1))
    assert [door.knock() for _ in range(3)] == [None, None, "car_rate"]
    assert door.knock() == "too_soon", "held until its turn, without a question"
    assert len(door.asked) == 3
    door.now = 10.0
    assert door.knock() is None


def test_networks() -> None:
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("a pipe") == "a pipe"
