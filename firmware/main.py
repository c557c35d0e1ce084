"""Started by MicroPython after power-on."""

import gc

gc.threshold(1024)  # while modules are imported: what stays must not lie scattered among what was needed for a moment

from cabinet.controller import run  # noqa: E402

run()
