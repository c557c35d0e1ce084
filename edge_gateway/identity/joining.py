"""`partsbay gateway enrol`: a gateway joins its dealer's cloud by a code, in place of a dead one or as a shop's first.

The key is made here and stays here. A try whose answer was lost is made again with the same key, and gets the same
certificate. Settings are written last, whole: cut off anywhere before, nothing has changed and it is done again.
"""

import sqlite3
import time
import tomllib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from edge_gateway import certificates, settings
from edge_gateway.certificates import Authority, Certificate, CertificateError
from edge_gateway.enrolment_format import PATH, REQUEST_TYPE, EnrolmentError, Joined, decode_joined, read_code
from edge_gateway.identity.folder import Folder, replace_file
from edge_gateway.identity.own import CertificateAuth, Own, keep_own
from edge_gateway.identity.settings_file import settings_text
from edge_gateway.identity.shop import keep_authority, keep_told

PENDING = "joining.pem"
TIMEOUT_S = 30.0


class JoinError(ValueError):
    """A gateway cannot join; the text says what was expected and found, `reason` is one word for pages."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class Asked:
    """To join the cloud at an address, by a code; the settings go to `config`. `defaults`: what new ones begin with."""

    cloud: str
    code: str
    config: Path
    data_dir: Path
    defaults: Mapping[str, Any] = field(default_factory=dict)


def cloud_address(typed: str) -> str:
    """A cloud's address as somebody types it (`JoinError`)."""
    address = typed.strip().rstrip("/")
    if address and "://" not in address:
        address = f"https://{address}"
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise JoinError(
            f"expected the cloud's address as https://parts.example.com, found {typed[:80]!r}", "address"
        ) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise JoinError(f"expected the cloud's address as https://parts.example.com, found {typed[:80]!r}", "address")
    return address


def join(asked: Asked, now_ms: Callable[[], int], transport: httpx.BaseTransport | None = None) -> Joined:
    """Join (`JoinError`); through `transport`, when another than the network is wanted."""
    address = cloud_address(asked.cloud)
    try:
        code = read_code(asked.code)
    except EnrolmentError as error:
        raise JoinError(str(error), "mistyped") from error
    folder = Folder(asked.data_dir)
    with httpx.Client(base_url=address, timeout=TIMEOUT_S, transport=transport) as client:
        own = _certified(client, folder, code.text, now_ms)
        joined = _joined(client, own, now_ms)
    _refuse_other_books(asked.data_dir, joined.gateway)
    _take_over(folder, joined)
    keep_own(folder, own)
    write_settings(asked, address, joined)
    folder.remove(PENDING)
    return joined


def _certified(client: httpx.Client, folder: Folder, code: str, now_ms: Callable[[], int]) -> Own:
    """A key of this gateway, and a certificate for it."""
    pending = folder.read(PENDING)
    key = certificates.read_key(pending) if pending else certificates.new_key()
    if not pending:
        folder.write(PENDING, certificates.key_pem(key))
    shown = b64encode(f"gateway:{code}".encode()).decode()
    headers = {"Authorization": f"Basic {shown}", "Content-Type": REQUEST_TYPE}
    body = b64encode(certificates.new_request(key, ""))
    [certificate] = _certificates(_ask(client, "POST", f"{PATH}/simpleenroll", headers=headers, content=body))
    [authority] = _certificates(_ask(client, "GET", f"{PATH}/cacerts"))
    if certificates.public_key(certificate) != key.public_key():
        raise JoinError("expected a certificate for this gateway's key, found one for another", "cloud")
    try:  # by the cloud's own time: a gateway whose clock is wrong may join all the same
        certified_ms = certificates.not_before_ms(certificate) + certificates.BEFORE_MS
        certificates.check(certificate, authority, now_ms=certified_ms, purpose="client")
    except CertificateError as error:
        raise JoinError(str(error), "cloud") from error
    return Own(key, certificate, authority)


def _joined(client: httpx.Client, own: Own, now_ms: Callable[[], int]) -> Joined:
    client.auth = CertificateAuth(own, now_ms)
    answer = _ask(client, "GET", "/api/gateway/joined")
    try:
        joined = decode_joined(answer.content)
    except msgspec.DecodeError as error:
        raise JoinError(f"expected who this gateway is, found {answer.text[:80]!r}", "cloud") from error
    if joined.gateway != own.gateway:
        raise JoinError(f"expected to be {own.gateway}, found {joined.gateway}", "cloud")
    return joined


