"""Faults planted in the daemon and the car, that the simulation of everything must find."""
