"""A car on the desk: the program of the box behind one byte interface, its world elsewhere."""
