"""The ports of an ESP32, on a chip that is simulated."""
