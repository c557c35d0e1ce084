"""Started by MicroPython after power-on; lies in the file system, and is never updated.

Has `starter.py` choose which half of the firmware's flash runs, and runs the controller from there. What goes wrong on
the way is the starter's to judge as well.
"""

import gc
import sys

import starter

gc.threshold(1024)  # while modules are imported: what stays must not lie scattered among what was needed for a moment
starter.mount()
del sys.modules["starter"], starter  # its memory is the firmware's
try:
    from cabinet.controller import run
except Exception as error:
    import starter

    starter.failed(error, True)
else:
    try:
        run()
    except Exception as error:
        import starter

        starter.failed(error, False)
