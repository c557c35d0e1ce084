"""Keys, certificates and what is wrong with one: P-256 on `cryptography`, for the cloud and for gateways.

Pure: bytes and times in; certificates, or a sentence, out. It opens no file, asks no clock and keeps nothing.

Two authorities sign: the cloud's for gateways, a shop's for its cabinets and for the server they talk to. A leaf's
subject is O (gateway or shop), CN (the device's id), serialNumber (the certificate's own), and a device has the same
once more as a URI, `urn:partsbay:<id>:<serial>`: whoever lets devices in by name lets in this one certificate of a
device and no other. A serial is 32 hexadecimal digits here, whatever its place. RFC 5280 says what stands where.
"""

import ipaddress
import secrets
from base64 import b64decode, b64encode
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY_MS = 24 * 3600 * 1000
CABINET_MS = 365 * DAY_MS  # a cabinet that lay in a store for months must still come up; revoking does not wait for it
GATEWAY_MS = 180 * DAY_MS  # renewed after 120: eight weeks without internet end nothing
AUTHORITY_MS = 20 * 365 * DAY_MS  # until before 2050, where dates are written otherwise
BEFORE_MS = DAY_MS  # how far back a validity begins: clocks beside this one may be wrong
CLOCK_MS = 10 * 60 * 1000  # by how much one's own clock may be wrong when a certificate is judged
SERVER_NAME = "partsbay-gateway"  # what every shop's server is called, wherever it is reached
REQUEST_BYTES_MAX = 4096

Key = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey
Certificate = x509.Certificate
Purpose = Literal["client", "server"]
Reason = Literal["broken", "foreign", "expired", "not_yet", "revoked", "name", "purpose"]

_DER = serialization.Encoding.DER
_PEM = serialization.Encoding.PEM
_USES = {"client": ExtendedKeyUsageOID.CLIENT_AUTH, "server": ExtendedKeyUsageOID.SERVER_AUTH}


class CertificateError(ValueError):
    """A certificate, key or request cannot be used: a sentence, and in `reason` one word for programs."""

    def __init__(self, text: str, reason: Reason = "broken") -> None:
        super().__init__(text)
        self.reason: Reason = reason


@dataclass(frozen=True)
class Authority:
    """Who signs."""

    certificate: Certificate
    key: Key = field(repr=False)


@dataclass(frozen=True)
class Leaf:
    """What a certificate is to say. `names`: DNS names or addresses of a server."""

    name: str
    organisation: str
    purpose: Purpose
    valid_ms: int
    names: tuple[str, ...] = ()


# ---- keys ----


def new_key() -> Key:
    """A new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: Key) -> bytes:
    """A key as it is kept: PKCS#8 in PEM, to be written where its owner alone may read."""
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def read_key(pem: bytes) -> Key:
    """A key from its PEM (`CertificateError`)."""
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise CertificateError(f"expected a private key in PEM, found none ({error})") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise CertificateError("expected a private key on P-256, found another kind")
    return key


def public_bytes(key: PublicKey) -> bytes:
    """A public key as SubjectPublicKeyInfo (DER): 91 bytes, the same as inside its certificate."""
    return key.public_bytes(_DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_key(certificate: Certificate | x509.CertificateSigningRequest) -> PublicKey:
    """Whose certificate it is (`CertificateError` for another kind than P-256)."""
    try:
        key = certificate.public_key()
    except ValueError as error:
        raise CertificateError(f"expected a key on P-256, found none ({error})") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise CertificateError(f"expected a key on P-256, found {type(key).__name__}")
    return key


# ---- making ----


def new_authority(name: str, now_ms: int, key: Key | None = None) -> Authority:
    """An authority that signs leaves and nothing below them; it lives for twenty years."""
    key = key or new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    named = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    built = _dated(named, _serial(), now_ms, AUTHORITY_MS)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    built = built.add_extension(_key_usage(signs_certificates=True), critical=True)
    return Authority(built.add_extension(identifier, critical=False).sign(key, hashes.SHA256()), key)


def issue(authority: Authority, key: PublicKey, leaf: Leaf, now_ms: int) -> Certificate:
    """A certificate for a key, good from a day ago; never for longer than the authority."""
    serial = _serial()
    parts = (
        (NameOID.ORGANIZATION_NAME, leaf.organisation[:64]),  # RFC 5280 allows no more
        (NameOID.COMMON_NAME, leaf.name),
        (NameOID.SERIAL_NUMBER, f"{serial:032x}"),
    )
    subject = x509.Name([x509.NameAttribute(kind, text) for kind, text in parts if text])
    valid_ms = min(leaf.valid_ms, not_after_ms(authority.certificate) - now_ms)
    named = x509.CertificateBuilder().subject_name(subject).issuer_name(authority.certificate.subject)
    built = _dated(named.public_key(key), serial, now_ms, valid_ms)
    issuer = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    for extension, is_critical in (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage([_USES[leaf.purpose]]), False),
        (x509.SubjectAlternativeName(_alternatives(leaf, serial)), False),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), False),
    ):
        built = built.add_extension(extension, critical=is_critical)
    return built.sign(authority.key, hashes.SHA256())


