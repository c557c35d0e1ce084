"""What a controller refuses of a bundle, and that all who read one agree. The signature is another library's."""

import hashlib
import sys
from pathlib import Path

import msgspec
import pytest
from cabinet import bundle as reading
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec.structs import asdict

from edge_gateway import bundle_format
from hardware.bundles import bundle, command, interpreter, release_key
from tests.firmware.update_stories import application

BOARD = "esp32s3-w5500-12"
KEY = rsa.generate_private_key(release_key.EXPONENT, release_key.BITS)
OTHER = rsa.generate_private_key(release_key.EXPONENT, release_key.BITS)
LINES = [release_key.public_line(OTHER, "before"), release_key.public_line(KEY, "release")]
IMAGE = bundle.Image("0.3.0", b"\xd2\xcd\x31" + bytes(range(256)) * 3, 6)
BUNDLE = bundle.sign(IMAGE, KEY, [BOARD], created_ms=1_795_392_000_000)
HEAD = reading.head_bytes(BUNDLE)
BROUGHT = interpreter.parse(application(micropython="1.30.2")[:600], "test")
WITH = bundle.sign(IMAGE, KEY, [BOARD], interpreter=BROUGHT)


def header(**changed: object) -> dict[str, object]:
    return {**bundle.show(BUNDLE), **changed}


def judged(running: str = "0.2.0", downgrade: int = 0, board: str = BOARD, **changed: object) -> None:
    reading.check(header(**changed), board, running, "1.29.0-preview", 6, downgrade)


def test_controller_gateway_and_workshop_read_the_same() -> None:
    by_controller = reading.signed_header(BUNDLE[:HEAD], iter(LINES))
    by_gateway, key = bundle_format.check(BUNDLE, bundle_format.read_keys("\n".join(LINES)))
    assert by_controller == bundle.verify(BUNDLE, LINES) == asdict(by_gateway)
    assert key == "release"
    assert by_gateway.key == bundle_format.read_keys(LINES[1])[0].id
    assert by_controller["image_sha256"] == hashlib.sha256(IMAGE.data).hexdigest()
    judged()


def test_a_bit_turned_anywhere_is_found() -> None:
    """In the head by the signature, at once; in the image by the digest that is signed."""
    keys = bundle_format.read_keys("\n".join(LINES))
    for at in range(len(BUNDLE)):
        broken = bytearray(BUNDLE)
        broken[at] ^= 1 << at % 8
        with pytest.raises(bundle_format.BundleError):
            bundle_format.check(bytes(broken), keys)
        if at < HEAD:
            with pytest.raises(reading.BundleError):
                reading.signed_header(bytes(broken[:HEAD])[: reading.head_bytes(bytes(broken))], LINES)


def test_an_interpreter_that_is_brought_along_is_read_and_judged_by_all() -> None:
    keys = bundle_format.read_keys("\n".join(LINES))
    head = reading.head_bytes(WITH)
    found = reading.signed_header(WITH[:head], iter(LINES))
    assert found == bundle.verify(WITH, LINES) == msgspec.to_builtins(bundle_format.check(WITH, keys)[0])
    digest = hashlib.sha256(BROUGHT.data).hexdigest()
    assert found["interpreter"] == {"micropython": "1.30.2", "bytes": 600, "sha256": digest}
    reading.check(found, BOARD, "0.2.0", "1.28.0", 6, 0)  # too old by itself, were it not for what comes along
    with pytest.raises(reading.BundleError, match=r"expected MicroPython 1\.31\.0 or later, found 1\.30\.2"):
        reading.check(found, BOARD, "0.2.0", "1.31.0", 6, 0)
    for broken in (WITH[:-1] + bytes([WITH[-1] ^ 1]), WITH[:-1], WITH + b"\0"):
        with pytest.raises(bundle_format.BundleError):
            bundle_format.check(broken, keys)
        with pytest.raises(reading.BundleError):
            bundle.verify(broken, LINES)


