"""What a gateway itself is to its cloud: a key and a certificate in one file, and the tokens made with them."""

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import httpx

from edge_gateway import certificates
from edge_gateway.certificates import Certificate, Key
from edge_gateway.enrolment_format import TOKEN_AGAIN_MS, audience, new_token
from edge_gateway.identity.folder import Folder
from edge_gateway.settings import CloudSettings, Settings, SettingsError

OWN, CLOUD = "gateway.pem", "cloud.pem"


@dataclass(frozen=True)
class Own:
    """A gateway's key and certificate, and who signed it."""

    key: Key = field(repr=False)
    certificate: Certificate
    authority: Certificate

    @property
    def gateway(self) -> str:
        """The gateway's id."""
        return certificates.name_of(self.certificate)

    @property
    def serial(self) -> str:
        """The certificate's serial."""
        return certificates.serial_of(self.certificate)


def read_own(folder: Folder) -> Own | None:
    """What is kept in the folder; None when this gateway never joined by code."""
    own, authority = folder.read(OWN), folder.read(CLOUD)
    if not own or not authority:
        return None
    certificate = own[own.index(b"-----BEGIN CERTIFICATE") :]
    return Own(
        certificates.read_key(own),
        certificates.read_certificate(certificate),
        certificates.read_certificate(authority),
    )


def keep_own(folder: Folder, own: Own) -> None:
    """Put key and certificate in place, both or neither."""
    folder.write(CLOUD, certificates.pem(own.authority))
    folder.write(OWN, certificates.key_pem(own.key) + certificates.pem(own.certificate))


class KeyAuth(httpx.Auth):
    """By a random key, as gateways had before certificates."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Show it."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        yield request


class CertificateAuth(httpx.Auth):
    """By tokens that are good for a minute. Whose clock goes wrong learns so from the answer, and tries once more."""

    def __init__(self, own: Own, now_ms: Callable[[], int]) -> None:
        self.own = own
        self._now_ms = now_ms
        self._off_ms = 0  # by how much the cloud's clock is ahead
        self._token, self._made_ms, self._serial = "", 0, ""
        self._lock = threading.Lock()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Show a token; another one when the cloud says by its clock that this one cannot be good."""
        request.headers["Authorization"] = f"Bearer {self._good()}"
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED and self._corrected(answer.headers.get("Date", "")):
            request.headers["Authorization"] = f"Bearer {self._good()}"
            yield request

    def _good(self) -> str:
        with self._lock:
            now_ms, own = self._now_ms() + self._off_ms, self.own
            is_fresh = 0 <= now_ms - self._made_ms < TOKEN_AGAIN_MS and self._serial == own.serial
            if not is_fresh:
                meant_for = audience(certificates.fingerprint(own.authority))
                self._token = new_token(own.key, own.gateway, own.serial, meant_for, now_ms)
                self._made_ms, self._serial = now_ms, own.serial
            return self._token

    def _corrected(self, date: str) -> bool:
        """Go by the cloud's clock from now on; whether that makes a difference. It came over the same TLS."""
        try:
            cloud_ms = int(parsedate_to_datetime(date).timestamp() * 1000)
        except (TypeError, ValueError):
            return False
        off_ms = cloud_ms - self._now_ms()
        if abs(off_ms - self._off_ms) < TOKEN_AGAIN_MS // 3:
            return False
        self._off_ms, self._made_ms = off_ms, 0
        return True


def auth_of(settings: Settings, now_ms: Callable[[], int]) -> httpx.Auth | None:
    """How the gateway of these settings shows who it is; None without a cloud (`SettingsError`, as `cloud_auth`)."""
    return cloud_auth(settings.cloud, Folder(settings.data_dir), now_ms) if settings.cloud.url else None


def cloud_auth(settings: CloudSettings, folder: Folder, now_ms: Callable[[], int]) -> KeyAuth | CertificateAuth:
    """How this gateway shows who it is (`SettingsError` when it has nothing to show)."""
    if settings.key:
        return KeyAuth(settings.key)
    own = read_own(folder)
    if own is None:
        raise SettingsError(
            f"expected cloud.key, or a certificate in {folder.path}, found neither: "
            "join with `partsbay gateway enrol --cloud URL --code CODE`"
        )
    return CertificateAuth(own, now_ms)
