"""Ports to the world outside the program: one protocol a port, one folder a platform."""
