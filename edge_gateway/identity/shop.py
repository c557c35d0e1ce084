"""A shop's own authority: it lets cabinets in by code, issues and renews their certificates, and ends them.

Used by any thread, and by a command beside the running gateway. What it changes is durable when it returns; then
`on_change` is called with whom a broker may let in. A key is renewed for, never made: a cabinet's key stays in it.
"""

import base64
import hashlib
import hmac
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cabinet import wire

from edge_gateway import certificates
from edge_gateway.certificates import (
    CABINET_MS,
    CLOCK_MS,
    SERVER_NAME,
    Authority,
    Certificate,
    CertificateError,
    Leaf,
    PublicKey,
)
from edge_gateway.enrolment_format import (
    ADDRESS_TRIES_MAX,
    CODE_MS,
    CODE_TRIES_MAX,
    CabinetCertificate,
    CabinetSecrets,
    Code,
    CodeRefusedError,
    Deposit,
    EnrolmentError,
    new_code,
    read_code,
)
from edge_gateway.identity.folder import Folder
from edge_gateway.identity.register import Happened, Issued, KeptCode, Register, keep_code, keep_issued, note
from edge_gateway.identity.trust import Admitted, Changed, Trust

AUTHORITY = "authority-key.pem"
_SERVER_DAYS_MS = CABINET_MS


@dataclass(frozen=True)
class MadeCode:
    """A new code for a cabinet, shown this once."""

    code: Code
    cabinet: str
    expires_ms: int


