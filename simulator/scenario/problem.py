"""What is wrong with a story: where, and what was expected there."""

from __future__ import annotations


class StoryError(Exception):
    """A story that cannot be understood; the text names file, line and what would be right."""

    def __init__(self, path: str, line: int, sentence: str) -> None:
        super().__init__(f"{path}:{line}: {sentence}" if line else f"{path}: {sentence}")
        self.path = path
        self.line = line
        self.sentence = sentence


class WordError(ValueError):
    """A word or value that cannot be understood; whoever knows the line makes a StoryError of it."""
