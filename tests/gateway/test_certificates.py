"""Keys, certificates, codes and tokens: judged by OpenSSL (Python's `ssl`) and by hand beside our own judgement."""

import random
import ssl
import time
from pathlib import Path

import jwt
import pytest

from edge_gateway import certificates, enrolment_format
from edge_gateway.certificates import CABINET_MS, DAY_MS, Authority, CertificateError, Leaf
from edge_gateway.enrolment_format import EnrolmentError, TokenError

NOW_MS = 1_795_000_000_000
LEAF = Leaf("cab-1", "shop-1", "client", CABINET_MS)
SERVER = Leaf("server", "shop-1", "server", CABINET_MS, (certificates.SERVER_NAME, "127.0.0.1"))


def shop(now_ms: int = NOW_MS) -> Authority:
    return certificates.new_authority("Partsbay shop-1", now_ms)


def reason(certificate: certificates.Certificate, authority: Authority, **asked: object) -> tuple[str, str]:
    with pytest.raises(CertificateError) as refused:
        asked = {"now_ms": NOW_MS, "purpose": "client", **asked}
        certificates.check(certificate, authority.certificate, **asked)  # type: ignore[arg-type]
    return refused.value.reason, str(refused.value)


def test_every_way_to_be_wrong_has_its_sentence_and_a_good_one_passes() -> None:
    ours, foreign, key = shop(), shop(), certificates.new_key()
    good = certificates.issue(ours, key.public_key(), LEAF, NOW_MS)
    serial = certificates.serial_of(good)
    certificates.check(good, ours.certificate, now_ms=NOW_MS, purpose="client", name="cab-1")
    for minutes in (-9, 9):  # a clock that is wrong by minutes
        certificates.check(good, ours.certificate, now_ms=NOW_MS + minutes * 60_000, purpose="client")
    assert reason(good, foreign)[0] == "foreign"  # which calls itself the same
    assert reason(good, ours, now_ms=NOW_MS + CABINET_MS + 11 * 60_000) == (
        "expired",
        "expected a certificate good at 2027-11-18 11:17 UTC, found one that ended at 2027-11-18 11:06 UTC",
    )
    assert reason(good, ours, now_ms=NOW_MS - 2 * DAY_MS)[0] == "not_yet"
    assert reason(good, ours, revoked={serial}) == (
        "revoked",
        f"expected a certificate in force, found {serial}, revoked",
    )
    assert reason(good, ours, name="cab-2")[1] == "expected a certificate of cab-2, found one of 'cab-1'"
    assert reason(good, ours, purpose="server")[0] == "purpose"
    assert reason(ours.certificate, ours)[0] == "purpose"  # an authority is nobody's certificate
    with pytest.raises(CertificateError, match="expected a certificate in PEM or DER, found none"):
        certificates.read_certificate(certificates.der(good)[:-7])


def test_what_is_made_says_what_brokers_map_and_goes_through_every_form() -> None:
    ours, key = shop(), certificates.new_key()
    made = certificates.issue(ours, key.public_key(), LEAF, NOW_MS)
    serial = certificates.serial_of(made)
    assert made.subject.rfc4514_string() == f"2.5.4.5={serial},CN=cab-1,O=shop-1"
    assert len(serial) == 32 and serial[0] in "4567"  # sixteen bytes in DER, never one more
    assert certificates.device_uri("cab-1", serial).encode() in certificates.der(made)
    again = certificates.read_certificate(certificates.der(made))
    assert again == certificates.read_certificate(certificates.pem(made)) == made
    assert set(certificates.unpacked(certificates.packed([made, ours.certificate]))) == {made, ours.certificate}
    assert certificates.public_bytes(certificates.public_key(made)) in certificates.der(made)
    assert certificates.renew_ms(made) == NOW_MS + CABINET_MS * 2 // 3
    assert certificates.read_key(certificates.key_pem(key)).public_key() == key.public_key()
    assert (
        certificates.not_after_ms(ours.certificate) < 2_524_608_000_000
    )  # 2050: from then dates are written otherwise


def test_a_request_is_signed_by_whose_key_it_names() -> None:
    key = certificates.new_key()
    request = certificates.new_request(key, "cab-1")
    assert certificates.read_request(request) == ("cab-1", key.public_key())
    tampered = request.replace(b"cab-1", b"cab-2")
    for broken, found in ((tampered, "another signature"), (request[:40], "found none"), (b"\0" * 5000, "5000")):
        with pytest.raises(CertificateError, match=found):
            certificates.read_request(broken)


