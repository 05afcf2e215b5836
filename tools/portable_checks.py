"""What portable code must not use, because MicroPython lacks it or means something else by it.

mpy-cross finds what it cannot parse (`tools.compile_portable`); ruff's `banned-api` names the
modules. Here stands what both let through and what fails only at run time, most often in the
error path that no desk test took.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools import tree
from tools.tree import Finding, Source

_OSERROR = "catch OSError and look at errno"

#: Builtins of CPython that MicroPython has not, with what to write instead.
NAMES = {
    "TimeoutError": _OSERROR,
    "ConnectionError": _OSERROR,
    "ConnectionAbortedError": _OSERROR,
    "ConnectionRefusedError": _OSERROR,
    "ConnectionResetError": _OSERROR,
    "BrokenPipeError": _OSERROR,
    "BlockingIOError": _OSERROR,
    "InterruptedError": _OSERROR,
    "PermissionError": _OSERROR,
    "FileExistsError": _OSERROR,
    "FileNotFoundError": _OSERROR,
    "IsADirectoryError": _OSERROR,
    "NotADirectoryError": _OSERROR,
    "EnvironmentError": _OSERROR,
    "IOError": _OSERROR,
    "ModuleNotFoundError": "catch ImportError",
    "RecursionError": "catch RuntimeError",
    "UnboundLocalError": "catch NameError",
    "UnicodeDecodeError": "catch UnicodeError",
    "UnicodeEncodeError": "catch UnicodeError",
    "SystemError": "catch RuntimeError",
    "BufferError": "catch ValueError",
    "Warning": "there are no warnings; write a fault",
    "ExceptionGroup": "there are no exception groups",
    "BaseExceptionGroup": "there are no exception groups",
    "format": 'write "%d" % n or "{}".format(n)',
    "ascii": "write repr()",
    "vars": "name the attributes",
    "exit": "write sys.exit()",
    "quit": "write sys.exit()",
    "breakpoint": "take it out",
}

#: Methods that no type of MicroPython has.
METHODS = {
    "removeprefix": "write text[len(prefix):] after startswith",
    "removesuffix": "write text[:-len(suffix)] after endswith",
    "hexdigest": "write binascii.hexlify(h.digest())",
    "bit_length": "count with a loop",
    "bit_count": "count with a loop",
    "ljust": 'write "%-8s" % text',
    "rjust": 'write "%8s" % text',
    "zfill": 'write "%08d" % n',
    "tobytes": "write bytes(view)",
    "tolist": "write list(view)",
    "toreadonly": "write bytes(view)",
    "cast": "use struct.unpack_from",
    "capitalize": "write the text as it should be",
    "casefold": "write lower()",
    "swapcase": "write lower() or upper()",
    "expandtabs": "write replace()",
    "format_map": "write format()",
    "maketrans": "write replace()",
    "translate": "write replace()",
    "isalnum": "compare with a string of the wanted signs",
    "isascii": "compare each byte with 128",
    "isdecimal": "write isdigit()",
    "isidentifier": "compare with a string of the wanted signs",
    "isnumeric": "write isdigit()",
    "isprintable": "compare each byte with 32 and 127",
    "istitle": "compare with lower() and upper()",
    "is_integer": "use integers with units",
    "as_integer_ratio": "use integers with units",
}

#: Keyword arguments that the same call has not there: (method or function, keyword).
KEYWORDS = {
    ("dumps", "sort_keys"): "dictionaries keep no order there; sign and compare bytes as received",
    ("dumps", "indent"): "write one line",
    ("to_bytes", "length"): "write n.to_bytes(4, 'big') without keywords",
    ("to_bytes", "byteorder"): "write n.to_bytes(4, 'big') without keywords",
    ("from_bytes", "byteorder"): "write int.from_bytes(data, 'big') without keywords",
    ("to_bytes", "signed"): "use struct.pack",
    ("from_bytes", "signed"): "use struct.unpack",
    ("zip", "strict"): "compare the lengths first",
    ("split", "maxsplit"): "write text.split(' ', 1) without keywords",
}


def check(source: Source) -> Iterator[Finding]:
    """Findings in one file; none when CPython alone runs it."""
    if not tree.runs_on_micropython(source.path):
        return
    firmware_like = not source.path.startswith("tests/")
    for node in ast.walk(source.tree):
        text = _complaint(node) or (_float(node) if firmware_like else None)
        if text:
            yield Finding(source.path, getattr(node, "lineno", 1), text)


def _complaint(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAMES:
        return f"MicroPython has no {node.id}: {NAMES[node.id]}"
    if isinstance(node, ast.Call):
        return _call(node)
    if isinstance(node, ast.Match):
        return "MicroPython has no match statement: write if and elif"
    if isinstance(node, ast.TryStar):
        return "MicroPython has no exception groups"
    if isinstance(node, ast.FunctionDef) and node.args.posonlyargs:
        return f"MicroPython has no positional-only arguments: take the / out of {node.name}"
    if isinstance(node, ast.AsyncFunctionDef):
        return f"the loop is one non-blocking turn: write {node.name} as a poll(now_ms)"
    return None


def _call(node: ast.Call) -> str | None:
    called = node.func
    if isinstance(called, ast.Attribute):
        name = called.attr
        if name in METHODS:
            return f"MicroPython has no {name}(): {METHODS[name]}"
    else:
        name = getattr(called, "id", "")
    for keyword in node.keywords:
        advice = KEYWORDS.get((name, keyword.arg or ""))
        if advice:
            return f"MicroPython has no {keyword.arg}= in {name}(): {advice}"
    return None


def _float(node: ast.AST) -> str | None:
    """Floats are 32 bits wide on the box and live on its heap: a Unix time is off by a minute."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return f"float {node.value}: use an integer with its unit in the name"
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div):
        return "division gives a float: use // on integers"
    return None
