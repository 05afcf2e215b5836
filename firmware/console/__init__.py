"""The technician's console: loaded when the first byte comes, given back when nobody types."""
