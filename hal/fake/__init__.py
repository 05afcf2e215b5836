"""Ports in memory, with the behaviour and the faults of the real ones."""
