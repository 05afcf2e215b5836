"""How an operation says no."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """`code` is one of the reason codes; `argument` what it needs to be told, 0 for nothing.

    `about`: what stands in the way, where the sentence is not enough.
    """

    def __init__(self, code: str, argument: int = 0, about: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.argument = argument
        self.about = about
