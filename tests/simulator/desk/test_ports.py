"""Ports for processes that start later: none is given twice."""

from __future__ import annotations

import pytest

from simulator.desk import ports


def test_none_is_given_twice_though_nobody_took_it_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter((ports._LAST, ports._LAST, ports._FIRST))
    monkeypatch.setattr(ports, "_given", set())
    monkeypatch.setattr(
        ports, "_CHANCE", type("Drawn", (), {"randint": staticmethod(lambda *_: next(drawn))})
    )
    monkeypatch.setattr(ports, "_try", lambda port: port)
    assert (ports.free_port(), ports.free_port()) == (ports._LAST, ports._FIRST)
