"""Decisions without I/O: they take now and plain values."""
