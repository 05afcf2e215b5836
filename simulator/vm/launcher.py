"""Becomes MicroPython with a program image outside its heap.

Arguments: the image, the heap's size, the folder of the interpreter's extension module.

Run as a file, by path, without the project on the path. The image lies in memory of this process,
where the interpreter's collector does not look and its limit does not count, as flash on a board.
"""

import ctypes
import sys

#: Collecting this often keeps what lives together. Left to itself MicroPython collects when the
#: heap is full, by then in splinters: 3.4 KB could not be had with 50 KB free.
GC_THRESHOLD_BYTES = 8192
START = "from program import main; main()"


def main(image_path: str, heap_size: str, interpreter: str) -> None:
    sys.path[0] = interpreter
    import micropython_run

    with open(image_path, "rb") as file:
        image = file.read()
    memory = ctypes.create_string_buffer(image, len(image))
    script = (
        "import gc, sys, vfs, uctypes\n"
        f"gc.threshold({GC_THRESHOLD_BYTES})\n"
        f"vfs.mount(vfs.VfsRom(uctypes.bytearray_at({ctypes.addressof(memory)}, {len(image)})), '/rom')\n"
        "sys.path[:] = ['/rom']\n"
        "try:\n"
        f"    {START}\n"
        "except Exception as error:\n"
        "    sys.print_exception(error, sys.stderr)\n"
    )
    micropython_run.run_main(["micropython", "-X", f"heapsize={heap_size}", "-c", script])


if __name__ == "__main__":
    main(*sys.argv[1:])
