"""The technician's console, on both interpreters."""
