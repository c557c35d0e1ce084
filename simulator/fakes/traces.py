"""Codes of real converters, recorded on the bench, in place of a bin's physics.

A recording is CSV, `t_ms,bin,code,temperature_c`, a row for each conversion, as `partsbay bench --record-trace` writes
it. It begins with a converter's first code and goes on with its clock, looked at or not; at its end its last second
goes round.
"""

from array import array

_LAST = 10  # codes that go round at the end


def read(path):
    """The codes of each bin (from 0) in order."""
    codes = {}
    with open(path) as file:
        file.readline()  # its head
        for line in file:
            _, bin_, code, _ = line.split(",")
            codes.setdefault(int(bin_) - 1, array("l")).append(int(code))
    return codes


def code_at(codes, conversion):
    """What the converter said at a conversion, from 0."""
    count = len(codes)
    if conversion < count:
        return codes[conversion]
    last = min(_LAST, count)
    return codes[count - last + (conversion - count) % last]
