"""The ports on Linux, CPython: a Raspberry Pi's pins, lines, clock and files."""
