"""The page of the statechart: what `transitions` does is what stands there, and gaps are told."""

from pathlib import Path
from typing import Any

import pytest

from firmware.rental_table import INITIAL, STATES, TRANSITIONS
from tools import diagram
from tools.diagram import STAYS, Matrix, chart, drawing, matrix, objections
from tools.empty_cells import EMPTY_CELLS
from tools.statechart_machine import Rows, States, full_names, machine_of

SMALL_STATES: States = (
    ("idle", None, (), ()), ("use", None, (), ()), ("open", "use", (), ()), ("shut", "use", (), ()),
)  # fmt: skip
SMALL_ROWS: Rows = (
    ("idle", "tapped", ("is_known",), (), "open"),
    ("idle", "tapped", (), ("refuse",), None),
    ("open", "locked", (), (), "shut"),
    ("use", "tapped", ("!is_known", "is_late"), (), "idle"),
)


@pytest.fixture(scope="module", name="cells")
def cells_of_the_rental() -> Matrix:
    return matrix(chart())


def small() -> Any:
    return chart(SMALL_STATES, SMALL_ROWS, "idle")


def test_a_small_table_is_drawn_and_listed() -> None:
    machine = small()
    assert matrix(machine) == {
        "locked": {"idle": [], "open": ["shut"], "shut": []},
        "tapped": {"idle": ["open", STAYS], "open": ["idle"], "shut": ["idle"]},
    }
    drawn = drawing(machine, machine.initial).splitlines()
    assert drawn[0] == "stateDiagram-v2"
    assert "  idle --> open: tapped [is_known]" in drawn
    assert "  use --> idle: tapped [is_late & !is_known]" in drawn
    assert not any("refuse" in line or "internal" in line for line in drawn)


def test_a_run_of_the_rental_goes_where_the_matrix_says(cells: Matrix) -> None:
    """Each row in turn is the one whose guards hold: `transitions` moves, and the matrix has it."""
    full = full_names(STATES)
    true: set[str] = set()
    wanted: dict[str, bool] = {}

    def named(name: str) -> Any:
        return lambda: wanted.get(name, name in true)

    machine = machine_of(STATES, TRANSITIONS, INITIAL, named=named)
    model: Any = type("Model", (), {})()
    machine.add_model(model, initial=full[INITIAL])
    seen: set[tuple[str, str, str]] = set()
    for source, event, guards, _, _ in TRANSITIONS:
        for leaf in next(iter(cells.values())):
            if source not in full[leaf].split("."):
                continue
            wanted.clear()
            wanted.update({guard.lstrip("!"): guard[0] != "!" for guard in guards})
            machine.set_state(full[leaf], model)
            assert model.trigger(event), (event, leaf)
            after = str(model.state).rpartition(".")[2]
            assert cells[event][leaf]
            assert after in cells[event][leaf] or (after == leaf and STAYS in cells[event][leaf])
            seen.add((event, leaf, after))
    assert len(seen) > 200


def test_an_event_does_nothing_exactly_where_a_cell_is_empty(cells: Matrix) -> None:
    full = full_names(STATES)
    machine = machine_of(STATES, TRANSITIONS, INITIAL, named=lambda _: lambda: True)
    model: Any = type("Model", (), {})()
    machine.add_model(model, initial=full[INITIAL])
    for event, row in cells.items():
        for leaf, targets in row.items():
            machine.set_state(full[leaf], model)
            if not targets:
                assert not model.trigger(event), (event, leaf)
                assert model.state == full[leaf]
            else:
                assert event in machine.get_triggers(full[leaf])


def test_every_empty_cell_of_the_rental_has_its_reason(cells: Matrix) -> None:
    assert list(objections(cells, EMPTY_CELLS)) == []


def test_each_wrong_reason_is_told() -> None:
    cells = matrix(small())
    good = {"locked": ((("idle", "shut"), "nothing is open"),)}
    assert list(objections(cells, good)) == []
    for wrong, told in (
        ({}, "locked in idle does nothing, and nobody has said why"),
        ({"locked": ((("idle",), "."),)}, "locked in shut does nothing"),
        ({"locked": ((("idle", "shut", "open"), "."),)}, "locked in open does something"),
        ({"locked": ((("idle", "shut"), "."), (("idle",), "."))}, "has two reasons"),
        ({"locked": ((("idle", "shut", "gone"), "."),)}, "gone is no state"),
        ({**good, "opened": ()}, "opened is no event"),
        ({**good, "tapped": ((("idle",), "."),)}, "tapped in idle does something"),
    ):
        found = list(objections(cells, wrong))
        assert [one for one in found if told in one], (wrong, found)


def test_check_fails_for_a_stale_page_and_for_an_unexplained_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "statechart.md"
    page.parent.mkdir()
    monkeypatch.setattr(diagram, "PAGE", page)
    assert diagram.main(["--check"]) == 1
    assert diagram.main([]) == 0
    assert diagram.main(["--check"]) == 0
    page.write_text(page.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert diagram.main(["--check"]) == 1
    assert diagram.main(["--draw"]) == 2
    assert diagram.main([]) == 0
    monkeypatch.delitem(EMPTY_CELLS, "warning_due")
    assert diagram.main([]) == 1
    assert "warning_due in vacant does nothing" in capsys.readouterr().err
