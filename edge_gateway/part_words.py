"""How a number, a plate or a few words are read, so that what was typed finds what was stored. Pure.

A catalogue and every search over it use the same functions: `plain_number` for numbers of any maker, `plain_plate`
for plates, `terms_of` for what a part is indexed by, and `asked_words` for what somebody asks. A term is one of:

    filter      a word of letters and digits, in lower case, without accents
    机油 / 滤   two neighbouring Chinese characters, or one
    =oil_filter a thing the trade has many names for (`trade_words.py`): 机滤, 机油滤清器, lube filter
    @jiefang    a maker: 解放, FAW, Jiefang

This module never looks anything up.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal

from edge_gateway.trade_words import MAKE_NAMES, PART_NAMES

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WORD_CHARACTERS_MAX = 40
_PIECE = re.compile(r"[㐀-䶿一-鿿]+|[^\W_㐀-䶿一-鿿]+(?:[.\-/_+&][^\W_㐀-䶿一-鿿]+)*")
_JOINT = re.compile(r"[.\-/_+&]")
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_CHINESE_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Z][A-Z0-9]{4,6}[挂学警港澳领]?|WJ.?[A-Z0-9]{5,7}"
)
Kind = Literal["thing", "make", "chinese", "word"]


def folded(text: str) -> str:
    """Text without width, case and accents: ＷＫ, wk and wk are the same, é is e."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(maxsize=4096)
def plain_number(text: str) -> str:
    """A number without case, blanks, hyphens, dots and leading zeros: `wk 10-60` and `WK1060` are the same."""
    squashed = "".join(letter for letter in folded(text).upper() if letter.isalnum())
    return squashed.lstrip("0") or squashed[:1]


