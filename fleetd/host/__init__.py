"""What the operator does on the host, a command each."""
