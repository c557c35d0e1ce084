"""One search box without internet: a number, words in Chinese or English, or what was mistyped, found in the catalogue.

Reads `catalogue.db` by a connection that cannot write. Where a part lies is asked of the books by whoever shows it.
What is found comes in this order: the number asked for, parts in this shop's cabinets, the others, parts no longer
offered.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rapidfuzz.distance import DamerauLevenshtein

from edge_gateway.catalogue_format import CataloguePart, decode_part
from edge_gateway.catalogue_store import GONE, HERE, VERSION
from edge_gateway.part_words import AskedWord, asked_words, plain_number, typing_errors

FOUND_MAX = 30
ASKED_CHARACTERS_MAX = 100
_RANKED_MAX = 200  # so many are looked at before the best are shown
_NUMBER_CHARACTERS_MIN = 3
_MISTYPED_MIN, _MISTYPED_MAX = 4, 20  # characters of what one typing error is forgiven in
_TWO_ERRORS_FROM = 6  # characters of a word in which two errors are forgiven
_LIKE_MAX = 20  # words that a mistyped one may have meant
_COMPARED_MAX = 4000  # words with the same first letter that are compared one by one
_LAST = "\U0010ffff"

How = Literal["number", "part_of_number", "words", "mistyped", "some_words"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A part that was found. `by`: the other number it was found by, "" for its own or for words."""

    part: CataloguePart
    how: How
    by: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """What there is to search in. `whole`: all of the dealer's catalogue was fetched once; `indexed`: all is found."""

    parts: int
    whole: bool
    fetched_permille: int
    indexed: bool


_NOTHING = Holding(0, whole=False, fetched_permille=0, indexed=True)


