"""Parts by words, from the index of terms (`search_index.py`): sets of ordinals joined word by word.

A word may be the beginning of a longer one. One that nothing stands under is looked for with a typing error; one that
is still unknown is left out and said. Chinese is matched by neighbouring characters, where that fails by most of
them, then by single ones.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz.distance import DamerauLevenshtein
from sqlmodel import Session, col

from cloud.catalogue.ordinals import at_least, bits_of
from cloud.catalogue.search_views import Understood, UnderstoodAs
from cloud.tables import SearchTerm
from cloud.tenancy import TenantId, tenant_rows
from edge_gateway.part_words import AskedWord, asked_words, literal_words, typing_errors

_BEYOND = "\U0010ffff"
WORDS_MAX = 12
_LONGER_MAX = 64  # words that begin so
_LIKE_MAX = 4000  # words with the same first letter that are compared one by one
_TWO_ERRORS_FROM = 6  # letters of a word in which two errors are forgiven
_MARKS: dict[str, UnderstoodAs] = {"m:": "model", "e:": "engine"}

Sets = dict[str, int]


@dataclass
class WordsFound:
    """What fits the words: `bits` of the parts that fit all of them, or as many as any part does."""

    bits: int
    understood: list[Understood] = field(default_factory=list)
    left_out: list[AskedWord] = field(default_factory=list)
    matched: int = 0

    @property
    def fits_all(self) -> bool:
        """Whether what was found fits every word."""
        return bool(self.bits) and self.matched == len(self.understood)


def by_text(session: Session, tenant: TenantId, text: str) -> WordsFound:
    """The parts that fit a text; as it stands, where not every thing and maker in it can be meant."""
    found = by_words(session, tenant, asked_words(text)[:WORDS_MAX])
    literal = literal_words(text)[:WORDS_MAX]
    if found.fits_all or len(literal) == len(found.understood):
        return found
    other = by_words(session, tenant, literal)
    return other if other.fits_all else found


def by_words(session: Session, tenant: TenantId, words: Iterable[AskedWord]) -> WordsFound:
    """The parts that fit the words, and how each word was understood."""
    asked = list(words)
    sets = _sets(session, tenant, _exact_terms(asked))
    found = [_fitting(session, tenant, word, sets) for word in asked]
    things = [each.bits for word, each in zip(asked, found, strict=True) if each.bits and word.kind == "thing"]
    others = [each.bits for word, each in zip(asked, found, strict=True) if each.bits and word.kind != "thing"]
    bits, matched = _best(things, others)
    left_out = [word for word, each in zip(asked, found, strict=True) if not each.bits]
    return WordsFound(bits, [each.understood[0] for each in found], left_out, matched)


def _best(things: list[int], others: list[int]) -> tuple[int, int]:
    """What fits every word; where nothing does, what is the thing that is asked for and fits the most other words."""
    must = _joined(things)
    if things and not must:
        return _best([], things + others)
    levels = [level & must for level in at_least(others)]
    at = next((at for at, level in enumerate(levels) if level), len(levels))
    if at < len(levels):
        return levels[at], len(things) + len(levels) - at
    return max(must, 0), len(things)


def _joined(sets: Iterable[int]) -> int:
    """What is in all sets; without any, everything (-1)."""
    bits = -1
    for each in sets:
        bits &= each
    return bits


def _exact_terms(asked: list[AskedWord]) -> set[str]:
    terms: set[str] = set()
    for word in asked:
        terms.update(word.terms, word.loose)
        if word.kind == "word":
            terms.update(f"{mark}{word.terms[0]}" for mark in _MARKS)
    return terms


def _fitting(session: Session, tenant: TenantId, word: AskedWord, sets: Sets) -> WordsFound:
    if word.kind in {"thing", "make"}:
        return _named(word, sets)
    if word.kind == "chinese":
        return _chinese(word, sets)
    return _word(session, tenant, word, sets)


def _named(word: AskedWord, sets: Sets) -> WordsFound:
    """A thing or a maker, by what it is or by how it is written."""
    bits = 0
    for term in word.terms:
        bits |= sets.get(term, 0)
    if not bits:
        bits = _all(word.loose, sets)
    kind: UnderstoodAs = "thing" if word.kind == "thing" else "make"
    return _told(word, bits, kind, word.terms[0][1:])


def _chinese(word: AskedWord, sets: Sets) -> WordsFound:
    bits = _all(word.terms, sets)
    mistyped = False
    if not bits:
        mistyped = True
        bits = _most(word.terms, sets) or _most(word.loose, sets)
    return _told(word, bits, "words", word.text, mistyped=mistyped)


def _all(terms: Iterable[str], sets: Sets) -> int:
    return max(_joined(sets.get(term, 0) for term in terms), 0)


def _most(terms: tuple[str, ...], sets: Sets) -> int:
    """What stands under the most of the terms, and under half of them at least."""
    levels = at_least(sets.get(term, 0) for term in terms)
    return next((level for at, level in enumerate(levels) if level and at * 2 <= len(levels)), 0)


def _word(session: Session, tenant: TenantId, word: AskedWord, sets: Sets) -> WordsFound:
    text = word.terms[0]
    bits = sets.get(text, 0) | _longer(session, tenant, text)
    kind = _kind(session, tenant, text, sets) if bits else "words"
    if bits:
        return _told(word, bits, kind, text)
    like = _like(session, tenant, text)
    found = _sets(session, tenant, like)
    for each in found.values():
        bits |= each
    return _told(word, bits, "words", " ".join(like[:3]), mistyped=True)


def _kind(session: Session, tenant: TenantId, text: str, sets: Sets) -> UnderstoodAs:
    """Whether a word is a model, an engine, or the beginning of one."""
    for mark, kind in _MARKS.items():
        if f"{mark}{text}" in sets:
            return kind
    if not any(letter.isdigit() for letter in text):
        return "words"
    for mark, kind in _MARKS.items():
        longer = tenant_rows(tenant, SearchTerm).where(
            col(SearchTerm.term) > mark + text, col(SearchTerm.term) < mark + text + _BEYOND
        )
        if session.execute(longer.limit(1).with_only_columns(col(SearchTerm.term))).first():
            return kind
    return "words"


def _longer(session: Session, tenant: TenantId, text: str) -> int:
    if len(text) < 2:
        return 0
    rows = (
        tenant_rows(tenant, SearchTerm)
        .where(col(SearchTerm.term) > text, col(SearchTerm.term) < text + _BEYOND)
        .order_by(col(SearchTerm.term))
        .limit(_LONGER_MAX)
        .with_only_columns(col(SearchTerm.block), col(SearchTerm.ordinals))
    )
    bits = 0
    for block, stored in session.execute(rows).all():
        bits |= bits_of(bytes(stored), block)
    return bits


def _like(session: Session, tenant: TenantId, text: str) -> list[str]:
    """Known words that are a typing error away, or in a long word two."""
    if len(text) < 4 or not text.isascii():
        return []
    near = _known(session, tenant, sorted(typing_errors(text)))
    if near or len(text) < _TWO_ERRORS_FROM:
        return near
    rows = (
        tenant_rows(tenant, SearchTerm)
        .where(col(SearchTerm.term) >= text[0], col(SearchTerm.term) < text[0] + _BEYOND, col(SearchTerm.block) == 0)
        .limit(_LIKE_MAX)
        .with_only_columns(col(SearchTerm.term))
    )
    words = session.execute(rows).scalars()
    return [word for word in words if DamerauLevenshtein.distance(word, text, score_cutoff=2) <= 2][:8]


def _known(session: Session, tenant: TenantId, words: list[str]) -> list[str]:
    rows = tenant_rows(tenant, SearchTerm).where(col(SearchTerm.term).in_(words))
    return sorted(set(session.execute(rows.with_only_columns(col(SearchTerm.term))).scalars()))


def _sets(session: Session, tenant: TenantId, terms: Iterable[str]) -> Sets:
    """The sets of terms that are known."""
    rows = (
        tenant_rows(tenant, SearchTerm)
        .where(col(SearchTerm.term).in_(sorted(set(terms))))
        .with_only_columns(col(SearchTerm.term), col(SearchTerm.block), col(SearchTerm.ordinals))
    )
    found: Sets = defaultdict(int)
    for term, block, stored in session.execute(rows).all():
        found[term] |= bits_of(bytes(stored), block)
    return dict(found)


def _told(word: AskedWord, bits: int, kind: UnderstoodAs, value: str, *, mistyped: bool = False) -> WordsFound:
    understood = Understood(text=word.text, kind=kind, value=value, mistyped=mistyped and bool(bits), found=bool(bits))
    return WordsFound(bits, [understood])
