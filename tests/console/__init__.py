"""The technician's console, over pseudo-terminals."""