class CatalogueSearch:
    """One connection, opened when the file is there. Used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._inode = 0

    def close(self) -> None:
        """Close the connection."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def holding(self) -> Holding:
        """How much of the catalogue is here."""
        db = self._open()
        if db is None:
            return _NOTHING
        after, newest, whole_round, indexed = db.execute(
            "select after, newest, whole_round, indexed from state"
        ).fetchone()
        (parts,) = db.execute("select count(*) from part").fetchone()
        permille = 1000 if whole_round else min(999, after * 1000 // newest) if newest else 0
        return Holding(parts, bool(whole_round), permille, indexed is None)

    def part(self, number: str) -> CataloguePart | None:
        """A part by its own number."""
        db = self._open()
        row = db.execute("select body from part where number = ?", (number,)).fetchone() if db else None
        return decode_part(row[0].encode()) if row else None

    def find(self, asked: str) -> list[Hit]:
        """The parts that are meant, the likeliest first."""
        db, asked = self._open(), asked.strip()[:ASKED_CHARACTERS_MAX]
        if db is None or not asked:
            return []
        search = _Search(db)
        found = search.by_number(asked)
        if not any(hit.how == "number" for hit in found):
            found += search.by_words(asked)
        if not found:
            found = search.by_mistyped_number(asked)
        return list({hit.part.number: hit for hit in reversed(found)}.values())[::-1][:FOUND_MAX]

    def _open(self) -> sqlite3.Connection | None:
        """The file as it is now: it may come late, and be begun anew."""
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            self.close()
            return None
        if self._db is None or inode != self._inode:
            self.close()
            self._db, self._inode = _connect(self._path), inode
        return self._db


def _connect(path: Path) -> sqlite3.Connection | None:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
    db.execute("pragma query_only = on")
    db.execute("pragma busy_timeout = 2000")
    db.execute("pragma cache_size = -16000")
    if int(db.execute("pragma user_version").fetchone()[0]) != VERSION:
        db.close()
        return None
    return db


class _Search:
    """One question."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    # ---- numbers ----

    def by_number(self, asked: str) -> list[Hit]:
        """What has the number asked for, or one that begins with it; each word may be one, or all of them together."""
        plains = _number_like(asked)
        exact = [hit for plain in plains for hit in self._numbered("plain = ?", (plain,), "number")]
        if exact:
            return exact
        return [
            hit
            for plain in plains[:1]
            for hit in self._numbered("plain > ? and plain < ?", (plain, plain + _LAST), "part_of_number")
        ]

    def by_mistyped_number(self, asked: str) -> list[Hit]:
        """One character wrong, missing, too many, or two swapped."""
        found: list[Hit] = []
        for plain in _number_like(asked):
            if _MISTYPED_MIN <= len(plain) <= _MISTYPED_MAX:
                for some in _some(sorted(typing_errors(plain))):
                    marks = ",".join("?" * len(some))
                    found += self._numbered(f"plain in ({marks})", some, "mistyped")
        return found

    def _numbered(self, where: str, values: Sequence[str], how: How) -> list[Hit]:
        rows = self._db.execute(
            "select p.body, n.kind, n.number from number n join part p on p.id = n.part "  # noqa: S608
            f"where {where} order by p.here desc, n.kind = 'own' desc, length(n.plain) limit {FOUND_MAX}",
            values,
        ).fetchall()
        hits = [Hit(decode_part(body.encode()), how, "" if kind == "own" else number) for body, kind, number in rows]
        return sorted(hits, key=lambda hit: hit.part.withdrawn)

    # ---- words ----

    def by_words(self, asked: str) -> list[Hit]:
        """What stands under every word asked for; else under what may have been meant; else under most of them."""
        words = asked_words(asked)
        if not words:
            return []
        strict = self._matching([_strict(word) for word in words], "words", asked)
        if strict:
            return strict
        meant = [self._meant(word) for word in words]
        if all(meant):
            loose = self._matching(meant, "mistyped", asked)
            if loose:
                return loose
        return self._most(words, [each for each in meant if each], asked)

    def _meant(self, word: AskedWord) -> str:
        """A word as it is where it is known, or as it may have been meant; "" when there is nothing like it."""
        strict = _strict(word)
        if self._exists(strict):
            return strict
        for match in _looser(word):
            if self._exists(match):
                return match
        near = self._like(word.terms[0]) if word.kind == "word" else []
        return " OR ".join(map(_quoted, near))

    def _like(self, term: str) -> list[str]:
        """Known words that are one typing error away, or in a long word two."""
        if not _MISTYPED_MIN <= len(term) <= _MISTYPED_MAX or not term.isascii():
            return []
        near = [found for some in _some(sorted(typing_errors(term))) for found in self._known_words(some)]
        if near or len(term) < _TWO_ERRORS_FROM:
            return near[:_LIKE_MAX]
        rows = self._db.execute(
            "select term from word where term >= ? and term < ? limit ?", (term[0], term[0] + _LAST, _COMPARED_MAX)
        )
        return [word for (word,) in rows if DamerauLevenshtein.distance(word, term, score_cutoff=2) <= 2][:_LIKE_MAX]

    def _most(self, words: Sequence[AskedWord], meant: list[str], asked: str) -> list[Hit]:
        """All but one of the words, the first words kept longest."""
        if len(words) < 2:
            return []
        if len(meant) < len(words):
            return self._matching(meant, "some_words", asked) if meant else []
        for left_out in range(len(meant) - 1, -1, -1):
            found = self._matching([*meant[:left_out], *meant[left_out + 1 :]], "some_words", asked)
            if found:
                return found
        return []

    def _exists(self, match: str) -> bool:
        return self._db.execute("select 1 from words where words match ? limit 1", (match,)).fetchone() is not None

    def _known_words(self, terms: Sequence[str]) -> Iterator[str]:
        marks = ",".join("?" * len(terms))
        rows = self._db.execute(f"select term from word where term in ({marks})", terms)  # noqa: S608
        return (term for (term,) in rows)

    def _matching(self, each: Iterable[str], how: How, asked: str) -> list[Hit]:
        """Parts of this shop's bins first, then the others, then those no longer offered."""
        every = " AND ".join(f"({match})" for match in each)
        here, gone = _quoted(HERE), _quoted(GONE)
        found: list[Hit] = []
        for match in (f"({every}) AND {here}", f"(({every}) NOT {here}) NOT {gone}"):
            found += self._ranked(match, how, asked)
        if not found:
            found = self._ranked(f"({every}) AND {gone}", how, asked)
        return found[:FOUND_MAX]

    def _ranked(self, match: str, how: How, asked: str) -> list[Hit]:
        rows = self._db.execute(
            "select p.body from words w join part p on p.id = w.rowid where words match ? order by w.rowid limit ?",
            (match, _RANKED_MAX),
        ).fetchall()
        parts = [decode_part(body.encode()) for (body,) in rows]
        return [Hit(part, how) for part in sorted(parts, key=lambda part: _distance(part, asked))]


def _distance(part: CataloguePart, asked: str) -> tuple[bool, bool, int]:
    """What is called just so comes first, then what has the fewest other words in its name."""
    names = (part.name_zh.casefold(), part.name_en.casefold())
    plain = asked.casefold()
    return plain not in names, not any(plain in name for name in names), min(map(len, filter(None, names)), default=0)


def _number_like(asked: str) -> list[str]:
    """What of it may be a number: all of it together, and each of its words that has a digit."""
    candidates = [asked, *asked.split()]
    plains = [plain_number(text) for text in candidates if any(letter.isdigit() for letter in text)]
    return [plain for plain in dict.fromkeys(plains) if len(plain) >= _NUMBER_CHARACTERS_MIN]


def _strict(word: AskedWord) -> str:
    """A word as the index has it: any name of a thing or maker, all characters of Chinese, a word that may go on."""
    joint = " OR " if word.kind in ("thing", "make") else " AND "
    match = joint.join(map(_quoted, dict.fromkeys(word.terms)))
    return f"{match}*" if word.kind == "word" and len(word.terms[0]) > 1 else match


def _looser(word: AskedWord) -> Iterator[str]:
    """What is written so; then, of Chinese with a wrong character, all the others."""
    if word.kind == "chinese" and len(word.terms) > 2:
        pairs = [_quoted(term) for term in word.terms]
        without = [pairs[:at] + pairs[at + 2 :] for at in range(-1, len(pairs))]  # a character is part of two
        without[0] = pairs[1:]
        yield " OR ".join(f"({' AND '.join(each)})" for each in without if len(each) * 2 >= len(pairs) - 1)
    if word.loose:
        yield " AND ".join(map(_quoted, dict.fromkeys(word.loose)))


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _some(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))
