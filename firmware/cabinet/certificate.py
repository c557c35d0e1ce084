"""This cabinet's certificate: what the one in use says, and a renewed one judged, stored beside and renamed.

Loaded only for that. Who signed it is not proved here: it came over the broker's TLS, and the broker will not take one
that nobody signed. It must be for this cabinet's own name and key, from the same authority, and last longer: so nothing
that is sent can put this cabinet out for good. What is read of DER is what X.509 certificates have (RFC 5280, 4.1).
"""

import os
from binascii import hexlify

BYTES_MAX = 1024
_COMMON_NAME = b"\x06\x03\x55\x04\x03"  # the object identifier 2.5.4.3
_SIGNED_BY = b"\x06\x03\x55\x1d\x23"  # 2.5.29.35: which key of the authority; its name another may have, too
_SEQUENCE = 0x30
_INTEGER = 2
_BYTES = 4
_VERSION = 0xA0
_UTC_TIME = 0x17


class CertificateError(ValueError):
    """A certificate cannot be used; the text says what was expected and found."""


def take(settings: dict, renewed, recorder):
    """(serial, until when it holds in ms) of the certificate in use, after taking a renewed one or refusing it."""
    if "tls" not in settings:
        _refuse(recorder, "expected no certificate, found one: this cabinet uses none")
        return "", 0
    names = settings["tls"]
    before = held(names)
    if renewed is None:
        return before
    try:
        taken = replaced(names, settings["cabinet"], renewed)
    except (CertificateError, OSError) as error:
        _refuse(recorder, str(error))
        return before
    if taken != before:
        recorder.record("certificate_taken", serial=taken[0], not_after_ms=taken[1])
    return taken


def _refuse(recorder, reason):
    recorder.record_minor("certificate_refused", reason=reason[:96])


def held(names: dict):
    """(serial, until when it holds in ms) of the certificate in use; ("", 0) when there is none that can be read."""
    try:
        return _read(_file(names["cert"]))[:2]
    except (OSError, CertificateError):
        return "", 0


def replaced(names: dict, cabinet: str, der):
    """Put a renewed certificate in place of the one in use, and say what it says; `CertificateError`."""
    renewed = _read(bytes(der))
    standing = _read(_file(names["cert"]))
    if renewed[0] == standing[0]:
        return renewed[:2]
    if renewed[3] != cabinet:
        raise CertificateError("expected a certificate of %s, found one of %s" % (cabinet, renewed[3][:32]))
    if renewed[4] != standing[4]:
        raise CertificateError("expected a certificate for the key here, found one for another")
    if renewed[2] != standing[2]:
        raise CertificateError("expected a certificate of the same authority, found another's")
    if renewed[1] <= standing[1]:
        raise CertificateError("expected one that lasts longer, found one that does not")
    _replace(names["cert"], der)
    return renewed[:2]


def _replace(path, der):
    beside = path + ".new"
    with open(beside, "wb") as file:
        file.write(der)
        file.flush()
    os.rename(beside, path)


def _file(path):
    with open(path, "rb") as file:
        return file.read(BYTES_MAX + 1)


def _read(der):
    """(serial, end in ms, issuer, common name, key): issuer (its name and which key of its) and key as written."""
    try:
        return _facts(der)
    except (IndexError, ValueError) as error:
        if isinstance(error, CertificateError):
            raise
        raise CertificateError("expected a certificate in DER, found %d bytes that are none" % len(der))


def _facts(der):
    if len(der) > BYTES_MAX:
        raise CertificateError("expected a certificate of at most %d bytes, found more" % BYTES_MAX)
    at, end = _inside(der, 0, _SEQUENCE)
    if end != len(der):
        raise ValueError
    at, end = _inside(der, at, _SEQUENCE)
    if der[at] == _VERSION:
        at = _behind(der, at)
    number, at = _inside(der, at, _INTEGER)
    serial = hexlify(der[number:at]).decode()
    at = _behind(der, at)  # how it is signed
    issuer = at
    at = _behind(der, at)
    issuer = der[issuer:at]
    start, at = _inside(der, at, _SEQUENCE)
    until = _time(der, _behind(der, start))
    subject = at
    at = _behind(der, at)
    name = _common_name(der, subject, at)
    key = at
    at = _behind(der, at)
    return serial, until, issuer + _signed_by(der, at), name, der[key:at]


def _signed_by(der, start):
    at = der.find(_SIGNED_BY, start)
    if at < 0:
        return b""
    at, end = _inside(der, at + len(_SIGNED_BY), _BYTES)
    return der[at:end]


def _item(der, at):
    """(tag, where its contents begin, and end) of what stands at a place."""
    length = der[at + 1]
    start = at + 2
    if length >= 0x80:
        count = length & 0x7F
        if not 1 <= count <= 2:
            raise ValueError
        length = int.from_bytes(der[start : start + count], "big")
        start += count
    if start + length > len(der):
        raise ValueError
    return der[at], start, start + length


def _inside(der, at, tag):
    found, start, end = _item(der, at)
    if found != tag:
        raise ValueError
    return start, end


def _behind(der, at):
    return _item(der, at)[2]


def _common_name(der, start, end):
    at = der.find(_COMMON_NAME, start, end)
    if at < 0:
        return ""
    text, end = _item(der, at + len(_COMMON_NAME))[1:]
    return der[text:end].decode()


def _time(der, at):
    """Milliseconds since 1970 of a time in UTC, by the calendar: a board's own clock may count from elsewhere."""
    tag, start, end = _item(der, at)
    text = der[start:end].decode()
    if tag == _UTC_TIME:
        text = ("19" if text[0] >= "5" else "20") + text
    if len(text) != 15 or text[14] != "Z":
        raise ValueError
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    year -= month <= 2  # Howard Hinnant, chrono-compatible low-level date algorithms: days_from_civil
    day_of_year = (153 * (month + (9 if month <= 2 else -3)) + 2) // 5 + day - 1
    days = year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - 719468
    seconds = int(text[8:10]) * 3600 + int(text[10:12]) * 60 + int(text[12:14])
    return (days * 86400 + seconds) * 1000
