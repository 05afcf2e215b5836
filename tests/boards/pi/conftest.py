"""The daemon at the far end of whatever is done at the cable."""

from tests.fleetd.depot import daemon

__all__ = ["daemon"]
