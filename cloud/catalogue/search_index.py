"""Keeps the index by which words find parts: which terms each part stands under, and which parts under each term.

`reindex` is called in the transaction that changed the parts, behind the dealer's lock (`writing.py`), and brings
exactly what differs up to date. Numbers need no index of their own: they are found in their tables.
Besides the terms of `part_words`, `m:j6p` and `e:wp10336e40` say that a part fits a model or an engine.
"""

from collections import defaultdict
from collections.abc import Iterable

from sqlmodel import Session

from cloud.catalogue.ordinals import BLOCK, packed, unpacked
from cloud.many_rows import Row, among, delete, read, upsert
from cloud.tables import SearchPart, SearchTerm
from edge_gateway.part_words import model_key, terms_of

Key = tuple[str, int]  # a term and a block
_TEXTS_OF_A_PART_MAX = 400


def reindex(session: Session, dealer: str, parts: Iterable[str]) -> None:
    """Index some of a dealer's parts anew."""
    adds: dict[Key, list[int]] = defaultdict(list)
    drops: dict[Key, list[int]] = defaultdict(list)
    newest = _newest_ordinal(session, dealer)
    places: list[Row] = []
    for some in among(parts):
        stored = _stored_places(session, dealer, some)
        for part, terms in sorted(_terms(session, dealer, some).items()):
            ordinal, before = stored.get(part, (-1, ""))
            if ordinal < 0:
                ordinal = newest = newest + 1
            if (joined := " ".join(sorted(terms))) != before:
                places.append((dealer, ordinal, part, joined))
                _note(adds, drops, ordinal, terms, frozenset(before.split()))
    _write_terms(session, dealer, adds, drops)
    upsert(session, SearchPart, ("dealer_id", "ordinal", "part", "terms"), places)


def _note(
    adds: dict[Key, list[int]],
    drops: dict[Key, list[int]],
    ordinal: int,
    terms: frozenset[str],
    before: frozenset[str],
) -> None:
    block, place = divmod(ordinal, BLOCK)
    for term in terms - before if before else terms:
        adds[term, block].append(place)
    for term in before - terms:
        drops[term, block].append(place)


def _newest_ordinal(session: Session, dealer: str) -> int:
    rows = read(session, "SELECT coalesce(max(ordinal), -1) FROM search_part WHERE dealer_id = ?", dealer)
    return int(rows[0][0])


def _stored_places(session: Session, dealer: str, parts: list[str]) -> dict[str, tuple[int, str]]:
    rows = read(
        session, "SELECT part, ordinal, terms FROM search_part WHERE dealer_id = ? AND part IN ??", dealer, parts
    )
    return {part: (ordinal, terms) for part, ordinal, terms in rows}


def _terms(session: Session, dealer: str, parts: list[str]) -> dict[str, frozenset[str]]:
    texts: dict[str, set[str]] = _texts(session, dealer, parts)
    makes: dict[str, set[str]] = defaultdict(set)
    marks: dict[str, set[str]] = defaultdict(set)
    rows = read(
        session,
        "SELECT DISTINCT part, make, model, engine FROM fitment WHERE dealer_id = ? AND part IN ??",
        dealer,
        parts,
    )
    for part, make, model, engine in rows:
        if part in texts and len(texts[part]) < _TEXTS_OF_A_PART_MAX:
            texts[part].update((model, engine))
            makes[part].add(make)
            marks[part].update((f"m:{model_key(model)}", f"e:{model_key(engine)}"))
    return {
        part: terms_of(sorted(found), sorted(makes[part])) | (marks[part] - {"m:", "e:"})
        for part, found in texts.items()
    }


def _texts(session: Session, dealer: str, parts: list[str]) -> dict[str, set[str]]:
    rows = read(
        session, "SELECT number, name_zh, name_en, brand FROM part WHERE dealer_id = ? AND number IN ??", dealer, parts
    )
    return {number: set(texts) for number, *texts in rows}


def _write_terms(session: Session, dealer: str, adds: dict[Key, list[int]], drops: dict[Key, list[int]]) -> None:
    """Bring the sets of every term up to date, some thousand terms at a time."""
    keys: dict[str, set[int]] = defaultdict(set)
    for term, block in (*adds, *drops):
        keys[term].add(block)
    for terms in among(keys, 5_000):
        stored = _stored_sets(session, dealer, terms)
        written: list[Row] = []
        empty: list[Row] = []
        for key in ((term, block) for term in terms for block in sorted(keys[term])):
            found = stored.get(key, set())
            found.update(adds.get(key, ()))
            found.difference_update(drops.get(key, ()))
            if found:
                written.append((dealer, *key, len(found), packed(found)))
            else:
                empty.append((dealer, *key))
        upsert(session, SearchTerm, ("dealer_id", "term", "block", "count", "ordinals"), written)
        delete(session, SearchTerm, ("dealer_id", "term", "block"), empty)


def _stored_sets(session: Session, dealer: str, terms: list[str]) -> dict[Key, set[int]]:
    rows = read(
        session, "SELECT term, block, ordinals FROM search_term WHERE dealer_id = ? AND term IN ??", dealer, terms
    )
    return {(term, block): unpacked(bytes(stored)) for term, block, stored in rows}
