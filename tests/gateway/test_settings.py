"""Settings are read once, refused with a sentence, and printed without secrets."""

from pathlib import Path
from typing import Any

import pytest

from edge_gateway.settings import SettingsError, load, parse

GOOD = """
gateway = "gw-1"
data_dir = "/var/lib/partsbay"
[cloud]
url = "https://cloud.example"
key = "top-secret-key"
[kiosk]
host = "0.0.0.0"
port = 8080
[broker]
kind = "external"
host = "192.168.1.2"
port = 1883
username = "gateway"
password = "broker-secret"
[cabinets.cab-1]
password = "cabinet-secret"
access_key = "aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00"
"""


def test_a_whole_file_and_its_secrets(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(GOOD)
    settings = load(path)
    assert settings.database == Path("/var/lib/partsbay/gateway.db")
    assert settings.broker.password == "broker-secret"
    assert settings.cabinets["cab-1"].password == "cabinet-secret"
    printed = str(settings)
    assert "gw-1" in printed
    assert not any(secret in printed for secret in ("top-secret", "broker-secret", "cabinet-secret", "aa00aa"))


def test_the_least_that_is_needed() -> None:
    settings = parse({"gateway": "gw-1", "data_dir": "x"})
    assert (settings.broker.kind, settings.broker.port, settings.cloud.url) == ("embedded", 1883, "")


CABINET = {"password": "12345678", "access_key": "0" * 64}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"gatway": "x"}, "expected only known keys in the settings, found gatway"),
        ({"gateway": ""}, "expected gateway in the settings as text"),
        ({"gateway": "Gate Way"}, "expected gateway as 1 to 32"),
        ({"data_dir": 3}, "expected data_dir in the settings as text, found 3"),
        ({"cloud": {"ulr": "x"}}, r"expected only known keys in \[cloud\], found ulr"),
        ({"cloud": {"key": "a key of the gateway"}}, "expected cloud.url beside cloud.key, found none"),
        ({"kiosk": {"port": "8080"}}, r"expected port in \[kiosk\] as a whole number, found str"),
        ({"kiosk": {"port": True}}, r"expected port in \[kiosk\] as a whole number, found bool"),
        ({"kiosk": {"port": 70000}}, "expected kiosk.port from 0 to 65535"),
        ({"broker": {"kind": "rabbit"}}, "expected broker.kind as embedded or external"),
        ({"broker": []}, r"expected a table \[broker\], found list"),
        ({"cabinets": {"Cab 1": CABINET}}, "expected a cabinet id"),
        ({"cabinets": {"cab-1": {"password": "12345678"}}}, "expected access_key in"),
        ({"cabinets": {"cab-1": CABINET | {"password": "short"}}}, "expected cabinets.cab-1.password as 8 to 128"),
        ({"cabinets": {"cab-1": CABINET | {"password": '12345678"'}}}, "expected cabinets.cab-1.password"),
        ({"cabinets": {"cab-1": CABINET | {"access_key": "xyz"}}}, "expected cabinets.cab-1.access_key as 64"),
        ({"cabinets": {"cab-1": CABINET | {"colour": "red"}}}, "found colour"),
    ],
)
def test_refusals(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as refused:
        parse({"gateway": "gw-1", "data_dir": "x", **change})
    assert "12345678" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="expected settings in TOML at"):
        load(tmp_path / "none.toml")
