"""python -m simulator COMMAND: the programs around one simulated car, or many."""

from __future__ import annotations

import importlib
import importlib.util
import sys

from fleetd.readers import while_read

#: Command -> (module with `main(arguments)`, what it does).
COMMANDS = {
    "scenario": ("simulator.scenario.command", "play stories and check what they expect"),
    "run": ("simulator.live", "daemon, car and view on one desk: a rental day, live"),
    "car": ("simulator.desk.car_command", "one car beside a running daemon"),
    "view": ("simulator.live.watch", "look at a car that runs"),
    "desk": ("simulator.page.command", "a car that runs, in the browser"),
    "sim": (
        "simulator.weather.command",
        "cars, network, daemon and disk with faults, from one seed",
    ),
    "fleet": ("simulator.fleet.command", "many cars for many days, with faults"),
    "replay": ("simulator.replay", "play again what a car recorded"),
    "pn532": ("simulator.chips.pn532_terminal", "the reader's chip on a pseudo-terminal"),
}

#: Of those that are not written yet: what to use meanwhile.
NOT_YET = {
    "replay": "a seed is played again by: python -m simulator sim --seed N --trace, and what a car"
    " told is read by: python -m fleetd decode"
}

USAGE = 2


def help_text() -> str:
    """All commands, a line each."""
    lines = ["usage: python -m simulator COMMAND [ARGUMENT...]", "", "commands:"]
    for name, (module, what) in COMMANDS.items():
        lines.append(f"  {name:9} {what}" + ("" if is_there(module) else " (not yet)"))
    lines += [
        "",
        "example:",
        "  python -m simulator scenario tests/scenarios/rental-day.yaml",
        "",
        "python -m simulator COMMAND --help tells more.",
    ]
    return "\n".join(lines)


def is_there(module: str) -> bool:
    """Whether the command's module was written yet."""
    return importlib.util.find_spec(module) is not None


def main(arguments: list[str]) -> int:
    """The exit code of the command."""
    if arguments[:1] in (["--help"], ["-h"], ["help"]):
        print(help_text())
        return 0
    if not arguments or arguments[0] not in COMMANDS:
        if arguments:
            from simulator.scenario.words import unknown

            print(unknown("command", arguments[0], COMMANDS), file=sys.stderr)
        else:
            print(help_text(), file=sys.stderr)
        return USAGE
    name, rest = arguments[0], arguments[1:]
    module, _ = COMMANDS[name]
    if not is_there(module):
        print(f"python -m simulator {name} does not exist yet; {NOT_YET[name]}", file=sys.stderr)
        return USAGE
    return int(importlib.import_module(module).main(rest) or 0)


if __name__ == "__main__":
    sys.exit(while_read(lambda: main(sys.argv[1:])))