@pytest.mark.parametrize("case", ["good", "foreign", "revoked", "server with no such name"])
def test_openssl_thinks_the_same(case: str, tmp_path: Path) -> None:
    now_ms = time.time_ns() // 1_000_000  # OpenSSL has a clock of its own
    ours, key = shop(now_ms), certificates.new_key()
    server_key = certificates.new_key()
    signer = shop(now_ms) if case == "foreign" else ours
    client = certificates.issue(signer, key.public_key(), LEAF, now_ms)
    server = certificates.issue(ours, server_key.public_key(), SERVER, now_ms)
    revoked = [(certificates.serial_of(client), now_ms)] if case == "revoked" else []
    name = "other-name" if "name" in case else certificates.SERVER_NAME
    crl = certificates.revocation_list(ours, revoked, now_ms)

    def context(role: int, who: bytes, its_key: certificates.Key) -> ssl.SSLContext:
        made = ssl.SSLContext(role)
        made.load_verify_locations(cadata=certificates.pem(ours.certificate).decode())
        path = tmp_path / f"{role}.pem"
        path.write_bytes(who + certificates.key_pem(its_key))
        made.load_cert_chain(path)
        made.verify_mode = ssl.CERT_REQUIRED
        made.verify_flags |= ssl.VERIFY_X509_STRICT
        return made

    serving = context(ssl.PROTOCOL_TLS_SERVER, certificates.pem(server), server_key)
    (tmp_path / "crl.pem").write_bytes(crl)
    serving.load_verify_locations(tmp_path / "crl.pem")
    serving.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    asking = context(ssl.PROTOCOL_TLS_CLIENT, certificates.pem(client), key)
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = asking.wrap_bio(a, b, server_hostname=name)
    other = serving.wrap_bio(b, a, server_side=True)
    expected = {"foreign": "unable to get local issuer", "revoked": "revoked"}.get(case, "Hostname mismatch")
    refused = _shaken(one, other)
    assert refused == "" if case == "good" else expected in refused


def _shaken(*sides: ssl.SSLObject) -> str:
    """Both sides shake hands; what the first that refuses says, "" when both have done."""
    done: set[ssl.SSLObject] = set()
    while len(done) < len(sides):
        for side in sides:
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as error:
                return str(error)
    return ""


def test_codes_are_read_as_people_write_them_and_slips_are_found() -> None:
    drawn = random.Random(4)
    for _ in range(300):
        code = enrolment_format.new_code()
        assert enrolment_format.read_code(f" {code.text.lower().replace('-', ' ')} ") == code
        letters = code.text.replace("-", "")
        at = drawn.randrange(len(letters))
        other = drawn.choice([each for each in "23456789ABCDEFGHJKMNPQRSTUVWXYZ" if each != letters[at]])
        swapped = drawn.randrange(len(letters) - 1)
        slips = [letters[:at] + other + letters[at + 1 :], _swapped(letters, swapped)]
        for slip in slips:
            if slip != letters:
                with pytest.raises(EnrolmentError, match="slip of the pen"):
                    enrolment_format.read_code(slip)
    for typed, found in (("", "found 0"), ("7KM3Q-9XW4", "found 9"), ("0KM3Q-9XW4I", "found 0 I")):
        with pytest.raises(EnrolmentError, match=found):
            enrolment_format.read_code(typed)
    assert code.secret not in repr(code)


def _swapped(letters: str, at: int) -> str:
    return letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]


def test_a_token_is_good_for_a_minute_for_one_cloud_by_one_key() -> None:
    key, mine = certificates.new_key(), enrolment_format.audience("ab" * 32)
    token = enrolment_format.new_token(key, "gw-1", "4f" * 16, mine, NOW_MS)
    assert enrolment_format.token_serial(token) == "4f" * 16
    read = enrolment_format.read_token(token, key.public_key(), mine, NOW_MS + 5000)
    assert (read.gateway, read.serial, read.expires_ms) == ("gw-1", "4f" * 16, NOW_MS + 60_000)
    for wrong, found in (
        ((certificates.new_key().public_key(), mine, NOW_MS), "Signature"),
        ((key.public_key(), enrolment_format.audience("cd" * 32), NOW_MS), "[Aa]udience"),
        ((key.public_key(), mine, NOW_MS + 91_000), "31 s too old"),
        ((key.public_key(), mine, NOW_MS - 31_000), "31 s ahead"),
    ):
        with pytest.raises(TokenError, match=found):
            enrolment_format.read_token(token, *wrong)
    long = jwt.encode({"sub": "gw-1", "aud": mine, "iat": NOW_MS // 1000, "exp": NOW_MS // 1000 + 900}, key, "ES256")
    with pytest.raises(TokenError, match="found one for 900 s"):
        enrolment_format.read_token(long, key.public_key(), mine, NOW_MS)
    unsigned = jwt.encode({"sub": "gw-1", "aud": mine, "iat": 1, "exp": 2}, "", "none", headers={"kid": "1"})
    with pytest.raises(TokenError):
        enrolment_format.read_token(unsigned, key.public_key(), mine, NOW_MS)
    assert enrolment_format.token_serial("pbg_a-random-key") == ""
