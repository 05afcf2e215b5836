"""YAML as text with line numbers: every scalar stays the word that stands in the file.

YAML 1.1 would read `on` as true and `09:45` as 585; here both stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from simulator.scenario.problem import StoryError

_DEPTH_MAX = 20


class Value:
    """A scalar, list or mapping of a file, and the line it begins on."""

    def __init__(self, node: yaml.Node, path: str, depth: int = 0) -> None:
        self.path = path
        self.line = node.start_mark.line + 1
        self._node = node
        self._depth = depth
        if depth > _DEPTH_MAX:
            raise self.error("lists and mappings are nested too deep")

    def error(self, sentence: str) -> StoryError:
        """The error to raise about this place."""
        return StoryError(self.path, self.line, sentence)

    @property
    def kind(self) -> str:
        """What it is, for messages."""
        if isinstance(self._node, yaml.MappingNode):
            return "a mapping"
        if isinstance(self._node, yaml.SequenceNode):
            return "a list"
        return "a word"

    @property
    def is_list(self) -> bool:
        return isinstance(self._node, yaml.SequenceNode)

    def text(self, name: str) -> str:
        """The scalar; `name` says in the error what should stand here."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.error(f"{name} is one word, not {self.kind}")
        value = str(self._node.value).strip()
        if not value:
            raise self.error(f"{name} is empty")
        return value

    def items(self, name: str) -> list[Value]:
        """The elements of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.error(f"{name} is a list, not {self.kind}")
        return [Value(node, self.path, self._depth + 1) for node in self._node.value]

    def one_or_more(self) -> list[Value]:
        """The elements of a list, or the thing itself."""
        return self.items("") if self.is_list else [self]

    def entries(self, name: str) -> Iterator[tuple[str, Value, Value]]:
        """(key, the key's place, value) of a mapping; a key that comes twice is an error."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error(f"{name} is a mapping (key: value), not {self.kind}")
        seen: dict[str, int] = {}
        for key_node, value_node in self._node.value:
            key = Value(key_node, self.path, self._depth + 1)
            word = key.text(f"a key of {name}")
            if word in seen:
                raise key.error(f"{word} stands here twice, first in line {seen[word]}")
            seen[word] = key.line
            yield word, key, Value(value_node, self.path, self._depth + 1)


def load(text: str, path: str) -> Value:
    """The document in `text`; StoryError when it is not YAML or empty."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise StoryError(path, line, f"not YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        sentence = f"not YAML: character {error.character!r} may not stand in it"
        raise StoryError(path, line, sentence) from error
    except RecursionError as error:
        raise StoryError(path, 1, "lists and mappings are nested too deep") from error
    if node is None:
        raise StoryError(path, 1, "the file is empty; a story has title, profile, now and steps")
    return Value(node, path)
