"""The program of the box on CPython, in this process, or on MicroPython, in one of its own."""