@pytest.mark.parametrize(
    ("why", "data", "board"),
    [
        ("expected an application image (.app-bin) in", b"\xe9" + bytes(600), BOARD),
        ("expected a MicroPython in", application()[:36] + bytes(600), BOARD),
        ("expected an interpreter for the ESP32-S3 of", application(chip=0), BOARD),
        ("expected an interpreter of at most 2555904 bytes for", application().ljust(2555905, b"."), BOARD),
        (
            "expected a board with two partitions for an interpreter, found olimex",
            application(0),
            "olimex-esp32-poe-12",
        ),
    ],
)
def test_an_interpreter_that_a_board_cannot_take_is_not_packed(
    why: str, data: bytes, board: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, target = tmp_path / "some.app-bin", tmp_path / "image"
    file.write_bytes(data)
    assert command.build(target, [board], file, sys.stdout) == 1
    assert why in capsys.readouterr().out
    assert not target.exists()


def test_a_bundle_cut_short_or_of_a_foreign_key_is_refused() -> None:
    keys = bundle_format.read_keys(LINES[1])
    for length in (0, 7, 11, 12, HEAD - 1, HEAD, len(BUNDLE) - 1):
        with pytest.raises(bundle_format.BundleError):
            bundle_format.check(BUNDLE[:length], keys)
    with pytest.raises(reading.BundleError, match="expected a signature by a release key of this cabinet, found none"):
        reading.signed_header(BUNDLE[:HEAD], LINES[:1])
    with pytest.raises(bundle_format.BundleError, match=r"one of the release keys \(before\), found none"):
        bundle_format.check(BUNDLE, bundle_format.read_keys(LINES[0]))


@pytest.mark.parametrize(
    ("why", "changed"),
    [
        ("expected firmware for board rp2, found it for esp32s3-w5500-12", {"board": "rp2"}),
        ("expected a version after 0.3.0, found 0.2.9", {"running": "0.3.0", "version": "0.2.9"}),
        ("expected a version after 0.10.0, found 0.9.0", {"running": "0.10.0", "version": "0.9.0"}),
        ("expected another version than 0.3.0, which runs", {"running": "0.3.0", "downgrade": 1}),
        ("expected bytecode of version 6, found 7", {"mpy": 7}),
        ("expected at most MicroPython 1.29.0-preview, found 1.30 wanted", {"micropython": "1.30"}),
        ("expected to come from 0.2.5 or later, found 0.2.0", {"previous_min": "0.2.5"}),
        ("expected a version as 1.2.3, found new", {"version": "new"}),
    ],
)
def test_what_is_not_for_this_board_now_is_refused(why: str, changed: dict[str, object]) -> None:
    with pytest.raises(reading.BundleError, match=why):
        judged(**changed)  # type: ignore[arg-type]


def test_an_older_one_is_taken_when_a_person_wants_it() -> None:
    judged(running="0.4.0", downgrade=1)


def test_keys_are_made_kept_and_used_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(command.PASSPHRASE_VARIABLE, "correct horse")
    key, target = tmp_path / "release.key", tmp_path / "new.bundle"
    assert command.keygen(key, "release", sys.stdout) == 0
    assert key.stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in key.read_bytes()
    assert command.sign(target, key, [BOARD], "", sys.stdout) == 0
    assert command.verify(target, key.with_suffix(".pub"), sys.stdout) == 0
    file, image = tmp_path / "new.app-bin", tmp_path / "image"
    file.write_bytes(BROUGHT.data)
    assert command.sign(target, key, [BOARD], "", sys.stdout, with_interpreter=file) == 0
    assert "brings MicroPython 1.30.2, 600 bytes" in capsys.readouterr().out
    assert command.build(image, [BOARD], file, sys.stdout) == 0
    assert image.read_bytes() == target.read_bytes()[-image.stat().st_size :]
    foreign = tmp_path / "foreign.pub"
    foreign.write_text(LINES[0])
    assert command.verify(target, foreign, sys.stdout) == 1
    assert "correct horse" not in capsys.readouterr().out
    monkeypatch.setenv(command.PASSPHRASE_VARIABLE, "wrong")
    with pytest.raises(release_key.KeyFileError, match=r"expected .* to hold a release key for this passphrase"):
        command.sign(target, key, [BOARD], "", sys.stdout)
