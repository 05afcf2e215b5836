"""The decisions of the box. Portable (MicroPython and CPython); imports nothing but itself."""
