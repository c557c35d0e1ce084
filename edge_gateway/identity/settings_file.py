"""Settings as a TOML file: only what a gateway's settings are made of, written so that people can go on editing it."""

import json
from typing import Any

_HEAD = "# Settings of this gateway. Keys of cabinets stand here: nobody but the gateway should read it.\n"


def settings_text(table: dict[str, Any]) -> str:
    """The file's text: texts, numbers, lists of them and tables, tables last."""
    return _HEAD + _block(table, ())


def _block(table: dict[str, Any], path: tuple[str, ...]) -> str:
    plain = [f"{_name(key)} = {_value(value)}\n" for key, value in table.items() if not isinstance(value, dict)]
    inner = [(key, value) for key, value in table.items() if isinstance(value, dict)]
    head = f"\n[{'.'.join(map(_name, path))}]\n" if path and (plain or not inner) else ""
    return head + "".join(plain) + "".join(_block(value, (*path, key)) for key, value in inner)


def _name(key: str) -> str:
    is_bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if is_bare else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
