"""What MicroPython runs as `main.py`: the box, with no way around it to the prompt.

MicroPython lets Ctrl-C in right before it calls this (`shared/runtime/pyexec.c`), and whatever
exception ends this ends at the prompt. The lines before `try` hold no jump, and only at one of those
the interpreter raises what Ctrl-C has left (`py/vm.c`): in the `try`, then. Whatever comes out of
the program, the box starts anew. It ends without one only where the console opened the prompt.
"""

import micropython

micropython.kbd_intr(-1)
try:
    import sys
    import time

    import machine

    from boards.esp32.main import main

    main()
except BaseException as error:  # noqa: BLE001 - no exception may end at the prompt
    try:
        sys.print_exception(error)  # type: ignore[attr-defined]
        # No sooner, for the sake of the flash.
        time.sleep_ms(2_000)  # type: ignore[attr-defined]
    finally:
        machine.reset()
