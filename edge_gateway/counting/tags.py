"""What the tags say of a session: from the readings of a cabinet's reader to evidence by part.

Pure. A tag that is silent is evidence, never proof: `silent_ppm` says how likely it would be silent although it is
there. A cabinet's tags are what its controller told: `Inside` is the same knowledge, kept by the same rule (a tag is
gone when two looks in a row found it silent). Nothing here knows a weight, a bin or a session's person.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edge_gateway.counting.evidence import TagEvidence
from edge_gateway.sgtin import gtin_of

ROUNDS_MIN = 20  # a pass of fewer rounds has not asked long enough for a silence to mean anything

# How likely a tag that is there stays silent for a whole pass: 900 ppm of them (docs/tags.md), known as firmly as 20
# passes would tell. A few bad tags make most of the silence, so a single one in a tag's own record weighs much.
_SILENT_PPM = 900
_FIRM = 20
_STAYS_SILENT_PPM = 350_000  # silent in one pass: how likely in the next, with nothing moved between
_GONE_BEFORE_PPM = 950_000  # silent at the last look already: it left then, as far as anybody can tell


class TagRead(NamedTuple):
    """One `tags_read`; `more`: the next one goes on with the same pass."""

    pass_: int
    seen: int
    missing: tuple[str, ...]
    came: tuple[str, ...]
    rounds: int = ROUNDS_MIN
    more: int = 0


@dataclass(frozen=True, slots=True)
class Inside:
    """The tags of a cabinet, as far as it was told.

    `known`: those its controller believes it holds; `doubted`: those that were silent at the last look (not all of them
    known to a controller that has started since). `unread`: since that look a session went by without a reading, so
    what is silent now may have left then.
    """

    known: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()
    unread: bool = False


class _Look(NamedTuple):
    """A pass against what was inside: who was silent, who is new."""

    silent: frozenset[str]
    came: frozenset[str]


def tag_evidence(
    reads: Sequence[TagRead],
    parts_by_gtin: Mapping[str, str],
    history: Mapping[str, tuple[int, int]],
    inside: Inside = Inside(),
) -> dict[str, TagEvidence]:
    """The evidence by part of a session's passes, in their order; of a part without an entry the tags say nothing.

    `history` has for each tag how often it was asked while it was there, and how often it stayed silent then; `inside`
    is what the cabinet held before the session.
    """
    looks = _looks(reads, inside)
    if not looks or inside.unread:
        return {}
    parts = _Parts(parts_by_gtin)
    missing, came = looks[-1]
    unsure = {parts.of(epc) for epc in _heard_again(inside, looks[-1])}  # back, or never gone: the weights can tell
    silent: dict[str, list[int]] = {}
    for epc in sorted(missing):
        silent.setdefault(parts.of(epc), []).append(_silent_ppm(epc, looks, inside, history))
    present, new = parts.count(inside.known - missing), parts.count(came)
    tagged = {parts.of(epc) for epc in [*inside.known, *missing, *came, *history]} - unsure - {""}
    return {
        part: TagEvidence(tuple(silent.get(part, ())), present.get(part, 0), new.get(part, 0))
        for part in sorted(tagged)
    }


def inside_after(inside: Inside, reads: Sequence[TagRead]) -> Inside:
    """What a cabinet holds after a session (or outside one) with these passes; none: nobody has looked."""
    passes = _last_of_each(reads)
    if not passes:
        return Inside(inside.known, inside.doubted, unread=True)
    if passes[0].pass_ == 0:  # a controller that starts knows what it hears, and nothing else
        heard = [frozenset(read.came) for read in passes]
        before = inside.known | inside.doubted if len(heard) == 1 else heard[-2]
        return Inside(frozenset().union(*heard), before - heard[-1])
    looks = [_look(read, inside) for read in passes]
    silent_twice = looks[-1].silent & (inside.doubted if len(looks) == 1 else looks[-2].silent)
    return Inside((inside.known - silent_twice) | looks[-1].came, looks[-1].silent - silent_twice)


def history_after(
    history: Mapping[str, tuple[int, int]], inside: Inside, reads: Sequence[TagRead]
) -> dict[str, tuple[int, int]]:
    """Every tag's record, with what these passes add: one that is heard in the end was there in all of them.

    One that was in doubt and is heard again counts as having been silent: few bring back what they took.
    """
    looks = _looks(reads, inside)
    after = dict(history)
    if not looks:
        return after
    for epc in (inside.known - looks[-1].silent) | looks[-1].came:
        passes = looks[-1:] if epc in looks[-1].came else looks
        _add(after, epc, len(passes), sum(epc in look.silent for look in passes))
    for epc in _heard_again(inside, looks[-1]):
        _add(after, epc, 1, 1)
    return after


def _add(history: dict[str, tuple[int, int]], epc: str, asked: int, silent: int) -> None:
    before = history.get(epc, (0, 0))
    history[epc] = before[0] + asked, before[1] + silent


# ---- inside ----


def _looks(reads: Sequence[TagRead], inside: Inside) -> list[_Look]:
    """The passes that are evidence: a silence counts only after rounds enough."""
    looks = [(read, _look(read, inside)) for read in _last_of_each(reads)]
    return [look for read, look in looks if not look.silent or read.rounds >= ROUNDS_MIN]


def _look(read: TagRead, inside: Inside) -> _Look:
    """Pass 0 tells all that it heard as come; what it does not tell was silent."""
    came = frozenset(read.came)
    return _Look(inside.known - came if read.pass_ == 0 else frozenset(read.missing), came - inside.known)


def _heard_again(inside: Inside, look: _Look) -> frozenset[str]:
    """Who was in doubt and is heard."""
    return (inside.doubted & inside.known - look.silent) | (inside.doubted & look.came)


def _last_of_each(reads: Sequence[TagRead]) -> list[TagRead]:
    """The passes, each whole. Doors opened again, or a start, make what was read before pointless."""
    passes: list[TagRead] = []
    for read in _joined(reads):
        if read.pass_ < 2:
            passes.clear()
        elif passes and passes[0].pass_ == 0:
            read = _as_after_start(passes[0], read)  # noqa: PLW2901
        passes.append(read)
    return passes


def _as_after_start(first: TagRead, read: TagRead) -> TagRead:
    """A look that was told against what was heard in pass 0, told as that was: all that it heard."""
    silent = frozenset(read.missing)
    return read._replace(pass_=0, missing=(), came=(*(epc for epc in first.came if epc not in silent), *read.came))


def _joined(reads: Sequence[TagRead]) -> list[TagRead]:
    """Passes that were told in several events as one each."""
    whole: list[TagRead] = []
    for read in reads:
        before = whole.pop() if whole and whole[-1].more else None
        if before is not None:
            read = read._replace(missing=before.missing + read.missing, came=before.came + read.came)  # noqa: PLW2901
        whole.append(read)
    return whole


def _silent_ppm(epc: str, looks: list[_Look], inside: Inside, history: Mapping[str, tuple[int, int]]) -> int:
    """How likely this tag's silence is if it did not leave in this session."""
    if any(epc not in look.silent for look in looks):
        return 1_000_000  # heard, and then not: outside by the door, or silent by chance, about equally rare
    asked, silent = history.get(epc, (0, 0))
    ppm = _expected_ppm(asked, silent)
    for passes in range(1, len(looks)):
        ppm = ppm * max(_STAYS_SILENT_PPM, _expected_ppm(asked + passes, silent + passes)) // 1_000_000
    return max(ppm, _GONE_BEFORE_PPM) if epc in inside.doubted else ppm


def _expected_ppm(asked: int, silent: int) -> int:
    """How likely a tag with such a record is silent once more (a beta-binomial's next trial)."""
    return (silent * 1_000_000 + _SILENT_PPM * _FIRM) // (asked + _FIRM)


class _Parts:
    """Tags to parts; "" for a tag of none of ours."""

    def __init__(self, parts_by_gtin: Mapping[str, str]):
        self._by_gtin = {gtin.zfill(14): part for gtin, part in parts_by_gtin.items()}

    def of(self, epc: str) -> str:
        return self._by_gtin.get(gtin_of(epc) or "", "")

    def count(self, epcs: Collection[str]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for epc in epcs:
            part = self.of(epc)
            counts[part] = counts.get(part, 0) + 1
        return counts
