"""What is kept, as SQL on SQLite."""
