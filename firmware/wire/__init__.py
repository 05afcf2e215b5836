"""What the box and the daemon share: codes and the layout of bytes."""