def new_request(key: Key, name: str) -> bytes:
    """A request (PKCS#10 in DER) of whoever has `key` to be called `name`; "": whatever the signer finds right."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(_DER)


def read_request(der: bytes) -> tuple[str, PublicKey]:
    """The name and the key of a request whose sender has the key (`CertificateError`)."""
    if len(der) > REQUEST_BYTES_MAX:
        raise CertificateError(f"expected a request of at most {REQUEST_BYTES_MAX} bytes, found {len(der)}")
    try:
        request = x509.load_der_x509_csr(der)
        is_signed = request.is_signature_valid
    except ValueError as error:
        raise CertificateError(f"expected a certificate request (PKCS#10 in DER), found none ({error})") from error
    if not is_signed:
        raise CertificateError("expected a certificate request signed with its own key, found another signature")
    names = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else "", public_key(request)


def revocation_list(authority: Authority, revoked: Iterable[tuple[str, int]], now_ms: int) -> bytes:
    """A list (CRL in PEM) of serials and since when they are revoked. A year old it is good no longer."""
    built = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
    built = built.last_update(_time(now_ms - BEFORE_MS)).next_update(_time(now_ms + 365 * DAY_MS))
    built = built.add_extension(x509.CRLNumber(now_ms), critical=False)
    for serial, since_ms in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(_time(since_ms))
        built = built.add_revoked_certificate(entry.build())
    return built.sign(authority.key, hashes.SHA256()).public_bytes(_PEM)


def _serial() -> int:
    """126 random bits, of 16 bytes always: the first is 0x40 to 0x7f."""
    return 1 << 126 | secrets.randbits(126)


def _dated(built: x509.CertificateBuilder, serial: int, now_ms: int, valid_ms: int) -> x509.CertificateBuilder:
    built = built.serial_number(serial).not_valid_before(_time(now_ms - BEFORE_MS))
    return built.not_valid_after(_time(now_ms + valid_ms))


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(leaf: Leaf, serial: int) -> list[x509.GeneralName]:
    if leaf.purpose == "client":
        return [x509.UniformResourceIdentifier(device_uri(leaf.name, f"{serial:032x}"))]
    return [_server_name(name) for name in leaf.names or (leaf.name,)]


def _server_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _time(at_ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at_ms // 1000)


# ---- reading ----


def device_uri(name: str, serial: str) -> str:
    """What one certificate of a device is called in its subjectAltName."""
    return f"urn:partsbay:{name}:{serial}"


def serial_of(certificate: Certificate) -> str:
    """Its serial: 32 lower-case hexadecimal digits."""
    return f"{certificate.serial_number:032x}"


def name_of(certificate: Certificate) -> str:
    """Its common name; "" when it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def not_after_ms(certificate: Certificate) -> int:
    """Until when it is good."""
    return int(certificate.not_valid_after_utc.timestamp()) * 1000


def not_before_ms(certificate: Certificate) -> int:
    """From when it is good."""
    return int(certificate.not_valid_before_utc.timestamp()) * 1000