class Shop:
    """The authority of one shop, in a gateway's data_dir. Made when there is none."""

    def __init__(self, data_dir: Path, name: str, now_ms: Callable[[], int]) -> None:
        self.folder = Folder(data_dir)
        self.now_ms = now_ms
        self.on_change: list[Changed] = []
        self._name = name
        self.register = Register(self.folder.of("register.db"))
        self.authority = self._load() or self._made()
        self._pepper = hashlib.sha256(b"enrolment codes\n" + certificates.key_pem(self.authority.key)).digest()
        self._write_files()
        self._mark = self.register.mark()

    # ---- files ----

    def _load(self) -> Authority | None:
        data = self.folder.read(AUTHORITY)
        return (
            Authority(certificates.read_certificate(_certificate_of(data)), certificates.read_key(data))
            if data
            else None
        )

    def _made(self) -> Authority:
        made = certificates.new_authority(f"Partsbay {self._name}"[:64], self.now_ms())
        keep_authority(self.folder, made)
        return made

    def _write_files(self) -> None:
        """What brokers read, made anew from what is known wherever it is not as it must be."""
        authority = certificates.pem(self.authority.certificate)
        if self.folder.read("authority.pem") != authority:
            self.folder.write("authority.pem", authority)
        if not self._server_is_good():
            key = certificates.new_key()
            leaf = Leaf(SERVER_NAME, self._name, "server", _SERVER_DAYS_MS, (SERVER_NAME, "localhost", "127.0.0.1"))
            self.folder.write("server-key.pem", certificates.key_pem(key))
            made = certificates.issue(self.authority, key.public_key(), leaf, self.now_ms())
            self.folder.write("server.pem", certificates.pem(made))
        self._write_revocations()

    def _server_is_good(self) -> bool:
        data, key = self.folder.read("server.pem"), self.folder.read("server-key.pem")
        if not data or not key:
            return False
        found, now_ms = certificates.read_certificate(data), self.now_ms()
        if certificates.read_key(key).public_key() != certificates.public_key(found):
            return False
        try:
            certificates.check(found, self.authority.certificate, now_ms=now_ms, purpose="server")
        except CertificateError:
            return False
        return now_ms < certificates.renew_ms(found)

    def _write_revocations(self) -> None:
        revoked = [(each.serial, each.revoked_ms) for each in self.register.issued() if each.revoked_ms]
        self.folder.write("revocations.pem", certificates.revocation_list(self.authority, revoked, self.now_ms()))

    # ---- who is let in ----

    def trust(self) -> Trust:
        """Whom a broker may let in now, and its own files."""
        issued, now_ms, of = self.register.issued(), self.now_ms(), self.folder.of
        return Trust(
            authority=of("authority.pem"),
            certificate=of("server.pem"),
            key=of("server-key.pem"),
            revocations=of("revocations.pem"),
            admitted=tuple(_admitted(each) for each in issued if _is_good(each, now_ms)),
            revoked=frozenset(each.serial for each in issued if each.revoked_ms),
            barred=_barred(issued, now_ms),
        )

    def see_to(self) -> None:
        """Tell of what a command beside this program has changed, and renew the server's own certificate."""
        if not self._server_is_good():
            self._write_files()
            self._changed()
        elif self.register.mark() != self._mark:
            self._changed()

    def _changed(self) -> None:
        self._mark = self.register.mark()
        self._write_revocations()
        trust = self.trust()
        for told in self.on_change:
            told(trust)

    # ---- codes ----

    def make_code(self, cabinet: str, asked_by: str = "") -> MadeCode:
        """A code for a cabinet, in place of its codes before (`WireError` for no cabinet's id)."""
        wire.check_cabinet(cabinet)
        now_ms = self.now_ms()
        while True:
            code = new_code()
            kept = KeptCode(code.name, code.digest(self._pepper), cabinet, asked_by[:80], now_ms, now_ms + CODE_MS)
            try:
                with self.register.changing() as opened:
                    opened.execute("delete from code where expires_ms < ?", (now_ms - 30 * CODE_MS,))
                    keep_code(opened, kept)
                    note(opened, now_ms, "code_made", cabinet=cabinet, detail=asked_by)
            except sqlite3.IntegrityError:  # the name was drawn before
                continue
            return MadeCode(code, cabinet, kept.expires_ms)

    def withdraw_code(self, cabinet: str) -> None:
        """Let nobody in by a cabinet's codes any more."""
        with self.register.changing() as opened:
            opened.execute("delete from code where cabinet = ? and used_ms = 0", (cabinet,))
            note(opened, self.now_ms(), "code_withdrawn", cabinet=cabinet)

    def enrol(self, typed: str, request: bytes, address: str) -> Certificate:
        """A certificate for who shows a code, named as the code's cabinet (`CodeRefusedError`, `CertificateError`).

        What the cabinet had before ends. The same request again gets the same certificate: an answer may be lost.
        """
        name, key = certificates.read_request(request)
        with self.register.changing() as opened:
            found = self._let_in(opened, typed, name, key, address)
            if isinstance(found, CodeRefusedError):
                self._keep_refusal(opened, found, name, address)
        if isinstance(found, CodeRefusedError):
            raise found
        self._changed()
        return found

    def _found(
        self, opened: sqlite3.Connection, typed: str, address: str
    ) -> tuple[Code, KeptCode | None] | CodeRefusedError:
        """What was typed, and what is kept of that code; refused when it is none, or too often tried."""
        if self._tried(opened, address, self.now_ms()) >= ADDRESS_TRIES_MAX:
            return _too_often(address)
        try:
            code = read_code(typed)
        except EnrolmentError as error:
            return CodeRefusedError(str(error), "mistyped")
        row = opened.execute("select * from code where name = ?", (code.name,)).fetchone()
        return code, KeptCode(*row) if row is not None else None

    def _let_in(
        self, opened: sqlite3.Connection, typed: str, name: str, key: PublicKey, address: str
    ) -> Certificate | CodeRefusedError:
        now_ms = self.now_ms()
        found = self._found(opened, typed, address)
        if isinstance(found, CodeRefusedError):
            return found
        code, kept = found
        refused = self._refusal(opened, kept, code, name, key)
        if refused is not None or kept is None:
            return refused or CodeRefusedError(_UNKNOWN, "unknown")
        if kept.used_ms:
            der = opened.execute("select der from certificate where serial = ?", (kept.serial,)).fetchone()[0]
            return certificates.read_certificate(der)
        self._end(opened, kept.cabinet, "", "replaced by a controller that enrolled anew")
        certificate = self._issue(opened, kept.cabinet, key)
        serial = certificates.serial_of(certificate)
        opened.execute("update code set used_ms = ?, serial = ? where name = ?", (now_ms, serial, code.name))
        note(opened, now_ms, "enrolled", cabinet=kept.cabinet, address=address, detail=serial)
        return certificate

    def enrolled_by(self, typed: str, address: str) -> str:
        """The cabinet that a code let in, as long as the code would be good (`CodeRefusedError`)."""
        with self.register.changing() as opened:
            found = self._enrolled_by(opened, typed, address)
            if isinstance(found, CodeRefusedError):
                self._keep_refusal(opened, found, "", address)
        if isinstance(found, CodeRefusedError):
            raise found
        return found

    def _enrolled_by(self, opened: sqlite3.Connection, typed: str, address: str) -> str | CodeRefusedError:
        now_ms = self.now_ms()
        found = self._found(opened, typed, address)
        if isinstance(found, CodeRefusedError):
            return found
        code, kept = found
        refused = self._wrong(opened, kept, code)
        if refused is not None or kept is None:
            return refused or CodeRefusedError(_UNKNOWN, "unknown")
        if not kept.used_ms or kept.expires_ms <= now_ms:
            return _refused("let nobody in, or has ended", "expired")
        return kept.cabinet

    def _tried(self, opened: sqlite3.Connection, address: str, now_ms: int) -> int:
        counted = "select count(*) from happened where what = 'code_refused' and address = ? and at_ms > ?"
        return int(opened.execute(counted, (address[:64], now_ms - CODE_MS)).fetchone()[0])

    def _keep_refusal(self, opened: sqlite3.Connection, refused: CodeRefusedError, name: str, address: str) -> None:
        """Once that an address has to wait: it may go on asking, and others' tries are counted in the same list."""
        now_ms = self.now_ms()
        if refused.reason != "slow" or self._tried(opened, address, now_ms) <= ADDRESS_TRIES_MAX:
            note(opened, now_ms, "code_refused", cabinet=name, address=address, detail=str(refused))

    def _wrong(self, opened: sqlite3.Connection, kept: KeptCode | None, code: Code) -> CodeRefusedError | None:
        """Why it is not the code that was made; a wrong secret counts against the code."""
        if kept is None:
            return CodeRefusedError(_UNKNOWN, "unknown")
        if kept.tries >= CODE_TRIES_MAX:
            return _refused("was tried too often", "dead")
        if not hmac.compare_digest(kept.digest, code.digest(self._pepper)):
            opened.execute("update code set tries = tries + 1 where name = ?", (kept.name,))
            return CodeRefusedError(_UNKNOWN, "unknown")
        return None

    def _refusal(
        self, opened: sqlite3.Connection, kept: KeptCode | None, code: Code, name: str, key: PublicKey
    ) -> CodeRefusedError | None:
        wrong = self._wrong(opened, kept, code)
        if wrong is not None or kept is None:
            return wrong
        if kept.used_ms and not _is_of(opened, kept.serial, key):
            return _refused("was used", "used")
        return _refused_now(kept, name, self.now_ms())

    # ---- certificates ----

    def _issue(self, opened: sqlite3.Connection, cabinet: str, key: PublicKey) -> Certificate:
        now_ms = self.now_ms()
        made = certificates.issue(self.authority, key, Leaf(cabinet, self._name, "client", CABINET_MS), now_ms)
        keep_issued(
            opened,
            Issued(
                certificates.serial_of(made),
                cabinet,
                certificates.public_bytes(key),
                certificates.der(made),
                now_ms,
                certificates.not_after_ms(made),
            ),
        )
        return made

    def revoke(self, cabinet: str, serial: str = "", why: str = "") -> int:
        """End a cabinet's certificates, or those for the key of one, at once; how many were in force."""
        return self._revoke(cabinet, self._for_same_key(cabinet, serial) if serial else [""], why)

    def _for_same_key(self, cabinet: str, serial: str) -> list[str]:
        """Who has the key of a certificate has what it was renewed to as well."""
        issued = [each for each in self.register.issued() if each.cabinet == cabinet]
        keys = {each.public_key for each in issued if each.serial == serial}
        return [each.serial for each in issued if each.public_key in keys]

    def _revoke(self, cabinet: str, serials: Iterable[str], why: str) -> int:
        with self.register.changing() as opened:
            ended = sum(self._end(opened, cabinet, serial, why) for serial in serials)
            if ended:
                note(opened, self.now_ms(), "revoked", cabinet=cabinet, detail=why)
        if ended:
            self._changed()
        return ended

    def _end(self, opened: sqlite3.Connection, cabinet: str, serial: str, why: str) -> int:
        return opened.execute(
            "update certificate set revoked_ms = ?, why = ? where cabinet = ? and (serial = ? or ? = '') "
            "and revoked_ms = 0",
            (self.now_ms(), why[:200], cabinet, serial, serial),
        ).rowcount

    def in_force(self, cabinet: str) -> Issued | None:
        """The newest certificate of a cabinet that is good now."""
        now_ms = self.now_ms()
        found = [each for each in self.register.issued() if each.cabinet == cabinet and _is_good(each, now_ms)]
        return found[-1] if found else None

    def renewed(self, cabinet: str, shown: str) -> bytes:
        """What a cabinet is to be sent that shows a serial: DER; b"" when what it has will do.

        Made when two thirds of the newest one's life are over. The one it shows stays good until it shows the new one.
        """
        newest = self.in_force(cabinet)
        if newest is None:
            return b""
        if self.now_ms() >= certificates.renew_ms(certificates.read_certificate(newest.der)):
            newest = self._renew(newest)
        return newest.der if newest.serial != shown else b""

    def _renew(self, old: Issued) -> Issued:
        key = certificates.public_key(certificates.read_certificate(old.der))
        with self.register.changing() as opened:
            made = self._issue(opened, old.cabinet, key)
            note(opened, self.now_ms(), "renewed", cabinet=old.cabinet, detail=certificates.serial_of(made))
        self._changed()
        return self.in_force(old.cabinet) or old

    def shown(self, cabinet: str, serial: str) -> None:
        """A cabinet shows a certificate: those of before it are needed no longer."""
        newest = self.in_force(cabinet)
        older = [each for each in self.register.issued() if each.cabinet == cabinet and not each.revoked_ms]
        if newest is None or newest.serial != serial or len(older) < 2:
            return
        with self.register.changing() as opened:
            for each in older:
                if each.serial != serial:
                    self._end(opened, cabinet, each.serial, "renewed")
        self._changed()

    # ---- the cloud and the next gateway ----

    def told(self) -> list[CabinetCertificate]:
        """Every certificate, as the cloud is told."""
        return [
            CabinetCertificate(
                each.cabinet,
                each.serial,
                each.issued_ms,
                each.not_after_ms,
                each.revoked_ms,
                each.why,
                base64.b64encode(each.der).decode(),
            )
            for each in self.register.issued()
        ]

    def deposit(self, secrets: Mapping[str, CabinetSecrets]) -> Deposit:
        """What another gateway of this shop would need."""
        authority, key = self.authority.certificate, self.authority.key
        return Deposit(certificates.pem(authority).decode(), certificates.key_pem(key).decode(), dict(secrets))

    def take_revoked(self, serials: Iterable[str]) -> None:
        """The cloud knows these as revoked."""
        wanted = set(serials) - self.trust().revoked
        for each in self.register.issued():
            if each.serial in wanted:
                self._revoke(each.cabinet, [each.serial], "revoked in the cloud")  # or renewed: only this one

    def shown_fingerprint(self) -> str:
        """The first half of the authority's SHA-256 in groups of four: what a technician compares."""
        found = certificates.fingerprint(self.authority.certificate)[:32]
        return " ".join(found[at : at + 4] for at in range(0, len(found), 4))

    def happened(self, limit: int = 50) -> list[Happened]:
        """What happened last, the newest first."""
        return self.register.happened(limit)


