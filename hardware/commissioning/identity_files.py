"""Who a cabinet is: `settings.json` and its certificates, from a file, from what the board holds, or by enrolment.

A settings file holds what `settings.json` holds. With a code, key and request are made here and the gateway's answer
goes to the board; the key is nowhere else, and leaves this computer's memory when the command ends. What its doors do
without power is the settings' to say, and the board's when they do not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from hardware import boards
from hardware.commissioning.refusal import RefusalError

_KEYS = ("cabinet", "broker_host", "broker_port", "username", "password", "access_key")
_SETTINGS = "settings.json"


class Wanted(Protocol):
    """What of the command's options decides who the cabinet is."""

    @property
    def settings(self) -> Path | None:
        """A file with its settings."""
        ...

    @property
    def gateway(self) -> str:
        """The gateway's address."""
        ...

    @property
    def code(self) -> str:
        """A code to enrol with."""
        ...


@dataclass(frozen=True)
class IdentityFiles:
    """Files for the board's flash, and what is told of them; `serial` "": no certificate."""

    cabinet: str
    host: str
    port: int
    contents: Mapping[str, bytes]
    serial: str = ""
    until: str = ""
    authority: str = ""  # the beginning of its fingerprint

    def __repr__(self) -> str:
        return f"IdentityFiles({self.cabinet})"


def cabinet_of(path: Path) -> str:
    """Whose settings a file holds."""
    return str(_read(path)["cabinet"])


def locks_of(wanted: Wanted, cabinet: str, held: Mapping[str, Any] | None, board: boards.Board) -> str:
    """What a cabinet's doors shall do without power (`RefusalError` when a settings file says something else)."""
    told: Mapping[str, Any] = {}
    if wanted.settings is not None:
        told = _read(wanted.settings)
    elif held is not None and held.get("cabinet") == cabinet and not (wanted.gateway and wanted.code):
        told = held
    return str(told["locks"]) if told.get("locks") in boards.LOCKS else boards.locks_of(board)


def make(wanted: Wanted, cabinet: str, held: Mapping[str, Any] | None, locks: str) -> IdentityFiles:
    """The files of a cabinet: by a settings file, by a code, or those that the board has (`RefusalError`)."""
    files = _made(wanted, cabinet, held)
    data = files.contents.get(_SETTINGS)
    settings = json.loads(data) if data else dict(held or {})
    if settings.get("locks", boards.FAIL_SECURE) == locks:
        return files
    return replace(files, contents={**files.contents, _SETTINGS: settings_bytes(settings | {"locks": locks})})


def _made(wanted: Wanted, cabinet: str, held: Mapping[str, Any] | None) -> IdentityFiles:
    if wanted.settings is not None:
        return _of(_read(wanted.settings))
    if wanted.gateway and wanted.code:
        from hardware.commissioning import enrolment  # noqa: PLC0415 - cryptography, only where it is needed

        return enrolment.enrol(wanted.gateway, wanted.code, cabinet)
    if held is not None and held.get("cabinet") == cabinet:
        return IdentityFiles(cabinet, held["broker_host"], held["broker_port"], {})
    raise RefusalError("no_identity")


def _of(settings: Mapping[str, Any]) -> IdentityFiles:
    data = settings_bytes(settings)
    return IdentityFiles(settings["cabinet"], settings["broker_host"], settings["broker_port"], {_SETTINGS: data})


def settings_bytes(settings: Mapping[str, Any]) -> bytes:
    """The content of `settings.json`."""
    return json.dumps(dict(settings)).encode()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
        missing = [key for key in _KEYS if key not in found]
    except (OSError, ValueError, TypeError) as error:
        raise RefusalError("bad_settings", path=path, error=error) from error
    if missing:
        raise RefusalError("bad_settings", path=path, error=", ".join(missing))
    if found.get("locks", boards.FAIL_SECURE) not in boards.LOCKS:
        raise RefusalError("bad_settings", path=path, error=f"locks {found['locks']!r} ({' / '.join(boards.LOCKS)})")
    return dict(found)
