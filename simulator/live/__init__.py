"""One car told live in the terminal: `python -m simulator run`."""

from __future__ import annotations


def main(argv: list[str]) -> int:
    """The exit code."""
    from simulator.live.command import run

    return run(argv)
