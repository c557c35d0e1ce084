"""How devices enrol: codes that are read aloud, the requests of EST, short-lived tokens, and what a gateway deposits.

Pure; the cloud and gateways both import it, and it is the only definition.

Enrolment follows RFC 7030 (EST) as far as it goes here: `cacerts`, `simpleenroll` and, towards the cloud,
`simplereenroll` below `/.well-known/est`; requests are PKCS#10 and answers PKCS#7 in base64. Whoever enrols shows a
code as the password of HTTP Basic (the name does not matter); whoever renews shows a token in place of a TLS
certificate, because a proxy may stand between. There are no labels, no server-side keys, no `csrattrs` and no challenge
passwords.

A code is two groups of five of 31 characters that cannot be taken for each other, as `7KM3Q-9XW4D`: four name it, five
are its secret, the last checks the others (any one wrong character and any two swapped neighbours are found).
"""

import base64
import hashlib
import hmac
import re
import secrets
from typing import Any, Final

import jwt
import msgspec

from edge_gateway.certificates import Key, PublicKey

PATH: Final = "/.well-known/est"
REQUEST_TYPE: Final = "application/pkcs10"
ANSWER_TYPE: Final = "application/pkcs7-mime; smime-type=certs-only"

CODE_MS: Final = 15 * 60 * 1000  # for so long a code is good
CODE_TRIES_MAX: Final = 5  # wrong secrets for one code: then it is dead
ADDRESS_TRIES_MAX: Final = 10  # wrong codes from one network address within the minutes of a code
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31, a prime: the check character needs that
_NAME, _SECRET = 4, 5

TOKEN_MS: Final = 60_000  # a token ends after this,
TOKEN_AGAIN_MS: Final = 30_000  # and its maker makes another after that
TOKEN_CLOCK_MS: Final = 30_000  # by how much its maker's clock may go wrong
_ALGORITHM: Final = "ES256"
_SERIAL: Final = re.compile(r"[0-9a-f]{32}")

DEPOSIT_BYTES_MAX: Final = 200_000


class EnrolmentError(ValueError):
    """A code or a message of enrolment that cannot be; the text says what was expected and what was found."""


class CodeRefusedError(PermissionError):
    """A code lets nobody in, at a gateway or at the cloud; `reason` is one word for programs."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text)
        self.reason = reason


class TokenError(ValueError):
    """A token that is not good; the text says why."""


# ---- codes ----


class Code(msgspec.Struct, frozen=True):
    """A code by its parts. Only `name` and a digest of `secret` are ever kept."""

    name: str
    secret: str

    @property
    def text(self) -> str:
        """As it is shown: two groups of five."""
        whole = self.name + self.secret
        whole += _check_letter(whole)
        return f"{whole[:5]}-{whole[5:]}"

    def digest(self, pepper: bytes) -> bytes:
        """As it is kept: worth nothing to who reads the database without `pepper`."""
        return hmac.digest(pepper, f"enrolment code\n{self.name}{self.secret}".encode(), "sha256")

    def __repr__(self) -> str:
        return f"Code({self.name})"

    __str__ = __repr__


def new_code() -> Code:
    """A code drawn by chance: one of 28 million for each of its names."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(_NAME + _SECRET))
    return Code(drawn[:_NAME], drawn[_NAME:])


def read_code(typed: str) -> Code:
    """A code as somebody typed it: in any case, with blanks or dashes anywhere (`EnrolmentError`)."""
    whole = "".join(each for each in typed.upper()[:40] if not each.isspace() and each not in "-–—_.")
    strange = sorted({each for each in whole if each not in _LETTERS})
    if strange:
        raise EnrolmentError(
            f"expected a code of the characters 2 to 9 and A to Z without I, L and O, found {' '.join(strange)[:40]}"
        )
    if len(whole) != _NAME + _SECRET + 1:
        raise EnrolmentError(f"expected a code of {_NAME + _SECRET + 1} characters, found {len(whole)}")
    if _check_letter(whole[:-1]) != whole[-1]:
        raise EnrolmentError(
            "expected a code as it is shown, found a slip of the pen: compare it character by character"
        )
    return Code(whole[:_NAME], whole[_NAME:-1])


def _check_letter(letters: str) -> str:
    """So that the weighted sum is a multiple of 31, as ISBN-10 does with 11."""
    total = sum(weight * _LETTERS.index(letter) for weight, letter in enumerate(letters, 2))
    return _LETTERS[total % len(_LETTERS)]


def basic_password(authorization: str) -> str:
    """The password of an `Authorization: Basic` header; "" when it is none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def read_body(body: bytes) -> bytes:
    """The bytes of a request: base64 as RFC 7030 has it (`EnrolmentError`)."""
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except ValueError as error:
        raise EnrolmentError(f"expected a certificate request in base64, found {body[:40]!r}") from error


# ---- tokens ----


class Token(msgspec.Struct, frozen=True):
    """What a token says: whose it is, by which certificate, and until when."""

    gateway: str
    serial: str
    expires_ms: int


def audience(authority_fingerprint: str) -> str:
    """For whom tokens are: one cloud, by the authority that signs its gateways' certificates."""
    return f"partsbay {authority_fingerprint}"


