"""How every command of fleetd and of the simulator is declared."""

from tools import tree


def test_one_parser_says_what_is_wrong_in_one_sentence() -> None:
    """All programs have it from here; argparse's own says its whole usage first."""
    made = [
        source.path
        for source in tree.sources()
        if source.path.startswith(("fleetd/", "simulator/"))
        and ("ArgumentParser(" in source.text or "ArgumentParser):" in source.text)
    ]
    assert made == ["fleetd/arguments.py"]
