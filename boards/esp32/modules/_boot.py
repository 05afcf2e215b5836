"""Frozen in the place of MicroPython's own: mounts the data file system, and formats only a blank one.

MicroPython's waits for ever when the file system is damaged. A box must not: outputs would float.
Here it is left alone, since it holds the car's key, and `main` says that `box.json` is missing.

Ctrl-C cannot end this. There is no `boot.py` in the image, for it could that, and then the prompt
would come in place of `main.py` (MicroPython's `main.c`).
"""

import gc

import machine
import vfs
from flashbdev import bdev

try:
    vfs.mount(bdev, "/")
except OSError:
    first = bytearray(64)
    bdev.readblocks(0, first, 0)
    if first == b"\xff" * 64:
        vfs.VfsLfs2.mkfs(bdev)
        vfs.mount(bdev, "/")
    else:
        print("the data file system is damaged; boards/esp32/README.md says how to begin anew")
if machine.reset_cause() == machine.SOFT_RESET:
    # By Ctrl-D at the prompt: the watchdog of the program before still runs.
    from hal.esp32.watchdog_timer import feed_by_timer

    feed_by_timer()
gc.collect()
