"""What people do at a cabinet, before anything was weighed: how likely each outcome is beforehand.

Pure. The shares are those of the standard mix of sessions (docs/accuracy.md): most people take one to three of one
part; some take two parts, bring back, put into the wrong bin, leave a used core or a tool. A bin's own history says
which of its parts are taken (`Held.weight`), the person's what may come back (`in_hand`).
"""

from functools import lru_cache
from math import erf, log, sqrt

from edge_gateway.counting.evidence import Held

NOTHING = 0.08  # leaned on the tray, or all put back
UNTOUCHED = 0.9  # nothing, of a bin that stood at no level in between: most bins of a session are none of its business
TAKE = 0.62
TWO_PARTS = 0.075  # two parts of the same bin
RETURN = 0.06
OVERFULL = 0.2  # and by a return a bin is fuller than planned: it was restocked meanwhile
RETURN_OF_OTHERS = 0.02  # of all returns: pieces this person did not take
STRAY_LEAVES = 0.3  # one that strayed here is taken away again, of all that is done in its bin
HOMECOMING = 0.5  # and then it arrives where it belongs
STRAY_FROM_BEFORE = 0.02  # a piece of another bin that was taken in an earlier session
STRAY_FROM_SESSION = 0.035  # the same, of a part that left another bin in this session
CORE = 0.09  # a used part laid in where one piece was taken
CORES = 0.02  # where more were
TOOL = 0.017
REMOVED_TOOL = 0.000002  # one nobody knew of
CLEARED = 0.3  # an object known to lie there is taken away
RETURN_BESIDE_TAKE = 0.15  # a return in a session in which something is taken, relative to one in which nothing is
TOOL_BESIDE_ONE = 2.7  # and a tool left, where one piece is taken
TOOL_BESIDE_MORE = 0.5
MORE_BINS = 0.3  # each bin with a take after the first
RESTOCK = 0.9
REMOVAL = 0.05  # by a restocker

COUNTS = (0.60, 0.25, 0.15)  # one, two, three pieces
_MANY = 0.02  # of all takes are of more
_RETURNS = (0.85, 0.10, 0.05)
_BEYOND_LEDGER = 0.02  # more than the ledger holds: it may be wrong, but seldom is
TOOL_MG = (25_000, 3_000_000)  # log-uniform
_TOOL_DENSITY = 1 / log(TOOL_MG[1] / TOOL_MG[0])
_CORE_RANGE = (0.58, 1.32)  # of the part's mass
_WORN = 0.05  # a used part has lost or gained so much of its mass, or it is
_AS_NEW = 0.02  # so much less likely


@lru_cache(maxsize=1024)
def log_take(n: int, stock: int) -> float:
    """Taking `n` pieces of a part, of which the ledger holds `stock`."""
    weight = COUNTS[n - 1] * (1 - _MANY) if n <= len(COUNTS) else _MANY / (n * n)
    return log(weight * (_BEYOND_LEDGER if n > stock else 1.0))


def log_return(n: int, in_hand: int, share: float) -> float:
    """Bringing back `n` pieces of a part of which this person has `in_hand`; `share`: of all that may come back."""
    count = _RETURNS[n - 1] if n <= len(_RETURNS) else 0.02 / (n * n)
    own = (1 - RETURN_OF_OTHERS) * share if n <= in_hand else 0.0
    return log(RETURN * count * (own + RETURN_OF_OTHERS / 4))


@lru_cache(maxsize=1024)
def log_restock(n: int, room: int) -> float:
    """Bringing `n` pieces to where `room` more fit: any number is as likely, more than fit is not."""
    if n <= room:
        return log(RESTOCK / max(room, 1))
    return log(RESTOCK * 0.01 / (n * n))


def log_share(held: Held, all_weight: float) -> float:
    """How often this part of a bin is the one; what strayed there is in somebody's way, however seldom it is taken."""
    if not held.planned:
        return log(STRAY_LEAVES / TAKE)
    return log(max(held.weight, 0.01) / max(all_weight, 0.01))


def log_tool(change_mg: float) -> float:
    """Density of an object that is none of the parts, left there or (below zero) taken away."""
    low, high = TOOL_MG
    mass_mg = min(max(abs(change_mg), low), high)
    outside = 1.0 if mass_mg == abs(change_mg) else 0.01
    return log((TOOL if change_mg > 0 else REMOVED_TOOL) * _TOOL_DENSITY * outside / mass_mg)


def core_density(mass_mg: float, part_mg: float, sigma_mg: float) -> float:
    """Density of a used core of a piece of `part_mg`, weighed to `sigma_mg`."""
    low, high = (bound * part_mg for bound in _CORE_RANGE)
    if not low - 3 * sigma_mg <= mass_mg <= high + 3 * sigma_mg:
        return 0.0
    as_new = _between(mass_mg, (1 - _WORN) * part_mg, (1 + _WORN) * part_mg, sigma_mg)
    share = _between(mass_mg, low, high, sigma_mg) - (1 - _AS_NEW) * as_new
    return max(share, 0.0) / (high - low)


def _between(mg: float, low: float, high: float, sigma_mg: float) -> float:
    """How likely what was weighed as `mg` is between two masses."""
    scale = sqrt(2) * sigma_mg
    return 0.5 * (erf((high - mg) / scale) - erf((low - mg) / scale))