def keep_authority(folder: Folder, authority: Authority) -> None:
    """Make this the shop's authority."""
    folder.write(AUTHORITY, certificates.key_pem(authority.key) + certificates.pem(authority.certificate))


def keep_told(folder: Folder, told: Iterable[CabinetCertificate]) -> None:
    """Take over what the gateway before had issued."""
    with Register(folder.of("register.db")).changing() as opened:
        for each in told:
            certificate = certificates.read_certificate(base64.b64decode(each.der))
            key = certificates.public_bytes(certificates.public_key(certificate))
            der = certificates.der(certificate)
            keep_issued(
                opened,
                Issued(
                    each.serial, each.cabinet, key, der, each.issued_ms, each.not_after_ms, each.revoked_ms, each.why
                ),
            )


def _certificate_of(data: bytes) -> bytes:
    return data[data.index(b"-----BEGIN CERTIFICATE") :]


def _is_of(opened: sqlite3.Connection, serial: str, key: PublicKey) -> bool:
    asked = "select 1 from certificate where serial = ? and public_key = ? and revoked_ms = 0"
    return opened.execute(asked, (serial, certificates.public_bytes(key))).fetchone() is not None


def _is_good(issued: Issued, now_ms: int) -> bool:
    return not issued.revoked_ms and now_ms <= issued.not_after_ms + CLOCK_MS