def _certificates(answer: httpx.Response) -> list[Certificate]:
    try:
        found = certificates.unpacked(answer.content)
    except CertificateError as error:
        raise JoinError(f"expected a Partsbay cloud at {answer.url.host}, found: {error}", "cloud") from error
    if len(found) != 1:
        raise JoinError(f"expected one certificate, found {len(found)}", "cloud")
    return found


def _ask(client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    try:
        answer = client.request(method, path, **more)
    except httpx.HTTPError as error:
        raise JoinError(f"expected the cloud at {client.base_url} to answer, found: {error}", "away") from error
    if answer.status_code == httpx.codes.OK:
        return answer
    said = _said(answer)
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise JoinError(said["detail"], "slow")
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise JoinError(said["detail"], said.get("reason", "unknown"))
    raise JoinError(
        f"expected a Partsbay cloud at {client.base_url}, found {answer.status_code}: {said['detail']}", "cloud"
    )


def _said(answer: httpx.Response) -> dict[str, str]:
    """What a refusal says, whoever it is from."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("detail"), str):
        return {"detail": answer.text[:120]}
    return {key: value for key, value in found.items() if isinstance(value, str)}


# ---- what is kept ----


def _refuse_other_books(data_dir: Path, gateway: str) -> None:
    """A database belongs to one gateway for good."""
    database = data_dir / "gateway.db"
    if not database.exists():
        return
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        row = connection.execute("select gateway from identity order by number desc limit 1").fetchone()
    except sqlite3.Error:
        row = None
    finally:
        connection.close()
    if row is not None and row[0] != gateway:
        raise JoinError(
            f"expected a data_dir of {gateway}, found {data_dir} with the books of {row[0]}: choose another", "books"
        )


def _take_over(folder: Folder, joined: Joined) -> None:
    """What the shop's last gateway left: its authority, and the certificates it gave."""
    if joined.deposit is None:
        return
    deposit = joined.deposit
    certificate = certificates.read_certificate(deposit.authority.encode())
    keep_authority(folder, Authority(certificate, certificates.read_key(deposit.authority_key.encode())))
    keep_told(folder, joined.certificates)


def write_settings(asked: Asked, address: str, joined: Joined) -> None:
    """Settings for this gateway: those there are, with who it is and where its cloud is put right."""
    table: dict[str, Any] = dict(asked.defaults)
    if asked.config.exists():
        before = asked.config.read_bytes()
        table = tomllib.loads(before.decode())
        replace_file(asked.config.with_name(asked.config.name + ".before"), before)
    table["gateway"] = joined.gateway
    table.setdefault("data_dir", str(asked.data_dir.resolve()))
    cloud = dict(table.get("cloud", {})) | {"url": address}
    cloud.pop("key", None)
    table["cloud"] = cloud
    cabinets = dict(table.get("cabinets", {}))
    if joined.deposit is not None:
        for name, held in joined.deposit.cabinets.items():
            cabinets[name] = dict(cabinets.get(name, {})) | {"password": held.password, "access_key": held.access_key}
    if cabinets:
        table["cabinets"] = cabinets
    text = settings_text(table)
    settings.parse(tomllib.loads(text))
    replace_file(asked.config, text.encode())


def run(cloud: str, code: str, config: Path, data_dir: Path | None) -> int:
    """The command: join, and say what is next."""
    joined = join(Asked(cloud, code, config, data_dir_of(config, data_dir)), lambda: time.time_ns() // 1_000_000)
    for line in next_steps(joined, config):
        print(line)  # noqa: T201 - what a person called it for
    return 0


def data_dir_of(config: Path, wished: Path | None = None) -> Path:
    """Where the books are to be: as wished, as the settings have it, or beside the settings."""
    if wished is not None:
        return wished
    if config.exists():
        return settings.load(config).data_dir
    return config.resolve().parent / "data"


def next_steps(joined: Joined, config: Path) -> list[str]:
    """What a person does now."""
    lines = [f"joined: this is {joined.gateway} of {joined.shop_name} ({joined.dealer}); settings in {config}"]
    if joined.deposit is not None:
        lines.append(
            f"taken over: the shop's authority and {len(joined.deposit.cabinets)} cabinets; none need be touched"
        )
    if joined.has_books:
        lines.append(f"the cloud holds this shop's books: partsbay gateway restore --config {config}")
    lines.append(f"then: partsbay gateway run --config {config}")
    return lines
