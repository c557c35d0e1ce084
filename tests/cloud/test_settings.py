"""The cloud's settings: what they refuse, and what they never show."""

from pathlib import Path

import pytest

from cloud.settings import MailSettings, Settings, SettingsError, load

SECRET = f'secret = "{"s" * 32}"\n'


def _write(folder: Path, text: str) -> Path:
    path = folder / "cloud.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_but_the_secret_has_a_default(tmp_path: Path) -> None:
    """SQLite beside the program, this machine only."""
    settings = load(_write(tmp_path, SECRET))
    assert settings == Settings("s" * 32, "sqlite:///./cloud.db", "127.0.0.1", 8000)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected a secret of at least 32 characters"),
        ('secret = "short"', "found 5"),
        (SECRET + "colour = 1", "found colour"),
        (SECRET + 'port = "80"', "expected port to be int, found '80'"),
        (SECRET + "port = true", "expected port to be int, found True"),
        (SECRET + "port = 70000", "found 70000"),
        (SECRET + 'database_url = "mysql://x"', "found 'mysql'"),
        (SECRET + 'database_url = "sqlite://"', "found a database in memory"),
        (SECRET + "ingest_port = -1", "expected ingest_port of 0 to 65535, found -1"),
        (SECRET + "workers = 2", "expected 1 worker on SQLite, which has one writer, found 2"),
        (SECRET + 'workers = 0\ndatabase_url = "postgresql://x/y"', "expected 1 to 64 workers, found 0"),
        ("secret =", "expected TOML"),
        (SECRET + 'public_url = "parts.example"', "expected public_url such as https://"),
        (SECRET + 'public_url = "https://parts.example/path"', "expected public_url such as https://"),
        (SECRET + "mail = 1", "to be a table"),
        (SECRET + '[mail]\nserver = "s"\nsender = "a@b"', "expected public_url beside"),
        (SECRET + '[mail]\nserver = "s"', "expected sender in"),
        (SECRET + '[mail]\nserver = "s"\nsender = "nobody"', "to be an e-mail address"),
        (SECRET + '[mail]\nserver = "s"\nsender = "a@b"\nsecurity = "ssl"', "found 'ssl'"),
        (SECRET + '[mail]\nserver = "s"\nsender = "a@b"\ncolour = 1', "found colour"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """Expected and found, before anything starts."""
    with pytest.raises(SettingsError, match=sentence):
        load(_write(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(SettingsError, match=r"found none at .*missing\.toml"):
        load(tmp_path / "missing.toml")


def test_secrets_are_never_shown() -> None:
    """Neither the cookie's secret nor the database's password."""
    mail = MailSettings("smtp.example", "parts@dealer.example", user="parts", password="hunter2")
    address = "postgresql://partsbay:hunter2@db.example/partsbay"
    settings = Settings("s" * 32, address, public_url="https://parts.example", mail=mail)
    for shown in (str(settings), repr(settings), f"{settings}"):
        assert "db.example" in shown
        assert "hunter2" not in shown
        assert "ssss" not in shown
