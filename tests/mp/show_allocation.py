"""Prints how many bytes 100 sums just below and just above 2**30 take from the heap."""

import gc


def bytes_of_sums(base: int) -> int:
    before = gc.mem_alloc()  # type: ignore[attr-defined]
    i = 0
    while i < 100:
        base + i
        i += 1
    return int(gc.mem_alloc() - before)  # type: ignore[attr-defined]


bytes_of_sums(0)
print(bytes_of_sums(2**30 - 200), bytes_of_sums(2**30))
