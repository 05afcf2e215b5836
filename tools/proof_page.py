"""The block of docs/proof.md that tells what the campaigns of `tools.prove` gave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

BEGIN = "<!-- counts: written by python -m tools.prove --doc -->"
END = "<!-- end of counts -->"

#: Form (short or long) -> campaign -> what its last run gave.
Proof = dict[str, dict[str, dict[str, Any]]]


def table(titles: dict[str, str], proof: Proof) -> str:
    """The generated part of docs/proof.md: the long form of each campaign, or else the short."""
    lines = [
        "| what | holds | counts | form | date | commit | time |",
        "|---|---|---|---|---|---|---|",
    ]
    runs = []
    for name, title in titles.items():
        form = "long" if name in proof["long"] else "short"
        found = proof[form].get(name)
        if found is None:
            lines.append(f"| {title} | not run | | | | | |")
            continue
        runs.append(found)
        holds = "yes" if found["holds"] else "NO"
        lines.append(
            f"| {title} | {holds} | {in_words(found['counts'])} | {form} "
            f"| {found['date'][:10]} | {found['commit']} | {found['wall_s']:,} s |"
        )
    return "\n".join([BEGIN, *_summary(runs, len(titles)), "", *lines, END])


def _summary(runs: list[dict[str, Any]], campaigns: int) -> Iterator[str]:
    yield f"{len(runs)} of {campaigns} campaigns were run."
    if runs:
        newest = max(runs, key=lambda found: str(found["date"]))["commit"]
        older = sum(found["commit"] != newest for found in runs)
        yield (
            f"The newest run was of commit {newest}; {older} of the others are of another commit, "
            "which their rows name. A plus: with changes that were not committed."
        )


def leaves(counts: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Counts in counts, each with its whole name; times and truths are no counts."""
    for key, value in counts.items():
        name = f"{above}{key.replace('_', ' ')}"
        if isinstance(value, dict):
            yield from leaves(value, f"{name}: ")
        elif isinstance(value, list):
            yield name, len(value)
        elif isinstance(value, bool) or "seconds" in key:
            continue
        elif isinstance(value, int | float):
            yield name, value


def in_words(counts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in leaves(counts)) or "no counts"
