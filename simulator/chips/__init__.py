"""Chips simulated byte for byte, driven by injected time."""