def renew_ms(certificate: Certificate) -> int:
    """When two thirds of its life are over: time to renew."""
    begin_ms = not_before_ms(certificate) + BEFORE_MS
    return begin_ms + (not_after_ms(certificate) - begin_ms) * 2 // 3


def fingerprint(certificate: Certificate) -> str:
    """SHA-256 of its DER: 64 lower-case hexadecimal digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def der(certificate: Certificate) -> bytes:
    """As controllers keep it."""
    return certificate.public_bytes(_DER)


def pem(certificate: Certificate) -> bytes:
    """As brokers and people keep it."""
    return certificate.public_bytes(_PEM)


def read_certificate(data: bytes) -> Certificate:
    """A certificate from PEM or DER (`CertificateError`)."""
    load = x509.load_pem_x509_certificate if data.startswith(b"-----") else x509.load_der_x509_certificate
    try:
        return load(data)
    except ValueError as error:
        raise CertificateError(f"expected a certificate in PEM or DER, found none ({error})") from error


def packed(certificates: Iterable[Certificate]) -> bytes:
    """Certificates as EST sends them: PKCS#7 without a signature, in base64 (RFC 7030, 4.1.3)."""
    return b64encode(pkcs7.serialize_certificates(list(certificates), _DER))


def unpacked(body: bytes) -> list[Certificate]:
    """What EST sent (`CertificateError`); lines may be broken anywhere."""
    try:
        return pkcs7.load_der_pkcs7_certificates(b64decode(b"".join(body.split()), validate=True))
    except ValueError as error:
        raise CertificateError(f"expected certificates as PKCS#7 in base64, found none ({error})") from error


# ---- judging ----


def check(
    certificate: Certificate,
    authority: Certificate,
    *,
    now_ms: int,
    purpose: Purpose,
    name: str = "",
    revoked: Container[str] = (),
) -> None:
    """Refuse a leaf that `authority` did not sign, or that is not good now for this purpose (`CertificateError`).

    `name`: whose it must be, when that matters; `revoked`: serials that are good no longer.
    """
    _check_signature(certificate, authority)
    _check_time(certificate, now_ms)
    if serial_of(certificate) in revoked:
        raise CertificateError(f"expected a certificate in force, found {serial_of(certificate)}, revoked", "revoked")
    if name and name_of(certificate) != name:
        raise CertificateError(f"expected a certificate of {name}, found one of {name_of(certificate)!r}", "name")
    _check_purpose(certificate, purpose)


def _check_signature(certificate: Certificate, authority: Certificate) -> None:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        expected, found = (each.rfc4514_string() for each in (authority.subject, certificate.issuer))
        raise CertificateError(
            f"expected a certificate signed by {expected} with key {fingerprint(authority)[:16]}, "
            f"found one by another that is called {found}",
            "foreign",
        ) from None


def _check_time(certificate: Certificate, now_ms: int) -> None:
    if now_ms > not_after_ms(certificate) + CLOCK_MS:
        raise CertificateError(
            f"expected a certificate good at {_shown(now_ms)}, found one that ended at "
            f"{_shown(not_after_ms(certificate))}",
            "expired",
        )
    if now_ms < not_before_ms(certificate) - CLOCK_MS:
        raise CertificateError(
            f"expected a certificate good at {_shown(now_ms)}, found one that begins at "
            f"{_shown(not_before_ms(certificate))}",
            "not_yet",
        )


def _check_purpose(certificate: Certificate, purpose: Purpose) -> None:
    value = partial(_extension, certificate)
    constraints, uses = value(x509.BasicConstraints), value(x509.ExtendedKeyUsage)
    is_leaf = isinstance(constraints, x509.BasicConstraints) and not constraints.ca
    if not is_leaf or not isinstance(uses, x509.ExtendedKeyUsage) or _USES[purpose] not in uses:
        raise CertificateError(f"expected a certificate of a {purpose}, found one for another purpose", "purpose")


def _extension(certificate: Certificate, kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _shown(at_ms: int) -> str:
    return _time(at_ms).strftime("%Y-%m-%d %H:%M UTC")
