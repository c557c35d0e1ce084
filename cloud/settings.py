"""The cloud's settings: one TOML file, read once into a frozen object. An unknown key refuses to start."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cloud.database import DatabaseError, database_url
from edge_gateway.bundle_format import BundleError, ReleaseKey, read_keys

SECRET_CHARS_MIN = 32
WORKERS_MAX = 64
_TYPES: dict[str, type] = {"port": int, "ingest_port": int, "workers": int, "webhooks_inside": bool}  # others: text
MAIL_SECURITIES = ("starttls", "tls", "none")


class SettingsError(ValueError):
    """The settings cannot be used; the text says what was expected and what was found."""


@dataclass(frozen=True)
class MailSettings:
    """The server that takes outgoing mail. Its text never shows the password."""

    server: str
    sender: str  # as in From: "Partsbay <parts@dealer.example>"
    port: int = 587
    security: str = "starttls"  # or "tls" from the first byte, or "none" for a server on this machine
    user: str = ""
    password: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_type(f"mail.{field.name}", getattr(self, field.name), int if field.name == "port" else str)
        if self.security not in MAIL_SECURITIES:
            raise SettingsError(f"expected mail.security among {', '.join(MAIL_SECURITIES)}, found {self.security!r}")
        if "@" not in self.sender or any(ord(each) < 32 for each in self.sender):
            raise SettingsError(f"expected mail.sender to be an e-mail address, found {self.sender!r}")

    def __str__(self) -> str:
        return f"{self.server}:{self.port}/{self.security}"

    __repr__ = __str__


@dataclass(frozen=True)
class Settings:
    """Everything the cloud is told from outside. Its text never shows the secret or the database's password."""

    secret: str  # signs the cookies of people signed in
    database_url: str = "sqlite:///./cloud.db"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1  # processes of `partsbay cloud ingest`; more than one need PostgreSQL
    ingest_port: int = 8001  # where they take what gateways send
    public_url: str = ""  # how people reach it, as https://parts.dealer.example: links in mails begin with it
    planning_cluster: str = ""  # a Dask scheduler to compute levels on, as tcp://10.0.0.5:8786; "": this machine
    webhooks_inside: bool = False  # whether alerts may be sent to programs at private addresses
    mail: MailSettings | None = None
    release_keys: tuple[ReleaseKey, ...] = ()  # in the file: the path of the file with their public lines

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name not in {"mail", "release_keys"}:
                _check_type(field.name, getattr(self, field.name), _TYPES.get(field.name, str))
        _check_public_url(self.public_url)
        if self.mail and not self.public_url:
            raise SettingsError("expected public_url beside [mail], found none: where would its links lead?")
        if len(self.secret) < SECRET_CHARS_MIN:
            raise SettingsError(
                f"expected a secret of at least {SECRET_CHARS_MIN} characters, found {len(self.secret)}"
            )
        for name in ("port", "ingest_port"):
            if not 0 <= getattr(self, name) <= 65535:
                raise SettingsError(f"expected {name} of 0 to 65535, found {getattr(self, name)}")
        self._check_database()

    def _check_database(self) -> None:
        try:
            url = database_url(self.database_url)
        except DatabaseError as error:
            raise SettingsError(str(error)) from error
        if not 1 <= self.workers <= WORKERS_MAX:
            raise SettingsError(f"expected 1 to {WORKERS_MAX} workers, found {self.workers}")
        if self.workers > 1 and url.drivername == "sqlite":
            raise SettingsError(
                f"expected 1 worker on SQLite, which has one writer, found {self.workers}: use PostgreSQL for more"
            )

    def __str__(self) -> str:
        address = database_url(self.database_url).render_as_string(hide_password=True)
        told = f"database_url={address} host={self.host} port={self.port} secret=(hidden)"
        told += f" workers={self.workers} ingest_port={self.ingest_port}"
        return told + (f" public_url={self.public_url}" if self.public_url else "") + f" mail={self.mail or 'none'}"

    __repr__ = __str__


def _check_type(key: str, value: object, expected: type) -> None:
    if type(value) is not expected:
        raise SettingsError(f"expected {key} to be {expected.__name__}, found {value!r}")


def _check_public_url(address: str) -> None:
    parts = urlsplit(address)
    if address and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query):
        raise SettingsError(f"expected public_url such as https://parts.dealer.example, found {address!r}")


def _mail(found: object, path: Path) -> MailSettings:
    if not isinstance(found, dict):
        raise SettingsError(f"expected [mail] to be a table in {path}, found {found!r}")
    known = {field.name for field in fields(MailSettings)}
    if unknown := sorted(found.keys() - known):
        raise SettingsError(f"expected keys among {', '.join(sorted(known))} in [mail], found {', '.join(unknown)}")
    if missing := sorted({"server", "sender"} - found.keys()):
        raise SettingsError(f"expected {' and '.join(missing)} in [mail] of {path}, found none")
    return MailSettings(**found)


def _release_keys(found: object, path: Path) -> tuple[ReleaseKey, ...]:
    """The release keys in a file, named from where the settings are."""
    if not isinstance(found, str):
        raise SettingsError(f"expected release_keys to be the path of a file, found {found!r}")
    place = path.parent / found
    try:
        return tuple(read_keys(place.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"expected a file of release keys, found none at {place} ({error.strerror})") from error
    except (BundleError, UnicodeDecodeError) as error:
        raise SettingsError(f"expected release keys in {place}, found another: {error}") from error


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
    if "mail" in found:
        found["mail"] = _mail(found["mail"], path)
    if "release_keys" in found:
        found["release_keys"] = _release_keys(found["release_keys"], path)
    return Settings(**found)
