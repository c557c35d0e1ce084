"""The cloud's settings: one TOML file, read once into a frozen object. An unknown key refuses to start."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from cloud.database import DatabaseError, database_url

SECRET_CHARS_MIN = 32


class SettingsError(ValueError):
    """The settings cannot be used; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Settings:
    """Everything the cloud is told from outside. Its text never shows the secret or the database's password."""

    secret: str  # signs the cookies of people signed in
    database_url: str = "sqlite:///./cloud.db"
    host: str = "127.0.0.1"
    port: int = 8000

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_type(field.name, getattr(self, field.name), int if field.name == "port" else str)
        if len(self.secret) < SECRET_CHARS_MIN:
            raise SettingsError(
                f"expected a secret of at least {SECRET_CHARS_MIN} characters, found {len(self.secret)}"
            )
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"expected a port of 0 to 65535, found {self.port}")
        try:
            database_url(self.database_url)
        except DatabaseError as error:
            raise SettingsError(str(error)) from error

    def __str__(self) -> str:
        address = database_url(self.database_url).render_as_string(hide_password=True)
        return f"database_url={address} host={self.host} port={self.port} secret=(hidden)"

    __repr__ = __str__


def _check_type(key: str, value: object, expected: type) -> None:
    if type(value) is not expected:
        raise SettingsError(f"expected {key} to be {expected.__name__}, found {value!r}")


def load(path: Path) -> Settings:
    """The settings in a file (`SettingsError`)."""
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"expected a settings file, found none at {path} ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"expected TOML in {path}, found {error}") from error
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(found.keys() - known):
        raise SettingsError(f"expected keys among {', '.join(sorted(known))} in {path}, found {', '.join(unknown)}")
    if "secret" not in found:
        raise SettingsError(f"expected a secret of at least {SECRET_CHARS_MIN} characters in {path}, found none")
    return Settings(**found)
