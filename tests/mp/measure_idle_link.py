"""Prints the bytes that 10,000 idle polls of the link allocate, as `STATE BYTES`. For MicroPython."""

import gc

from tests.portable.firmware.link_rig import LinkRig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.link import Link

POLLS = 10000


def allocated(link: "Link", now_ms: int) -> int:
    """Bytes that the polls and what a turn asks of a link take; nothing is collected meanwhile."""
    run(link, now_ms, 10)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()  # type: ignore[attr-defined]
    run(link, now_ms, POLLS)
    after = gc.mem_alloc()  # type: ignore[attr-defined]
    gc.enable()
    return int(after - before)


def run(link: "Link", now_ms: int, count: int) -> None:
    for _ in range(count):
        link.poll(now_ms)
        link.is_online()
        link.receive()
        link.next_due_at_ms  # noqa: B018 - reading it is what is measured


def main() -> None:
    rig = LinkRig()
    rig.after(0)
    print(rig.link.state, allocated(rig.link, rig.now_ms))
    rig.wait_for_attempt()
    print(rig.link.state, allocated(rig.link, rig.now_ms))
    rig.network.cut()
    rig.after(0)
    rig.wait_for_attempt()
    rig.say(b"\x20\x02\x00\x00")
    rig.grant()
    print(rig.link.state, allocated(rig.link, rig.now_ms))
    rig.network.lose_carrier()
    rig.after(0)
    print("out of reach", allocated(rig.link, rig.now_ms))


main()
