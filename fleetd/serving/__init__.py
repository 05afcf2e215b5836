"""The running daemon: its process, ports and keys."""
