"""The box on a Raspberry Pi."""
