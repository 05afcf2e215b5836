"""Ports on an ESP32 under MicroPython: `machine`, `esp32`, `network`."""
