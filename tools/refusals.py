"""`make refusals`: docs/refusals.md from the one source of all refusals.

python -m tools.refusals            writes the page
python -m tools.refusals --check    exits 1 when the committed page is not what the source says
"""

from __future__ import annotations

import sys
from pathlib import Path

from firmware.alerts import REFUSAL_MS
from firmware.lamp import REFUSED_MS, REFUSED_ON_MS
from firmware.wire.code_names import INPUT_NAMES
from fleetd.sentences import REFUSALS, SENTENCES

PAGE = Path(__file__).parent.parent / "docs" / "refusals.md"

INTRODUCTION = f"""\
# What is refused, and what to do about it

Made by `make refusals` from `fleetd/locale/refusals.json`; do not edit.

Whatever is refused has one code. The same code stands in the car's journal, on the wire, in the
API and in the stories; the phone site, the API, the simulator's live view and this page take its
sentences from that one file, so that driver and call centre speak of the same thing. All failed
checks of an end are named at once (END-5).

**The reader has one signal for all of them** (START-9): the lamp flickers red for {REFUSAL_MS} ms
({REFUSED_ON_MS} of every {REFUSED_MS} ms), whatever the reason, so that nobody who finds a card
learns from the reader what is wrong with it. The reason goes to the centre, and to the phone of
the driver who asked there.

Where what to do depends on the operator's terms, the profile stands before the sentence; a profile
that is not named takes the first one. An operator with a profile of its own adds its lines under
`remedy@NAME` and `tell@NAME`. Before what a car says that is set to `cannot_tell: refuse` stands that
setting (END-8). `{{at}}` and `{{inputs}}` stand for a time and for names of inputs, and
their sentence is said where these are known.
"""

#: kind -> heading and what stands above its table.
SECTIONS = {
    "wire": (
        "What car and centre refuse",
        "The numbers are in `firmware/wire/codes.py`.",
    ),
    "booking": (
        "What only the centre says",
        (
            "Bookings and cards. `already_started`, `not_ended`, `not_reopened`, and `not_started` of all but\n"
            "an extension, are no refusals but say why a button is missing: who asks all the same is\n"
            "answered by the car, which may know of a start or an end that the centre has not heard of, with\n"
            "a code of the table above (`busy`, `no_booking`) or that there is nothing to undo."
        ),
    ),
    "state": (
        "A car that has locked itself",
        "This is no refusal, but whoever stands before it asks the same: what now?",
    ),
    "beside": (
        "Beside an acceptance",
        "It was done, and this goes with it: a warning (END-2), or that nothing was left to do.",
    ),
}
HEADS = ("code", "when", "driver", "what to do", "call centre")


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for kind, (heading, above) in SECTIONS.items():
        rows = [row(code, entry) for code, entry in REFUSALS.items() if entry["kind"] == kind]
        parts += [f"## {heading}\n\n{above}\n", table(HEADS, rows)]
    parts += [
        "## Inputs\n\n`cannot_tell` names each input that the car cannot tell (END-8):\n",
        table(("input", "English", "日本語"), [inputs_row(name) for name in INPUT_NAMES.values()]),
    ]
    return "\n".join(parts)


def row(code: str, entry: dict[str, object]) -> list[str]:
    """One code. Each language has a line of its own within a cell."""
    lines = [entry["ja"], entry["en"]]
    rules = entry["rules"]
    assert isinstance(rules, list)
    when = f"{entry['when']} ({', '.join(rules)})" if rules else str(entry["when"])
    cells = [f"`{code}`", when]
    cells.append("<br>".join(said(line, "reason") for line in lines))
    cells.append("<br>".join(said(line, "remedy") for line in lines))
    cells.append(
        "<br>".join(
            desk(line, language) for line, language in zip(lines, ("ja", "en"), strict=True)
        )
    )
    return cells


_DESK = {
    "ja": {"happened": "経緯", "check": "確認", "tell": "ご案内"},
    "en": {"happened": "happened", "check": "check", "tell": "tell"},
}


def desk(line: object, language: str) -> str:
    """What the call centre has before it: what happened, what to check, what to tell."""
    return "<br>".join(f"*{word}:* {said(line, name)}" for name, word in _DESK[language].items())


def said(line: object, name: str) -> str:
    """A sentence with its variants: named inputs, a known time, other terms."""
    assert isinstance(line, dict)
    found = [str(line[name])]
    if name == "reason" and "reason_named" in line:
        found.append(str(line["reason_named"]))
    if name == "remedy" and "remedy_at" in line:
        found.append(str(line["remedy_at"]))
    if name == "remedy" and "remedy_refuse" in line:
        found.append(f"`cannot_tell: refuse`: {line['remedy_refuse']}")
    found += [
        f"`{key.partition('@')[2]}`: {text}"
        for key, text in line.items()
        if key.startswith(f"{name}@")
    ]
    return "<br>".join(found)


def inputs_row(name: str) -> list[str]:
    """One input and its names."""
    return [f"`{name}`", SENTENCES["en"].text("inputs", name), SENTENCES["ja"].text("inputs", name)]


def table(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    """Markdown; the languages are apart by a line break."""
    lines = [list(heads), ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(arguments: list[str]) -> int:
    """Exit 0 done or the same, 1 the page is stale, 2 wrong usage."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.refusals [--check]", file=sys.stderr)
        return 2
    text = page()
    if arguments:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        print("docs/refusals.md is not what the source says; run `make refusals`", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(PAGE.parent.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
