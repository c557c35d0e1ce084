"""Enrols a cabinet at its gateway: key and request made here, the certificate by EST, and what the two share.

EST is RFC 7030's `cacerts` and `simpleenroll`; the code is the password of HTTP Basic. The first question, for the
authority, cannot be checked by anything, so the authority's fingerprint is shown; all others go only to a server that
this authority has signed. The code is asked for once more to be told password, key and ports.
"""

import base64
import ssl
import time
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from hardware.commissioning.identity_files import IdentityFiles, settings_bytes
from hardware.commissioning.refusal import RefusalError

PORT = 8443
_EST = "/.well-known/est"
_CABINET = "/.well-known/partsbay/cabinet"
_SERVER_NAME = "partsbay-gateway"
_TIMEOUT_S = 15.0
_OPENS_S = 6.0  # a gateway looks every two seconds whether a command beside it has made a code
_AGAIN_S = 0.3
_DER = serialization.Encoding.DER


def enrol(gateway: str, code: str, cabinet: str) -> IdentityFiles:
    """The files of a cabinet that `gateway` (host, or host:port) lets in by `code` (`RefusalError`)."""
    host, _, port = gateway.partition(":")
    address = f"https://{host}:{port or PORT}"
    authority = _authority(address)
    checked = _trusting(authority)
    key = ec.generate_private_key(ec.SECP256R1())
    login = ("", code)
    body = base64.b64encode(_request(key, cabinet))
    answer = _ask(address, "POST", f"{_EST}/simpleenroll", checked, login, body)
    certificate = _certificates(answer)[0]
    told = _ask(address, "GET", _CABINET, checked, login).json()
    if told["cabinet"] != cabinet:
        raise RefusalError("enrol_failed", gateway=gateway, error=f"the code is for cabinet {told['cabinet']}")
    return _files(host, told, key, certificate, authority)


def _authority(address: str) -> x509.Certificate:
    """Whom the gateway's server is signed by; a door that is about to open is waited for."""
    deadline = time.monotonic() + _OPENS_S
    while True:
        try:
            return _certificates(_ask(address, "GET", f"{_EST}/cacerts", _unchecked()))[0]
        except RefusalError as error:
            if not isinstance(error.__cause__, httpx.ConnectError) or time.monotonic() >= deadline:
                raise
        time.sleep(_AGAIN_S)


def _files(
    host: str, told: dict[str, Any], key: ec.EllipticCurvePrivateKey, own: x509.Certificate, authority: x509.Certificate
) -> IdentityFiles:
    private = key.private_bytes(_DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    port = told["broker_tls_port"] or told["broker_port"]
    settings: dict[str, Any] = {
        "cabinet": told["cabinet"],
        "broker_host": host,
        "broker_port": port,
        "username": told["cabinet"],
        "password": told["password"],
        "access_key": told["access_key"],
    }
    files: dict[str, bytes] = {}
    if told["broker_tls_port"]:
        names = {"ca": "ca.der", "cert": "cert.der", "key": "key.der"}
        settings["tls"] = {**names, "server_name": told["server_name"]}
        files = {"ca.der": authority.public_bytes(_DER), "cert.der": own.public_bytes(_DER), "key.der": private}
    if told["time_port"]:
        settings["time_port"] = told["time_port"]
    files["settings.json"] = settings_bytes(settings)  # the last: it names the others
    digits = authority.fingerprint(hashes.SHA256()).hex()[:32]
    fingerprint = " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))  # as the gateway shows it
    until = own.not_valid_after_utc.strftime("%Y-%m-%d")
    return IdentityFiles(told["cabinet"], host, port, files, f"{own.serial_number:032x}", until, fingerprint)


def _request(key: ec.EllipticCurvePrivateKey, cabinet: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cabinet)])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256()).public_bytes(_DER)


def _ask(  # noqa: PLR0917 - as a request is written
    address: str, method: str, path: str, trust: ssl.SSLContext, login: tuple[str, str] | None = None, body: bytes = b""
) -> httpx.Response:
    try:
        with httpx.Client(verify=trust, timeout=_TIMEOUT_S, trust_env=False) as client:
            answer = client.request(
                method,
                address + path,
                content=body or None,
                auth=login,
                headers={"Content-Type": "application/pkcs10"} if body else {},
                extensions={"sni_hostname": _SERVER_NAME},
            )
    except httpx.HTTPError as error:
        raise RefusalError("enrol_failed", gateway=address, error=error) from error
    if answer.status_code >= 400:
        raise RefusalError("enrol_failed", gateway=address, error=_said(answer))
    return answer


def _said(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"


def _certificates(answer: httpx.Response) -> list[x509.Certificate]:
    try:
        return pkcs7.load_der_pkcs7_certificates(base64.b64decode(b"".join(answer.content.split())))
    except ValueError as error:
        raise RefusalError("enrol_failed", gateway=answer.url.host, error="no certificate in its answer") from error


def _unchecked() -> ssl.SSLContext:
    """For the one question that nothing can be checked by yet."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    return trust


def _trusting(authority: x509.Certificate) -> ssl.SSLContext:
    trust = ssl.create_default_context(cadata=authority.public_bytes(serialization.Encoding.PEM).decode())
    trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return trust
