"""Counting's memory in the database: its rows, and how it is loaded from them and from the rows of evidence.

It reads; what is written goes through the store's batch.
"""

from typing import Any

import msgspec

from edge_gateway.balance import Reference
from edge_gateway.books import Books
from edge_gateway.counting.learning import Known
from edge_gateway.counting_again import answered_again, hands_again, tags_again
from edge_gateway.counting_memory import CountingMemory, Place
from edge_gateway.decision import Moved
from edge_gateway.desk import Rows
from edge_gateway.gain import Gain
from edge_gateway.hands import Taken
from edge_gateway.learned import begun
from edge_gateway.tag_book import TagBook
from edge_gateway.upload_format import VerdictItem

_TAKES = """
select p.account, p.part, count(*) from movement m join posting p on p.movement = m.id
where m.cause = 'take' and p.quantity < 0 group by p.account, p.part
"""
_VERDICTS = "select * from newest_verdict where session in (select value from json_each(?))"
_CHARGES = """
select m.session, m.id, p.account from movement m join posting p on p.movement = m.id and p.quantity > 0
where m.cause = 'charge' and m.session in (select value from json_each(?)) order by m.booked_ms, m.id
"""
_ANSWERED = "select session, bin from answered where session in (select value from json_each(?))"

_encode = msgspec.json.Encoder().encode
_decode_moved = msgspec.json.Decoder(Moved).decode
_decode_lumps = msgspec.json.Decoder(list[Taken]).decode


def bin_state(counting: CountingMemory, place: Place) -> tuple[Any, ...]:
    """The row of a bin."""
    cabinet, number = place
    reference = counting.references[cabinet].get(number)
    moved = counting.moved[cabinet].get(number)
    text = "" if moved is None else _encode(moved).decode()
    return (cabinet, number, *((None, 0) if reference is None else reference), text)


def hand_row(counting: CountingMemory, person: str) -> tuple[str, str]:
    """The row of what a person has in hand."""
    return person, _encode(counting.hands.kept(person)).decode()


def load_counting(books: Books, rows: Rows, now_ms: int) -> None:
    """Fill the memory from the database."""
    counting = books.counting
    for cabinet, number, mg, sum_mg, moved in rows.all("select * from bin_state"):
        if mg is not None:
            counting.references[cabinet][number] = Reference(mg, sum_mg)
        if moved:
            counting.moved[cabinet][number] = _decode_moved(moved)
    for cabinet, number, *gain in rows.all("select * from bin_gain"):
        counting.gains[cabinet][number] = Gain(*gain)
    for part, unit_mass_mg, spread_mg, *known, taught in rows.all("select * from part_mass"):
        counting.masses[part] = begun(unit_mass_mg, spread_mg, Known(*known), taught)
    for account, part, count in rows.all(_TAKES):
        counting.takes[account, part] = count
    _load_hands(counting, rows, now_ms)
    _load_tags(books, rows)
    _load_verdicts(books, rows)


def _load_verdicts(books: Books, rows: Rows) -> None:
    counting = books.counting
    names = _encode(sorted(counting.last_sessions() | books.sessions_in_doubt())).decode()
    for row in rows.all(_VERDICTS, (names,)):
        item = VerdictItem(*row)
        counting.verdicts.setdefault(item.session, {})[item.bin] = item
    for session, movement, account in rows.all(_CHARGES, (names,)):
        counting.charged.setdefault(session, {})[movement.rpartition("/charge-")[0]] = account
    counting.answered = set(rows.all(_ANSWERED, (names,)))
    if rows.one("select 1 from answered limit 1") is None:  # a database of before
        counting.answered = answered_again(counting, rows)
        counting.touched_answers |= counting.answered


def _load_hands(counting: CountingMemory, rows: Rows, now_ms: int) -> None:
    for person, lumps in rows.all("select person, lumps from hand"):
        counting.hands.put(person, _decode_lumps(lumps))
    if not counting.hands.persons:  # a database of before
        hands_again(counting, rows, now_ms)


def _load_tags(books: Books, rows: Rows) -> None:
    """A cabinet whose tags were read before they were kept so is followed through its evidence, once."""
    counting = books.counting
    for cabinet, book in rows.all("select cabinet, book from tag_state"):
        counting.tags[cabinet] = TagBook.of_text(book)
    for cabinet in books.present.keys() - counting.tags.keys():
        found = tags_again(rows, cabinet)
        if found.reads_tags:
            counting.tags[cabinet] = found
            counting.touched_tags.add(cabinet)