def _barred(issued: list[Issued], now_ms: int) -> frozenset[str]:
    """Cabinets of which a key was revoked, not only a certificate renewed for it."""
    good = {(each.cabinet, each.public_key) for each in issued if _is_good(each, now_ms)}
    ended = [each for each in issued if each.revoked_ms]
    return frozenset(each.cabinet for each in ended if (each.cabinet, each.public_key) not in good)


def _admitted(issued: Issued) -> Admitted:
    found = certificates.read_certificate(issued.der)
    uri = certificates.device_uri(issued.cabinet, issued.serial)
    return Admitted(issued.cabinet, issued.serial, found.subject.rfc4514_string(), uri, issued.not_after_ms)


def _refused_now(kept: KeptCode, name: str, now_ms: int) -> CodeRefusedError | None:
    if kept.expires_ms <= now_ms:
        return _refused(f"ended {(now_ms - kept.expires_ms) // 1000} s ago", "expired")
    if name != kept.cabinet:
        return CodeRefusedError(f"expected a request of {kept.cabinet}, found one of {name[:40]!r}", "name")
    return None


def _too_often(address: str) -> CodeRefusedError:
    return CodeRefusedError(f"expected few wrong codes from {address}, found too many: wait some minutes", "slow")


def _refused(found: str, reason: str) -> CodeRefusedError:
    return CodeRefusedError(f"expected a code that is good, found one that {found}: make another", reason)


_UNKNOWN = "expected a code that was made here, found another: compare it character by character"
