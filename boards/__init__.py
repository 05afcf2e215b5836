"""A folder a board: what is wired where, and the program that starts it."""
