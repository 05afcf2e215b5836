"""python -m boards.pi.skeleton PROFILE: a `box.json` to fill in, on standard output.

It is no good as it stands, so that nobody's car runs with it: `--check` names the first gap.
"""

import json
import sys
from pathlib import Path

from boards.box_config import FORMAT, SYSTEM

PROFILES = Path(__file__).resolve().parent.parent.parent / "firmware" / "profiles"


def skeleton(profile: str) -> str:
    """ValueError for a profile that does not exist."""
    path = PROFILES / f"{profile}.json"
    known = sorted(found.stem for found in PROFILES.glob("*.json"))
    if profile not in known:
        raise ValueError(f"{profile}: no such profile (known: {', '.join(known)})")
    values = {
        "format": FORMAT,
        "car": "12 digits from the file that fleetd car add wrote",
        "key": "64 digits from there",
        "password": "the car's password from there",
        "host": "centre.example",
        "port": 8883,
        "tls": True,
        "ca": "ca.pem",
        "network": SYSTEM,
        "terms": json.loads(path.read_text(encoding="utf-8")),
        "settings": {},
        "board": {"reader": {"by": "pn532", "port": "/dev/serial0"}},
    }
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def main(argv: list[str]) -> int:
    try:
        print(skeleton(argv[0]), end="")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
