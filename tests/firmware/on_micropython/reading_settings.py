"""Settings: what a cabinet may be told of certificates and locks, and what refuses to start."""

import json
import sys

for name in ("machine", "neopixel", "network"):  # the board's own modules; nothing here uses them
    sys.modules.setdefault(name, sys)

from cabinet import board  # noqa: E402

PATH = "settings-under-test.json"
OLD = {
    "cabinet": "cab-1",
    "broker_host": "192.168.1.10",
    "broker_port": 1883,
    "username": "cab-1",
    "password": "secret",
    "access_key": "5a" * 32,
}
TLS = {"ca": "ca.der", "cert": "cert.der", "key": "key.der", "server_name": "partsbay-gateway"}


def read(**changed):
    values = dict(OLD)
    values.update(changed)
    with open(PATH, "w") as file:
        json.dump(values, file)
    return board.read_settings(PATH)


def refused(**changed):
    try:
        read(**changed)
    except board.SettingsError as error:
        return str(error)
    raise AssertionError("expected %r to be refused" % changed)


def test_settings_of_before_are_settings_still():
    settings = read()
    assert settings["access_key"] == b"\x5a" * 32
    assert settings["locks"] == "fail_secure"
    assert "tls" not in settings


def test_certificates_and_locks_are_read():
    settings = read(tls=TLS, time_port=8884, locks="fail_safe")
    assert (settings["tls"], settings["time_port"], settings["locks"]) == (TLS, 8884, "fail_safe")


def test_what_is_not_as_it_must_be_is_refused_in_a_sentence():
    partly = dict(TLS)
    del partly["ca"]
    for changed, said in (
        ({"tls": partly}, "expected tls in"),
        ({"tls": dict(TLS, key=5)}, "expected tls in"),
        ({"tls": "yes"}, "expected tls in"),
        ({"time_port": "8884"}, "expected time_port in"),
        ({"locks": "open"}, "expected locks in"),
        ({"certificate": "x"}, "expected only known keys in"),
    ):
        assert refused(**changed).startswith(said), changed
