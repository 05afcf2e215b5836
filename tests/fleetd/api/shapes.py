"""Does a value have the shape that a schema says? The part of JSON Schema that we write."""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "description",
    "$ref",
}  # fmt: skip


def problems(
    document: dict[str, Any], schema: dict[str, Any], value: Any, where: str = "$"
) -> list[str]:
    """What is wrong, and where; nothing for a fitting value."""
    if "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return problems(document, found, value, where)
    if "anyOf" in schema:
        tries = [problems(document, one, value, where) for one in schema["anyOf"]]
        return min(tries, key=len)
    unknown = set(schema) - _KNOWN
    assert not unknown, f"{where}: the test does not know {unknown}"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is_a(kind, value) for kind in kinds):
        return [f"{where}: {value!r} is no {' or '.join(kinds)}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    if isinstance(value, list):
        return [
            problem
            for number, item in enumerate(value)
            for problem in problems(document, schema["items"], item, f"{where}[{number}]")
        ]
    return _in_object(document, schema, value, where) if isinstance(value, dict) else []


def _in_object(
    document: dict[str, Any], schema: dict[str, Any], value: dict[str, Any], where: str
) -> list[str]:
    known = schema["properties"]
    found = [f"{where}: lacks {name}" for name in schema["required"] if name not in value]
    found += [f"{where}: has {name} besides" for name in value if name not in known]
    for name, inner in known.items():
        if name in value:
            found += problems(document, inner, value[name], f"{where}.{name}")
    return found


def _is_a(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])
