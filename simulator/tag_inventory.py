"""A whole inventory of a tag field drawn at once: how often each tag was heard, without going through the rounds.

For those who need many inventories; CPython only. The same chances as `TagField.answers`, round by round: a shadow's
length by its distribution, the rest a binomial draw from a table kept for each quality and number of rounds.
"""

from bisect import bisect_right
from functools import lru_cache

from simulator.physics.tag_field import MILLION, SHADOW_PPM, SHADOW_ROUNDS, STRAY_PPM, TagField

_DRAWS = 1 << 32
_STEP_PPM = 10_000  # qualities are told apart no finer than this


def inventory(field: TagField, rounds: int) -> dict[bytes, int]:
    """In how many of `rounds` each tag was heard; who was not is not in it."""
    field.begin()
    heard = {}
    next_ = field.stream.next
    for epc, ppm in field.inside.items():
        if epc in field.mute or epc in field.covered:
            continue
        free = rounds - _shadowed(field, rounds)
        times = bisect_right(_binomial(ppm // _STEP_PPM, free), next_())
        if times:
            heard[epc] = times
    for epc in sorted(field.outside):  # a set's own order is another in every process
        times = bisect_right(_binomial(STRAY_PPM // _STEP_PPM, rounds), next_())
        if times:
            heard[epc] = times
    return heard


def _shadowed(field: TagField, rounds: int) -> int:
    """How many of the rounds a tag lies in shadow."""
    gaps = _gaps(rounds)
    at = bisect_right(gaps, field.stream.next())
    lost = 0
    while at < rounds:
        length = min(field.stream.between(*SHADOW_ROUNDS), rounds - at)
        lost += length
        at += length + bisect_right(gaps, field.stream.next())
    return lost


@lru_cache(maxsize=64)
def _gaps(rounds: int) -> list[int]:
    """Cumulative chances that a shadow begins at once, after one round, after two, as parts of 2^32."""
    clear = 1 - SHADOW_PPM / MILLION
    return [round(_DRAWS * (1 - clear ** (gap + 1))) for gap in range(rounds)]


@lru_cache(maxsize=16384)
def _binomial(percent: int, rounds: int) -> list[int]:
    """Cumulative chances to be heard in no round, in at most one, two, as parts of 2^32."""
    heard, silent = percent / 100, 1 - percent / 100
    chance, total, sums = silent**rounds, 0.0, []
    for times in range(rounds):
        total += chance
        sums.append(round(_DRAWS * total))
        chance *= (rounds - times) / (times + 1) * heard / silent
    return sums
