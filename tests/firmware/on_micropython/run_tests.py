"""Runs the `test_*` functions of the modules named on the command line; for MicroPython, which has no pytest.

Coroutine functions are run by asyncio with a deadline. Prints one line for each failure and exits 1 if there is one.
"""

import asyncio
import sys

_DEADLINE_S = 20


def run(module_name):
    """(tests run, tests failed) of one module."""
    module = __import__(module_name)
    count = failed = 0
    for name in sorted(dir(module)):
        if not name.startswith("test_"):
            continue
        count += 1
        try:
            result = getattr(module, name)()
            if hasattr(result, "send"):
                asyncio.run(asyncio.wait_for(result, _DEADLINE_S))
        except Exception as error:
            failed += 1
            print("FAILED %s.%s" % (module_name, name))
            sys.print_exception(error)
        asyncio.new_event_loop()
    return count, failed


total = [run(name) for name in sys.argv[1:]]
print("%d tests, %d failed" % (sum([row[0] for row in total]), sum([row[1] for row in total])))
sys.exit(1 if not total or min([row[0] for row in total]) == 0 or sum([row[1] for row in total]) else 0)
