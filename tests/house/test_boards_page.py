"""boards/README.md: its tables have every line of a box, and its example is one that a box takes."""

import json
import re

from boards import box_config, pin_table
from boards.esp32 import pins
from hal import enable_line
from tools import tree

PAGE = (tree.ROOT / "boards" / "README.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[str]:
    """First cells of the table under a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def test_each_input_has_its_row_in_order() -> None:
    assert tuple(rows("Wiring: inputs")) == pin_table.INPUT_NAMES


def test_each_output_has_its_row() -> None:
    assert tuple(rows("Wiring: outputs")) == pin_table.PULSE_NAMES + pin_table.LEVEL_NAMES


def test_pulses_are_as_long_as_the_page_says() -> None:
    said = re.findall(r"^\| `\w+` \| pulse, (\d+) ms", PAGE, re.MULTILINE)
    assert tuple(map(int, said)) == pins.PULSE_MS


def test_the_supply_switch_outlives_the_edges() -> None:
    """SAFE-6: two edges of the program fit well into the time of the circuit that the page draws."""
    found = re.search(r"0\.7 × (\d+) kΩ × (\d+) µF = ([\d.]+) s", PAGE)
    assert found
    hold_s = 0.7 * int(found.group(1)) * 1e3 * int(found.group(2)) * 1e-6
    assert abs(hold_s - float(found.group(3))) < 0.05
    assert hold_s > 2 * 2 * enable_line.EDGE_EVERY_MS / 1000 * 1.04
    assert f"at least every {enable_line.EDGE_EVERY_MS} ms" in PAGE


def test_the_example_of_a_configuration_is_taken() -> None:
    """As it stands, with the secrets filled in and the terms of a profile."""
    block = PAGE.split("### box.json")[1].split("\n    }")[0] + "\n    }"
    raw = json.loads(block)
    profile = tree.ROOT / "firmware" / "profiles" / "top24-2023.json"
    raw["terms"] = json.loads(profile.read_text(encoding="utf-8"))
    raw["key"] = "00" * 32
    config = box_config.load(json.dumps(raw))
    assert config.car == "4b4700000001"
    assert config.ca == "ca.der"
