"""The catalogue as this gateway holds it: a file of its own beside the books, and the index that a search goes by.

It holds nothing that cannot be fetched again, so a damaged file is begun anew, and nothing here slows the books down.
Every page is one transaction together with the place to go on from: after a cut anywhere the next page follows.
`catalogue_search.py` reads it by a connection of its own.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from edge_gateway import part_words, trade_words
from edge_gateway.catalogue_format import CataloguePage, CataloguePart, decode_part, encode_part
from edge_gateway.part_words import plain_number, terms_of
from edge_gateway.shop_document import ShopDocument

VERSION = 1
HERE, GONE = "#here", "#gone"  # terms of a part that lies in a bin of this shop, and of one no longer offered
FROM_DOCUMENT, FROM_BINS, FROM_WHOLE = 0, 1, 2  # how much is known of a part: what is more counts

_TABLES = """
-- How far the catalogue has been fetched. `round` counts how often it was begun from the start.
create table state (
    one integer primary key check (one = 1),
    dealer text not null,
    round integer not null,
    after integer not null,          -- the place behind which the next page begins
    behind text not null,
    newest integer not null,         -- the dealer's newest revision when that page was made
    whole_round integer not null,    -- the last round that came to its end
    words text not null,             -- by which words the index was made
    indexed integer                  -- while it is made anew: it has the parts up to this id; null: it has all
);
insert into state values (1, '', 1, 0, '', 0, 0, '', null);

create table part (
    id integer primary key,
    number text not null unique,
    body text not null,              -- JSON, see catalogue_format.py
    source integer not null,         -- 0 the shop's document, 1 the parts of its bins, 2 the whole catalogue
    round integer not null,
    here integer not null            -- 1: it lies in a bin of this shop by its document
);
create index part_here on part (number) where here = 1;

-- Every number a part is asked for by: its own, its vehicle maker's, a competitor's, an old one.
create table number (
    plain text not null,
    part integer not null,
    kind text not null,
    number text not null,
    primary key (plain, part, kind, number)
) without rowid;

-- The words of the catalogue, to find what was mistyped.
create table word (term text primary key) without rowid;