def new_token(key: Key, gateway: str, serial: str, meant_for: str, now_ms: int) -> str:
    """A token that is good for a minute (JWT, ES256): a gateway shows it as `Authorization: Bearer`."""
    claims = {"sub": gateway, "aud": meant_for, "iat": now_ms // 1000, "exp": (now_ms + TOKEN_MS) // 1000}
    return jwt.encode(claims, key, _ALGORITHM, headers={"kid": serial})


def is_token(shown: str) -> bool:
    """Whether it looks like a token: a random key does not."""
    return shown.startswith("eyJ") and shown.count(".") == 2 and len(shown) <= 2000


def token_serial(token: str) -> str:
    """By which certificate a token says it was made; "" when it is no token. Nothing of it is proved yet."""
    if not is_token(token):
        return ""
    try:
        serial = str(jwt.get_unverified_header(token).get("kid", ""))
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return ""
    return serial if _SERIAL.fullmatch(serial) else ""  # a stranger's text is asked of no database


def read_token(token: str, key: PublicKey, meant_for: str, now_ms: int) -> Token:
    """What a token of this key's owner says (`TokenError`)."""
    options: Any = {"require": ["sub", "aud", "iat", "exp"], "verify_exp": False, "verify_iat": False}
    try:
        found = jwt.decode_complete(token, key, [_ALGORITHM], options, audience=meant_for)
    except jwt.InvalidTokenError as error:
        raise TokenError(f"expected a gateway's token, found one that is not good: {error}") from error
    claims = found["payload"]
    begins_ms, ends_ms = int(claims["iat"]) * 1000, int(claims["exp"]) * 1000
    if ends_ms - begins_ms > TOKEN_MS + 1000:
        raise TokenError(f"expected a token good for a minute, found one for {(ends_ms - begins_ms) // 1000} s")
    check_token_time(begins_ms, ends_ms, now_ms)
    return Token(str(claims["sub"]), str(found["header"].get("kid", "")), ends_ms)


def check_token_time(begins_ms: int, ends_ms: int, now_ms: int) -> None:
    """Refuse a token that is over, or made by a clock that goes wrong (`TokenError`)."""
    if now_ms > ends_ms + TOKEN_CLOCK_MS:
        raise TokenError(f"expected a token of the last minute, found one {(now_ms - ends_ms) // 1000} s too old")
    if now_ms < begins_ms - TOKEN_CLOCK_MS:
        raise TokenError(f"expected a token of the last minute, found one {(begins_ms - now_ms) // 1000} s ahead")


# ---- what gateways and the cloud tell each other ----


class CabinetCertificate(msgspec.Struct, frozen=True):
    """A certificate that a gateway gave a cabinet. `revoked_ms` 0: it is in force. `der` in base64."""

    cabinet: str
    serial: str
    issued_ms: int
    not_after_ms: int
    revoked_ms: int = 0
    why: str = ""
    der: str = ""


class CabinetSecrets(msgspec.Struct, frozen=True):
    """What a cabinet and its gateway share."""

    password: str
    access_key: str

    def __repr__(self) -> str:
        return "CabinetSecrets(hidden)"


class Deposit(msgspec.Struct, frozen=True):
    """What a new gateway of the same shop needs so that no cabinet is touched. PEM; sealed wherever it is kept."""

    authority: str
    authority_key: str
    cabinets: dict[str, CabinetSecrets] = {}

    def __repr__(self) -> str:
        return "Deposit(hidden)"


class Told(msgspec.Struct, frozen=True):
    """What a gateway tells of itself: its cabinets' certificates, and its deposit when the cloud lacks it."""

    certificates: list[CabinetCertificate]
    deposit: Deposit | None = None


class Answered(msgspec.Struct, frozen=True):
    """What the cloud answers: the digest of the deposit it keeps ("" for none), and serials it knows as revoked."""

    deposit_sha256: str = ""
    revoked: list[str] = []


class Joined(msgspec.Struct, frozen=True):
    """What a gateway learns once it has its certificate: who it is, and what its shop's last gateway left."""

    gateway: str
    shop: str
    shop_name: str
    dealer: str
    deposit: Deposit | None = None
    certificates: list[CabinetCertificate] = []
    has_books: bool = False  # the cloud holds bookings of this shop: `partsbay gateway restore` brings them back


encode = msgspec.json.Encoder().encode
decode_told = msgspec.json.Decoder(Told).decode
decode_answered = msgspec.json.Decoder(Answered).decode
decode_joined = msgspec.json.Decoder(Joined).decode
decode_deposit = msgspec.json.Decoder(Deposit).decode


def deposit_sha256(deposit: Deposit) -> str:
    """By what gateway and cloud find out that they mean the same deposit, 64 hexadecimal digits."""
    ordered = Deposit(deposit.authority, deposit.authority_key, dict(sorted(deposit.cabinets.items())))
    return hashlib.sha256(encode(ordered)).hexdigest()
