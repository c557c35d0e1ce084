"""What the interpreter runs in place of a board's boot; the arguments are those of `virtual_board.run`.

It is this short because the heap is measured before anything else: what it holds is not held by the fakes.
"""

import sys

import heap_share  # noqa: F401 - measures the heap before the fakes are on it
import virtual_board

virtual_board.run(*sys.argv[1:])
