"""What every implementation of a port must do: the same checks for fake, Linux and MicroPython.

Each module has functions `check_*(make)`, all of them in its `ALL`. `make` gives a fresh port and
the other side of it: what it gives is in the module's docstring. A check fails by raising.
"""