def plain_plate(text: str) -> str:
    """A plate without case, blanks, hyphens and dots: `鲁B·12345` and `鲁b 12345` are the same."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())


def is_chinese_plate(plain: str) -> bool:
    """Whether a plain plate has the form of a Chinese one; 8 characters are a 新能源 one."""
    return _CHINESE_PLATE.fullmatch(plain) is not None


def typing_errors(plain: str) -> frozenset[str]:
    """Every text that one typing error away from `plain`: a character wrong, missing, too many, or two swapped."""
    letters = ALPHABET if plain.isupper() or plain.isdigit() else ALPHABET.lower()
    halves = [(plain[:at], plain[at:]) for at in range(len(plain) + 1)]
    fewer = {head + tail[1:] for head, tail in halves if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1}
    other = {head + letter + tail[1:] for head, tail in halves if tail for letter in letters}
    more = {head + letter + tail for head, tail in halves for letter in letters}
    return frozenset((fewer | swapped | other | more) - {plain, ""})


@dataclass(frozen=True, slots=True)
class AskedWord:
    """One word of a question: what it is, and the terms that a part has which fits it.

    Of a thing and a maker, any of `terms`. Chinese has all its neighbouring characters, a word itself, which may be
    the beginning of a longer one. Where that finds nothing, `loose` says more loosely what is meant.
    """

    text: str
    kind: Kind
    terms: tuple[str, ...]
    loose: tuple[str, ...] = ()


def terms_of(texts: Iterable[str], makes: Iterable[str] = ()) -> frozenset[str]:
    """What a part is indexed by: its names, brand, models and engines in `texts`, its makers in `makes`."""
    found: set[str] = set()
    for text in texts:
        found.update(_terms(text))
    for make in makes:
        found.update(_terms(make))
        found.add(f"@{make_key(make)}")
    found.discard("@")
    return frozenset(found)


@lru_cache(maxsize=65536)
def _terms(text: str) -> tuple[str, ...]:
    plain = folded(text)
    return (*_piece_terms(plain), *_name_terms(plain))


def _piece_terms(plain: str) -> Iterator[str]:
    for match in _PIECE.finditer(plain):
        piece = match[0]
        if _HAN.match(piece):
            yield from _pairs(piece)
            yield from piece
        else:
            yield from _word_terms(piece)


def _word_terms(piece: str) -> set[str]:
    """A word of letters and digits, whole and in its joined pieces: `wp10.336` is wp10336, wp10 and 336."""
    joined = [part for part in _JOINT.split(piece) if len(part) > 1]
    return {_singular(word) for word in (_whole(piece), *joined)}


def _whole(piece: str) -> str:
    return "".join(letter for letter in piece if letter.isalnum())[:_WORD_CHARACTERS_MAX]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") and word.isalpha() else word


def _pairs(piece: str) -> tuple[str, ...]:
    return tuple(piece[at : at + 2] for at in range(len(piece) - 1))


def _name_terms(plain: str) -> Iterator[str]:
    """The things and makers that a text names. What a longer name ends with is meant too (机油滤清器 is a 滤清器);
    what it begins with is not (it is no 机油)."""
    names = _names()
    for start, end in _longest_names(_spaced(plain)):
        stem = _spaced(plain)[start:end].removesuffix("s")
        for at in range(len(stem)):
            for name in (stem[at:], stem[at:] + "s"):
                yield from names.get(name, ())


def asked_words(text: str) -> tuple[AskedWord, ...]:
    """What somebody asks, word by word: things and makers of the trade first found, the longest name first."""
    plain, words = folded(text), []
    for start, end in _longest_names(_spaced(plain)):
        words.append((start, _named(plain[start:end])))
        plain = plain[:start] + "\n" * (end - start) + plain[end:]
    words += [(match.start(), _asked(match[0])) for match in _PIECE.finditer(plain)]
    return tuple(word for _, word in sorted(words, key=lambda found: found[0]))


def literal_words(text: str) -> tuple[AskedWord, ...]:
    """The same as it stands, nothing in it taken for a thing or a maker: for 机油虑清器, in which 机油 is not meant."""
    return tuple(_asked(match[0]) for match in _PIECE.finditer(folded(text)))


def _named(name: str) -> AskedWord:
    spaced, names = _spaced(name), _names()
    terms = names.get(spaced) or names[spaced.removesuffix("s")]
    return AskedWord(name, "make" if terms[0].startswith("@") else "thing", terms, tuple(_literal(name)))


def _literal(name: str) -> Iterator[str]:
    for match in _PIECE.finditer(name):
        yield from (_pairs(match[0]) if _HAN.match(match[0]) else (_singular(_whole(match[0])),))


def _asked(piece: str) -> AskedWord:
    if not _HAN.match(piece):
        return AskedWord(piece, "word", (_singular(_whole(piece)),))
    return AskedWord(piece, "chinese", _pairs(piece) or (piece,), tuple(piece))


def _spaced(plain: str) -> str:
    """A text as names are looked for in it: `brake-pad` and `brake pad` are the same, and as long."""
    return plain.replace("-", " ").replace("/", " ")


def _longest_names(spaced: str) -> Iterator[tuple[int, int]]:
    """Where names of the trade stand, from left to right, the longest first, none over another."""
    at, by_first = 0, _names_by_first()
    while at < len(spaced):
        names = by_first.get(spaced[at], ())
        end = next((end for name in names if (end := _end_of(spaced, name, at))), 0)
        if end:
            yield at, end
        at = end or at + 1


def _end_of(spaced: str, name: str, start: int) -> int:
    """Where a name that begins at `start` ends; 0 when it does not stand there as a word of its own."""
    if not spaced.startswith(name, start):
        return 0
    end = start + len(name)
    if _HAN.match(name):
        return end
    if spaced[end : end + 1] == "s":
        end += 1
    inside = (start and _is_letter(spaced[start - 1])) or _is_letter(spaced[end : end + 1])
    return 0 if inside else end


def _is_letter(letter: str) -> bool:
    return bool(letter) and letter.isalnum() and not _HAN.match(letter)


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Every name of the trade, and the terms of what it may mean."""
    found: dict[str, tuple[str, ...]] = {}
    for mark, table in (("=", PART_NAMES), ("@", MAKE_NAMES)):
        for key, halves in table.items():
            for name in ",".join(halves).split(","):
                plain = _spaced(folded(name))
                if plain:
                    found[plain] = (*found.get(plain, ()), f"{mark}{key}")
    return found


@cache
def _names_by_first() -> dict[str, tuple[str, ...]]:
    """The names by their first character, the longest first."""
    by_first: dict[str, list[str]] = {}
    for name in _names():
        by_first.setdefault(name[0], []).append(name)
    return {first: tuple(sorted(names, key=len, reverse=True)) for first, names in by_first.items()}


@lru_cache(maxsize=4096)
def make_key(make: str) -> str:
    """One key for all names of a maker: 解放, `FAW` and `Jiefang` are `jiefang`; one unknown is its plain name."""
    spaced = _spaced(folded(make).strip())
    found = [term for start, end in _longest_names(spaced) for term in _names().get(spaced[start:end], ())]
    return next((term[1:] for term in found if term.startswith("@")), "") or model_key(make)


def model_key(model: str) -> str:
    """One key for all ways to write a model or an engine: `WP10.336E40` and `wp10 336e40` are the same."""
    return "".join(letter for letter in folded(model) if letter.isalnum())


def make_name(key: str) -> tuple[str, str]:
    """What a maker is called in Chinese and English, by its key; of one unknown the key."""
    chinese, english = MAKE_NAMES.get(key, (key, key))
    return chinese.split(",", maxsplit=1)[0], english.split(",", maxsplit=1)[0]


def thing_name(key: str) -> tuple[str, str]:
    """What the trade calls a thing in Chinese and English, by its key."""
    chinese, english = PART_NAMES.get(key, (key, key))
    return chinese.split(",", maxsplit=1)[0], english.split(",", maxsplit=1)[0]
