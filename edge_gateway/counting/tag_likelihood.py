"""How well the tags that fell silent or came agree with so many pieces of a part having left or come.

Pure. A piece that left takes its tag along; a tag that is there may stay silent in a pass, a tag outside may be heard.
"""

from math import comb, log

from edge_gateway.counting.evidence import TagEvidence

_HEARD_OUTSIDE = 0.0015  # a piece that left is heard all the same, or had no tag that works
_SILENT_NEWCOMER = 0.012  # a piece that came is not heard
_STRANGER = 0.006  # a tag that came without its piece: in somebody's pocket, or thought gone when it was silent


def log_likelihood(tags: TagEvidence, change: int) -> float:
    """Log of the probability of what was heard of a part when `change` pieces came (negative: left)."""
    left, came = max(-change, 0), max(change, 0)
    return _log_missing(tags.silent_ppm, tags.present, left) + _log_came(tags.came, came)


def _log_missing(silent_ppm: tuple[int, ...], present: int, left: int) -> float:
    """The missing tags are those of the pieces that left, any of those there, and the rest stayed silent by chance."""
    missing = len(silent_ppm)
    which = log(comb(max(missing + present, left), left))
    if left >= missing:
        return (left - missing) * (log(_HEARD_OUTSIDE) + log(max(present, 1))) - which
    by_chance = missing - left
    sums = [1.0] + [0.0] * by_chance  # elementary symmetric polynomials
    for ppm in silent_ppm:
        silent = max(ppm, 1) / 1e6
        for degree in range(by_chance, 0, -1):
            sums[degree] += sums[degree - 1] * silent
    return log(sums[by_chance]) - which


def _log_came(found: int, came: int) -> float:
    if found >= came:
        return (found - came) * log(_STRANGER)
    return log(comb(came, found)) + (came - found) * log(_SILENT_NEWCOMER)  # any of them may be the silent ones
