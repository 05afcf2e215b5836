"""Frames, events and records in words."""
