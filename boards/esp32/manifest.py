"""What the build of MicroPython freezes: the program alone, none of MicroPython's own libraries."""

freeze("$(PORT_DIR)/modules", ("flashbdev.py",))  # type: ignore[name-defined]  # noqa: F821
freeze("$(BOARD_DIR)/modules", ("_boot.py",))  # type: ignore[name-defined]  # noqa: F821
# `python -m tools.esp32_program` writes it there.
freeze("$(BOARD_DIR)/../../build/esp32/program")  # type: ignore[name-defined]  # noqa: F821
