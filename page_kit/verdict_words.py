"""What was taken, how sure that is, and what would be next best, in one sentence.

Pure: values in, text out, in Chinese and English. It never decides anything: candidates and their probabilities are
handed in, the likeliest first. Masses are milligrams, probabilities parts per million.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from page_kit.language import Language, Say, Texts
from page_kit.quantity import MINUS, confidence, quantity

CERTAIN_PPM = 1_000_000
SHOWN_PPM_MIN = 1000  # below a tenth of a percent a candidate is only counted with the rest

TEXTS: Texts = {
    "words_pieces": ("{count} 个{name}", "{count} x {name}"),
    "words_count": ("{count} 个", "{count} x"),
    "words_grams": ("{mass}{name}", "{mass} of {name}"),
    "words_took": ("拿出{what}", "{what} taken"),
    "words_put": ("放入{what}", "{what} put in"),
    "words_foreign": (
        "约 {mass}、不是任何配件的东西",
        "something of about {mass} that is none of the parts",
    ),
    "words_foreign_left": ("留下{what}", "{what}, left there"),
    "words_foreign_gone": ("拿走{what}", "{what}, taken away"),
    "words_nothing": ("什么也没动", "nothing moved"),
    "words_from": ("{what}（来自货位 {bin}）", "{what} from bin {bin}"),
    "words_sure": ("{what}，{share}", "{what}, {share}"),
    "words_next": ("{first}；其次{gap}{what}，{share}", "{first}; next best{gap}{what}, {share}"),
    "words_no_other": ("{first}；其余都不到 0.1 %", "{first}; nothing else reaches 0.1 %"),
    "words_little": ("不到 0.1 %", "below 0.1 %"),
}


BETWEEN_PARTS: Mapping[Language, str] = {"zh": "、", "en": " and "}
BETWEEN_CLAUSES: Mapping[Language, str] = {"zh": "，", "en": ", "}


class Called(NamedTuple):
    """What a part is called in the reader's language, and whether it is counted by the `piece` or the `gram`."""

    name: str
    unit: str = "piece"


class Candidate(NamedTuple):
    """One thing that may have happened to a bin: pieces by part (negative: taken), and what is none of the parts."""

    changes: tuple[tuple[str, int], ...]
    foreign_mg: int
    ppm: int


Names = Mapping[str, Called]
Origins = Mapping[str, int]  # parts that came into a bin, and the bin they came from


def verdict_sentence(say: Say, candidates: Sequence[Candidate], names: Names, origins: Origins | None = None) -> str:
    """`2 x oil filter, 99.7 %; next best 1 x, 0.2 %`; empty without a candidate."""
    if not candidates:
        return ""
    best, following = candidates[0], candidates[1] if len(candidates) > 1 else None
    near = following if following and following.ppm >= SHOWN_PPM_MIN else None
    marked = any(_needs_direction(found) for found in (best, near) if found)
    what = outcome_words(say, best, names, marked=marked, origins=origins)
    first = say("words_sure", what=what, share=share(say, best.ppm))
    if near is None:
        return say("words_no_other", first=first) if following else first
    other = _count_alone(say, best, near, names) or outcome_words(say, near, names, marked=marked, origins=origins)
    gap = " " if say.language == "en" or other[:1].isdigit() else ""
    return say("words_next", first=first, gap=gap, what=other, share=share(say, near.ppm))


def outcome_words(
    say: Say, outcome: Candidate, names: Names, *, marked: bool | None = None, origins: Origins | None = None
) -> str:
    """What happened, without its probability. `marked`: say whether it was taken or put in; None: where needed."""
    marked = _needs_direction(outcome) if marked is None else marked
    taken = [(part, -count) for part, count in outcome.changes if count < 0]
    put = [(part, count) for part, count in outcome.changes if count > 0]
    pieces = []
    if taken:
        listed = _listed(say, taken, names, {})
        pieces.append(say("words_took", what=_spaced(say, listed)) if marked else listed)
    if put:
        pieces.append(say("words_put", what=_spaced(say, _listed(say, put, names, origins or {}))))
    if outcome.foreign_mg:
        pieces.append(foreign_words(say, outcome.foreign_mg))
    return BETWEEN_CLAUSES[say.language].join(pieces) or say("words_nothing")


def foreign_words(say: Say, foreign_mg: int) -> str:
    """What lies there, or was taken away, that is none of the parts."""
    what = say("words_foreign", mass=about(foreign_mg, say))
    return say("words_foreign_left" if foreign_mg > 0 else "words_foreign_gone", what=what)


def share(say: Say, ppm: int) -> str:
    """A probability as people read it: never 0 % for what is possible, never 100 %, which nobody can promise."""
    return confidence(min(ppm, CERTAIN_PPM - 1)) if ppm >= SHOWN_PPM_MIN else say("words_little")


def about(mg: int, say: Say) -> str:
    """A mass nobody knows exactly, to two figures: `340 g`, `1.2 kg`, `8 g`."""
    grams = max(1, round(abs(mg) / 1000))
    if grams >= 995:
        return f"{round(grams / 1000, 1 if grams < 9950 else None):g} kg"
    rounded = round(grams, -1) if grams >= 100 else grams
    return f"{rounded} {'克' if say.language == 'zh' else 'g'}"


def _needs_direction(outcome: Candidate) -> bool:
    """Whether it is not plainly a take: what is not said otherwise was taken."""
    return bool(outcome.foreign_mg) or any(count > 0 for _, count in outcome.changes)


def _count_alone(say: Say, best: Candidate, other: Candidate, names: Names) -> str:
    """`1 x` where only the count differs from the best; empty otherwise."""
    if best.foreign_mg or other.foreign_mg or len(best.changes) != 1 or len(other.changes) != 1:
        return ""
    (part, count), (other_part, other_count) = best.changes[0], other.changes[0]
    if part != other_part or (count > 0) != (other_count > 0):
        return ""
    called = _called(names, part)
    if called.unit == "gram":
        return quantity(abs(other_count), "gram", say.language)
    return say("words_count", count=abs(other_count))


def _listed(say: Say, changes: Sequence[tuple[str, int]], names: Names, origins: Origins) -> str:
    pieces = []
    for part, count in changes:
        words = _amount(say, _called(names, part), count)
        pieces.append(say("words_from", what=words, bin=origins[part]) if part in origins else words)
    return BETWEEN_PARTS[say.language].join(pieces)


def _amount(say: Say, called: Called, count: int) -> str:
    name = f" {called.name}" if say.language == "zh" and called.name[:1].isascii() else called.name
    if called.unit == "gram":
        return say("words_grams", mass=quantity(count, "gram", say.language), name=name)
    return say("words_pieces", count=count, name=name)


def _called(names: Names, part: str) -> Called:
    """A part the catalogue has lost is shown by its number."""
    return names.get(part) or Called(part)


def _spaced(say: Say, words: str) -> str:
    """Chinese sets a space between its words and a figure."""
    return f" {words}" if say.language == "zh" and words[:1].isdigit() else words


def signed_mass(mg: int, say: Say) -> str:
    """A change of weight with its sign: `+612.3 g`, `−1,224.1 g`."""
    tenths = (abs(mg) + 50) // 100
    sign = (MINUS if mg < 0 else "+") if tenths else ""
    return f"{sign}{tenths // 10:,}.{tenths % 10} {'克' if say.language == 'zh' else 'g'}"
