"""A row of any table, made of its columns alone: for what must hold of every table, also of one that is new."""

from typing import Any

from sqlalchemy import Boolean, Float, Integer, LargeBinary

from cloud.tables import METADATA


def any_row(name: str, word: str, number: int, **known: Any) -> dict[str, Any]:
    """Values of every column: what is known of it, else the word or the number."""
    return {
        column.name: known.get(column.name, _value(column.type, word, number))
        for column in METADATA.tables[name].columns
    }


def _value(kind: object, word: str, number: int) -> Any:
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return number
    return word.encode() if isinstance(kind, LargeBinary) else word
