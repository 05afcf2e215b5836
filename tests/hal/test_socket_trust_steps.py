"""The order in which MicroPython is asked: what vouched is good for one handshake, without dates."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from hal import socket_dialect
from hal.socket_dialect import REFUSED
from hal.socket_trust import Trust

OURS, THEIRS, ISSUER = b"our certificate", b"another certificate", b"the authority"
DATES = ValueError("\nThe certificate validity has expired\n")
OTHER = ValueError("\nThe certificate is not correctly signed by the trusted CA\n")


class Context:
    """A TLS context of MicroPython, as far as it is set."""

    def __init__(self) -> None:
        self.verify_callback: Any = None
        self.verify_mode = 2

    @property
    def checks(self) -> bool:
        """Whether Mbed TLS ends a handshake by itself."""
        return self.verify_mode == int(socket_dialect.tls.CERT_REQUIRED)

    def show(self, certificate: bytes) -> int:
        """A chain, as Mbed TLS shows it; what the judge says of the server's own certificate."""
        assert self.verify_callback(memoryview(ISSUER), 1) == 0
        return int(self.verify_callback(memoryview(certificate), 0))


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Context:
    made = Context()
    monkeypatch.setattr(socket_dialect, "_LIKE_FILES", True)
    monkeypatch.setattr(socket_dialect, "make_context", lambda _: made)
    monkeypatch.setattr(socket_dialect, "wrap", lambda *_: None)
    return made


@pytest.fixture
def trust(context: Context) -> Trust:
    return Trust(b"", "centre.example")


def vouched(trust: Trust, context: Context) -> None:
    trust.wrap(None, checks_dates=False)
    assert context.checks
    assert context.show(OURS) == 0
    assert trust.vouches(DATES)


def test_the_second_handshake_takes_what_the_first_showed(trust: Trust, context: Context) -> None:
    vouched(trust, context)
    trust.wrap(None, checks_dates=False)
    assert not context.checks
    assert context.show(OURS) == 0
    assert context.show(THEIRS) == REFUSED


def test_not_a_third_one(trust: Trust, context: Context) -> None:
    vouched(trust, context)
    trust.wrap(None, checks_dates=False)
    assert context.show(OURS) == 0
    assert not trust.vouches(DATES)
    trust.wrap(None, checks_dates=False)
    assert context.checks


def test_who_knows_the_date_by_then_has_everything_checked(trust: Trust, context: Context) -> None:
    vouched(trust, context)
    for _ in range(2):
        trust.wrap(None, checks_dates=True)
        assert context.checks
        assert context.verify_callback is None
        assert not trust.vouches(DATES)
    trust.wrap(None, checks_dates=False)
    assert context.checks


def test_nothing_vouches_but_dates_alone_and_a_certificate_that_was_seen(
    trust: Trust, context: Context
) -> None:
    trust.wrap(None, checks_dates=False)
    assert not trust.vouches(DATES)
    assert context.show(OURS) == 0
    for error in (OTHER, OSError(5, "broken")):
        assert not trust.vouches(error)
    trust.wrap(None, checks_dates=False)
    assert context.checks
    assert not trust.vouches(DATES), "seen in this handshake"


def test_a_judge_without_memory_says_no_and_raises_nothing(
    trust: Trust, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise MemoryError

    trust.wrap(None, checks_dates=False)
    monkeypatch.setattr(hashlib, "sha256", fail)
    assert context.show(OURS) == REFUSED
    assert not trust.vouches(DATES)


def test_a_trust_without_a_name_is_none(context: Context) -> None:
    with pytest.raises(ValueError, match="no name"):
        Trust(b"", "")
    assert context.checks
