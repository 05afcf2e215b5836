"""What MicroPython says of a certificate that is wrong in its dates alone, and what only looks so."""

import pytest

from hal import socket_dialect
from hal.socket_dialect import REFUSED, is_about_certificate, is_about_dates_alone

EXPIRED = "\nThe certificate validity has expired\n"
NOT_YET = "\nThe certificate validity starts in the future\n"
NAME = "\nThe certificate Common Name (CN) does not match with the expected CN\n"
AUTHORITY = "\nThe certificate is not correctly signed by the trusted CA\n"


@pytest.fixture
def on_micropython(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_dialect, "_LIKE_FILES", True)


@pytest.mark.usefixtures("on_micropython")
def test_dates_alone() -> None:
    for text in (EXPIRED, NOT_YET, EXPIRED + NOT_YET):
        assert is_about_dates_alone(ValueError(text))


@pytest.mark.usefixtures("on_micropython")
def test_any_other_doubt_beside_them_also_one_cut_short() -> None:
    for other in (NAME, AUTHORITY, "\nThe certificate", "x"):
        for text in (other, EXPIRED + other, other + NOT_YET, EXPIRED + other + NOT_YET):
            assert not is_about_dates_alone(ValueError(text))
    for text in ("", "\n", EXPIRED[:-2], EXPIRED[1:-1] + "."):
        assert not is_about_dates_alone(ValueError(text))


@pytest.mark.usefixtures("on_micropython")
def test_an_error_of_another_kind_with_these_words() -> None:
    assert not is_about_dates_alone(OSError(EXPIRED))
    assert not is_about_dates_alone(RuntimeError(EXPIRED))


def test_a_certificate_that_our_judge_refused_is_one() -> None:
    assert is_about_certificate(OSError(REFUSED, "refused"))
    assert not is_about_certificate(OSError(5, "other"))


def test_cpython_has_a_flag_instead_and_needs_no_words() -> None:
    assert not is_about_dates_alone(ValueError(EXPIRED))
