"""Runs before `main.py`. After Ctrl-C and Ctrl-D the watchdog of the stopped program still runs."""

import machine

if machine.reset_cause() == machine.SOFT_RESET:
    from hal.esp32.watchdog_timer import feed_by_timer

    feed_by_timer()
