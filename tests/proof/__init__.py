"""Machines that try to break the car: exploration, planted faults, random lives."""
