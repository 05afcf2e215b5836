"""Frames on a terminal: ten a second at the most, and none when nothing has changed."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.text import Text

from simulator.live.draw_screen import Screen, draw

FRAME_EVERY_S = 0.1
#: Of the picture for documents.
PICTURE_WIDTH, PICTURE_HEIGHT = 100, 30

# The drawing that rich makes, with a font that is there instead of one from the network.
_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px;
 line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""

#: A piece of text of one style in it, and the width of a letter there.
_PIECE = re.compile(
    r'<text class="(\S+)" x="([\d.]+)" (y="[\d.]+") textLength="[\d.]+" (clip-path="[^"]+")>([^<]*)</text>'
)
_CELL = 12.2


class Frames:
    """The terminal's other screen, for as long as it is entered."""

    def __init__(self, console: Console, monotonic: Callable[[], float]) -> None:
        self._console = console
        self._monotonic = monotonic
        self._live = Live(
            Text(""),
            console=console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._next_s = monotonic()
        self._shown: tuple[Screen, int, int] | None = None
        self.drawn = 0

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, look: Callable[[], Screen]) -> None:
        """Draw what there is to be seen, if it is time and something has changed."""
        now_s = self._monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + FRAME_EVERY_S
        frame = (look(), *self._console.size)
        if frame != self._shown:
            self._shown = frame
            self._live.update(draw(*frame), refresh=True)
            self.drawn += 1


def as_svg(screen: Screen) -> str:
    """A picture for documents."""
    console = Console(
        record=True,
        width=PICTURE_WIDTH,
        height=PICTURE_HEIGHT,
        file=io.StringIO(),
        force_terminal=True,
        color_system="standard",
        highlight=False,
    )
    console.print(draw(screen, PICTURE_WIDTH, PICTURE_HEIGHT))
    svg = console.export_svg(title="make run", code_format=_SVG, unique_id="kagibako")
    svg = _PIECE.sub(_without_blanks, svg)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _without_blanks(piece: re.Match[str]) -> str:
    """A piece of text begins where its first sign is: not all viewers keep blanks before it."""
    style, x, y, clip, text = piece.groups()
    said = html.unescape(text)
    shown = said.strip()
    if not shown:
        return ""
    left = float(x) + cell_len(said[: said.index(shown)]) * _CELL
    width = cell_len(shown) * _CELL
    letters = html.escape(shown).replace("\xa0", "&#160;")
    return f'<text class="{style}" x="{left:g}" {y} textLength="{width:g}" {clip}>{letters}</text>'
