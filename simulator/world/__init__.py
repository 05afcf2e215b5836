"""The car around the box: body, wiring, sensors, signals."""
