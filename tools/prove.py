"""`make prove`, `make prove-long`: the campaigns that try to break what must hold, one by one.

    python -m tools.prove [--long] [--only NAME ...] [--json OUT]
    python -m tools.prove --doc        the counts of build/proof.json into docs/proof.md

Each campaign is a program of its own under tests/, with a short and a long form. Its counts are
what it prints as JSON. The long ones take hours, so parts add up: build/proof.json keeps, form by
form, the last run of each campaign with its own date and commit, written as soon as it has ended.
Exit 0 all that were run hold, 1 one does not (one that is not there does not hold), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tools import tree
from tools.campaigns import CAMPAIGNS, Campaign
from tools.proof_page import BEGIN, END, Proof, in_words, table

OUT = tree.ROOT / "build" / "proof.json"
DOC = tree.ROOT / "docs" / "proof.md"
FORMS = ("short", "long")

#: What a program prints that has no JSON of its own.
_PLAIN = re.compile(r"^(?P<tried>\d+) cuts, (?P<failures>\d+) failures$", re.MULTILINE)
_TAKES_JSON = ("tests.oracle", "tests.interlock_space", "tests.mutation", "simulator")


def run(campaign: Campaign, is_long: bool) -> dict[str, Any]:
    """What became of one campaign."""
    command = ["-m", campaign.program, *(campaign.long if is_long else campaign.short)]
    said = f"python {' '.join(command)}"
    counts_file = OUT.parent / f"proof-{campaign.name}.json"
    counts_file.unlink(missing_ok=True)
    if campaign.program in _TAKES_JSON:
        command += ["--json", str(counts_file)]
    print(f"{campaign.name}: {said}", flush=True)
    tried = commit()
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command], cwd=tree.ROOT, capture_output=True, text=True, check=False
    )
    wall_s = round(time.monotonic() - began, 1)
    counts: dict[str, Any] = {}
    if counts_file.exists():
        counts = json.loads(counts_file.read_text())
        counts.pop("wall_s", None)
    else:
        counts = counts_in(done.stdout)
    holds = done.returncode == 0 and bool(counts)
    if not holds:
        lines = (done.stdout + done.stderr).splitlines()
        print("\n".join(f"    {line}" for line in lines[-20:]))
    print(
        f"    {'holds' if holds else 'DOES NOT HOLD'}, {wall_s} s: {in_words(counts)}", flush=True
    )
    if commit() != tried:
        tried = f"{tried.rstrip('+')}+"
    now = dt.datetime.now(tz=dt.UTC)
    return {
        "holds": holds,
        "command": said,
        "date": now.isoformat(timespec="seconds"),
        "commit": tried,
        "wall_s": wall_s,
        "counts": counts,
    }


def counts_in(text: str) -> dict[str, Any]:
    """Every JSON object that stands on a line, under its own name if it has one."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        if line.startswith("{"):
            counts = json.loads(line)
            name = counts.pop("name", None)
            counts.pop("command", None)
            found |= {name: counts} if name else counts
    plain = _PLAIN.search(text)
    if plain and not found:
        found = {key: int(value) for key, value in plain.groupdict().items()}
    return found


def commit() -> str:
    """The commit that was tried; with a plus when the tree differs from it."""
    head = _git("rev-parse", "--short=12", "HEAD")
    return f"{head}+" if _git("status", "--porcelain", "--untracked-files=no") else head


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=tree.ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def kept(path: Path) -> Proof:
    """Form -> campaign -> its last run; what is there no more is left out."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    names = [campaign.name for campaign in CAMPAIGNS]
    return {
        form: {name: last for name, last in found.get(form, {}).items() if name in names}
        for form in FORMS
    }


def write_doc() -> int:
    """docs/proof.md with the counts of the last runs."""
    if not OUT.exists():
        print("build/proof.json: not there; run make prove-long first", file=sys.stderr)
        return 2
    text = DOC.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    block = table({one.name: one.title for one in CAMPAIGNS}, kept(OUT))
    DOC.write_text(f"{before}{block}{after}", encoding="utf-8")
    return 0


def main(argv: list[str]) -> int:
    """Exit 0 all hold, 1 not, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.prove",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--long", action="store_true", help="in full: an hour or more")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in CAMPAIGNS])
    parser.add_argument("--json", type=Path, default=OUT, metavar="OUT")
    parser.add_argument("--doc", action="store_true", help="write docs/proof.md, run nothing")
    options = parser.parse_args(argv)
    if options.doc:
        return write_doc()
    OUT.parent.mkdir(exist_ok=True)
    chosen = [one for one in CAMPAIGNS if not options.only or one.name in options.only]
    failed = []
    for one in chosen:
        found = run(one, options.long)
        if not found["holds"]:
            failed.append(one.name)
        proof = kept(options.json)
        proof["long" if options.long else "short"][one.name] = found
        options.json.write_text(json.dumps(proof, indent=2) + "\n", encoding="utf-8")
    print(f"{len(chosen) - len(failed)} of {len(chosen)} hold; wrote {options.json}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
