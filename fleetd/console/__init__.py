"""The host's end of a technician's cable."""
