"""The registers of a shelf node, as controller and node share them; `hardware/README.md` has the same as a table.

Input registers from DATA on are one look at all eight converters; holding register START is a mask of those to be
started anew. A node starts none by itself: one that has lost its settings stays what it is until it is asked.
"""

BINS = 8
MAP_VERSION = 1

DATA = 0  # input registers
SCANS = 0  # how often the node has gone through its converters, modulo 65536
AGE_MS = 1  # since it last did, at most 65535
STATES = 2  # two registers: four bits a bin, the lowest four bits of the first are bin 1's
CODES = 4  # three registers a bin: conversions modulo 65536, then the code, signed, its high half first
DATA_COUNT = CODES + 3 * BINS

IDENTITY = 256  # input registers: MAGIC, MAP_VERSION, BINS, address, seconds up, frames refused, errors on its bus
IDENTITY_COUNT = 7
MAGIC = 0x5342

START = 0  # holding register

OFF = 0  # states of a converter: nobody has asked for it since the node started
STARTING = 1
CONVERTING = 2
SILENT = 3  # no answer, or another's
