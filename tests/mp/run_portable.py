"""Runs portable tests without pytest, under MicroPython: arguments are the modules' dotted names.

    micropython tests/mp/run_portable.py tests.portable.firmware.test_ticks

A test is a function named `test_*` without arguments; it fails by raising. A line is printed for
each failure with its traceback, then `N passed, N failed`. Exit code 1 when one failed, when a
module could not be imported, or held no test at all.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def run(module_name: str) -> "tuple[int, int]":
    """(passed, failed) of the tests of one module."""
    try:
        __import__(module_name)
    except Exception as error:
        complain(module_name, "cannot be imported", error)
        return 0, 1
    module = sys.modules[module_name]
    passed, failed = 0, 0
    for name in names_of_tests(module):
        try:
            getattr(module, name)()
            passed += 1
        except Exception as error:
            complain(module_name, name, error)
            failed += 1
    del sys.modules[module_name]  # its constants and functions would take memory from the next
    if passed + failed == 0:
        print("FAIL %s: no function named test_* in it" % module_name)
        return 0, 1
    return passed, failed


def names_of_tests(module: "ModuleType") -> "list[str]":
    """Sorted, since MicroPython's dictionaries keep no order."""
    return sorted(name for name in dir(module) if name.startswith("test_"))


def complain(module_name: str, what: str, error: Exception) -> None:
    print("FAIL %s: %s" % (module_name, what))
    sys.print_exception(error, sys.stdout)  # type: ignore[attr-defined]


def main(module_names: "list[str]") -> int:
    passed, failed = 0, 0
    for module_name in module_names:
        more_passed, more_failed = run(module_name)
        passed += more_passed
        failed += more_failed
    print("%d passed, %d failed" % (passed, failed))
    return 0 if passed and not failed else 1


sys.exit(main(sys.argv[1:]))