create virtual table words using fts5 (
    terms, content = '', detail = none, columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '=@#_'"
);
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next page begins, and whether all there was has been fetched once."""

    dealer: str
    round: int
    after: int
    behind: str
    newest: int
    whole_round: int

    @property
    def is_whole(self) -> bool:
        """Whether the catalogue has been fetched to its end, in this round or one before."""
        return self.whole_round > 0


class CatalogueStore:
    """The one writing connection. Used by one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = _open(path)
        self._indexed = self._look_at_words()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def place(self) -> Place:
        """How far it is."""
        row = self._db.execute(
            "select dealer, round, after, behind, newest, whole_round from state where one = 1"
        ).fetchone()
        return Place(*row)

    @property
    def held(self) -> int:
        """How many parts of the whole catalogue are held of the present round."""
        statement = "select count(*) from part where source = ? and round = ?"
        return int(self._db.execute(statement, (FROM_WHOLE, self.place.round)).fetchone()[0])

    def take_page(self, page: CataloguePage) -> Place:
        """A page's parts and the place behind it, in one transaction."""
        place = self.place
        with self._transaction():
            self._put(page.parts, FROM_WHOLE, place.round)
            if page.last:
                self._forget_before(place.round)
            self._db.execute(
                "update state set dealer = ?, after = ?, behind = ?, newest = ?, "
                "whole_round = case when ? then round else whole_round end",
                (page.dealer, page.after, page.behind, page.newest, page.last),
            )
        return self.place

    def begin_again(self) -> None:
        """Fetch from the start; what is held stays found until the new round has come to its end."""
        with self._transaction():
            self._db.execute("update state set round = round + 1, after = 0, behind = '', newest = 0")

    def take_in_bins(self, parts: Iterable[CataloguePart]) -> None:
        """What the dealers' catalogues say of the parts in this shop's bins."""
        with self._transaction():
            self._put(parts, FROM_BINS, 0)

    def take_document(self, document: ShopDocument) -> None:
        """Which parts lie in this shop's bins; those the catalogue says nothing of are known by the document alone."""
        told = {part.number: part for part in document.parts}
        here = {placed.part for cabinet in document.cabinets for bin_ in cabinet.bins for placed in bin_.parts}
        with self._transaction():
            unknown = [told[number] for number in sorted(here) if number in told]
            parts = [
                CataloguePart(part.number, part.name_zh, part.name_en, part.brand, unit=part.unit) for part in unknown
            ]
            self._put(parts, FROM_DOCUMENT, 0)
            marked = self._db.execute("select number from part where here = 1").fetchall()
            self._mark({number for (number,) in marked}, here)

    def index_more(self, parts_max: int = 500) -> bool:
        """A step on the way to a new index, after an upgrade reads words otherwise; False when there is none to go."""
        if self._indexed is None:
            return False
        rows = self._db.execute(
            "select id, body, here from part where id > ? order by id limit ?", (self._indexed, parts_max)
        ).fetchall()
        with self._transaction():
            for identity, body, here in rows:
                self._write_index(identity, decode_part(body.encode()), here=bool(here))
            self._set_indexed(rows[-1][0] if rows else None)
        return bool(rows)

    def _look_at_words(self) -> int | None:
        words, indexed = self._db.execute("select words, indexed from state").fetchone()
        if words == (now := _words()):
            return None if indexed is None else int(indexed)
        with self._transaction():
            self._db.execute("insert into words (words) values ('delete-all')")
            self._db.execute("delete from number")
            self._db.execute("delete from word")
            is_empty = self._db.execute("select 1 from part").fetchone() is None
            self._db.execute("update state set words = ?", (now,))
            self._set_indexed(None if is_empty else 0)
        return self._indexed

    def _set_indexed(self, through: int | None) -> None:
        self._db.execute("update state set indexed = ?", (through,))
        self._indexed = through

    # ---- rows ----

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("rollback")
            self._indexed = self._db.execute("select indexed from state").fetchone()[0]
            raise

    def _put(self, parts: Iterable[CataloguePart], source: int, round_: int) -> None:
        for part in parts:
            known = self._db.execute(
                "select id, body, source, here from part where number = ?", (part.number,)
            ).fetchone()
            if known is not None and known[2] > source:
                continue
            body = encode_part(part).decode()
            if known is None:
                cursor = self._db.execute(
                    "insert into part values (null, ?, ?, ?, ?, 0)", (part.number, body, source, round_)
                )
                self._index(int(cursor.lastrowid or 0), part, here=False)
                continue
            identity, before, _source, here = known
            if before != body:
                self._unindex(identity, decode_part(before.encode()), here=bool(here))
                self._index(identity, part, here=bool(here))
            self._db.execute(
                "update part set body = ?, source = ?, round = ? where id = ?", (body, source, round_, identity)
            )

    def _forget_before(self, round_: int) -> None:
        """What the dealer's catalogue holds no more; a part that lies in a bin is kept as its document tells it."""
        gone = self._db.execute(
            "select id, body, here from part where source = ? and round < ?", (FROM_WHOLE, round_)
        ).fetchall()
        for identity, body, here in gone:
            if here:
                self._db.execute("update part set source = ? where id = ?", (FROM_DOCUMENT, identity))
            else:
                self._unindex(identity, decode_part(body.encode()), here=False)
                self._db.execute("delete from part where id = ?", (identity,))

    def _mark(self, before: set[str], here: set[str]) -> None:
        for number in sorted(before ^ here):
            row = self._db.execute("select id, body, here from part where number = ?", (number,)).fetchone()
            if row is None:
                continue
            identity, body, was_here = row
            part = decode_part(body.encode())
            self._unindex(identity, part, here=bool(was_here))
            self._index(identity, part, here=number in here)
            self._db.execute("update part set here = ? where id = ?", (number in here, identity))

    # ---- the index ----

    def _index(self, identity: int, part: CataloguePart, *, here: bool) -> None:
        if self._indexed is None or identity <= self._indexed:
            self._write_index(identity, part, here=here)

    def _write_index(self, identity: int, part: CataloguePart, *, here: bool) -> None:
        terms = terms_of_part(part)
        self._db.execute("insert into words (rowid, terms) values (?, ?)", (identity, _text(part, terms, here)))
        plain_words = [(term,) for term in terms if term.isascii() and term.isalnum()]
        self._db.executemany("insert into word values (?) on conflict do nothing", plain_words)
        rows = [(plain, identity, kind, number) for plain, kind, number in numbers_of(part)]
        self._db.executemany("insert into number values (?, ?, ?, ?) on conflict do nothing", rows)

    def _unindex(self, identity: int, part: CataloguePart, *, here: bool) -> None:
        if self._indexed is not None and identity > self._indexed:
            return
        text = _text(part, terms_of_part(part), here)
        self._db.execute("insert into words (words, rowid, terms) values ('delete', ?, ?)", (identity, text))
        rows = [(plain, identity) for plain, _kind, _number in numbers_of(part)]
        self._db.executemany("delete from number where plain = ? and part = ?", rows)


def terms_of_part(part: CataloguePart) -> frozenset[str]:
    """What a part stands under in the index, as in the cloud's."""
    texts = {part.name_zh, part.name_en, part.brand}
    for fits in part.fits:
        texts.update((fits.model, fits.engine))
    return terms_of(sorted(texts - {""}), sorted({fits.make for fits in part.fits if fits.make}))


def numbers_of(part: CataloguePart) -> Sequence[tuple[str, str, str]]:
    """(plain number, kind, as it is written) of all numbers a part is asked for by."""
    told = [("own", part.number), *((each.kind, each.number) for each in part.references)]
    return [(plain, kind, number) for kind, number in told if (plain := plain_number(number))]


def _words() -> str:
    """A mark of how this version reads words: an index made by another must be made anew."""
    read = [Path(str(module.__file__)).read_bytes() for module in (part_words, trade_words)]
    return sha256(b"".join(read)).hexdigest()


def _text(part: CataloguePart, terms: frozenset[str], here: bool) -> str:
    marks = [HERE] * here + [GONE] * part.withdrawn
    return " ".join([*sorted(term for term in terms if ":" not in term), *marks])


def _open(path: Path) -> sqlite3.Connection:
    """The file as this version writes it; another version's, or a damaged one, is begun anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        if _prepared(db):
            return db
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            db.close()
            raise
    db.close()
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.executescript(f"begin immediate;\n{_TABLES}pragma user_version = {VERSION};\ncommit;")
    _prepared(db)
    return db


def _prepared(db: sqlite3.Connection) -> bool:
    """Whether the file is of this version; its pragmas are set."""
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = normal")  # a cut may undo the last pages, never half of one
    db.execute("pragma busy_timeout = 10000")
    db.execute("pragma cache_size = -16000")
    return int(db.execute("pragma user_version").fetchone()[0]) == VERSION
