"""`partsbay gateway devices`: the machine's ports, what is configured on them, and what answers.

It opens each configured port for a moment, so the gateway must not run; it changes nothing on a device.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from edge_gateway.serial_devices import r200_frames as r200
from edge_gateway.serial_devices import tspl, zpl
from edge_gateway.serial_devices.bench_scale import is_sound
from edge_gateway.serial_devices.device_settings import DeviceSettings
from edge_gateway.serial_devices.scale_protocols import SCALES
from edge_gateway.serial_devices.serial_port import LINE_ERRORS, known_ports, open_port
from edge_gateway.serial_devices.weight import Weight

LISTEN_S = 2.0


def print_devices(devices: Sequence[DeviceSettings], out: TextIO, listen_s: float = LISTEN_S) -> int:
    """Print what is there and what answers; 1 when a configured device does not."""
    ports = known_ports()
    out.write("ports:\n" if ports else "ports: none found\n")
    for name, what in ports:
        out.write(f"  {name}  {what}\n")
    out.write("devices:\n" if devices else "devices: none configured; see docs/serial-devices.md\n")
    failed = 0
    for device in devices:
        well, said = answer_of(device, listen_s)
        failed += not well
        out.write(f"  {device.name} ({device.kind}, {device.protocol}) at {device.port}: {said}\n")
        if not device.has_stable_name:
            out.write("    its port may be another device's tomorrow: name it by /dev/serial/by-id\n")
    return 1 if failed else 0


def answer_of(device: DeviceSettings, listen_s: float = LISTEN_S) -> tuple[bool, str]:
    """Whether a device is well, and what it answered, in words."""
    try:
        return _ASKED[device.kind](device, listen_s)
    except LINE_ERRORS as error:
        return False, f"cannot be opened: {error}"


def _ask_scale(device: DeviceSettings, listen_s: float) -> tuple[bool, str]:
    protocol = SCALES[device.protocol]
    came = 0
    bauds = (device.speed,) if device.is_tcp else tuple(dict.fromkeys((device.speed, *protocol.bauds)))
    for baud in bauds:
        parser = protocol.parser()
        with open_port(device, baud) as line:
            line.write(protocol.ask * 2)  # the first answer says the unit
            data = _listen(line, listen_s)
        came += len(data)
        sound = [said for said in parser.feed(data) if is_sound(said)]
        if sound:
            return True, f"{_words(sound[-1])} at {baud} baud" + _other_speed(device, baud)
    found = f"found {came} bytes of something else" if came else "found silence"
    return False, f"expected {device.protocol} at {' or '.join(map(str, bauds))} baud, {found}"


def _words(said: Any) -> str:
    if isinstance(said, Weight) and said.mass_mg is not None:
        return f"{said.mass_mg / 1000:g} g, {'at rest' if said.stable else 'moving'}"
    return f"out of range ({said.range})" if isinstance(said, Weight) else f"answers ({said.what})"


def _other_speed(device: DeviceSettings, baud: int) -> str:
    return "" if baud == device.speed else f", not {device.speed}: set baud = {baud}"


def _ask_tag_writer(device: DeviceSettings, listen_s: float) -> tuple[bool, str]:
    frames = r200.Frames(device.header, device.trailer)
    with open_port(device, device.speed) as line:
        line.write(r200.command(r200.INFO, b"\x00", device.header, device.trailer))
        data = _listen(line, listen_s)
    names = [frame.data[1:].decode("ascii", errors="replace") for frame in frames.feed(data) if frame.code == r200.INFO]
    return (True, f"a reader, {names[0].strip()}") if names else (False, _found(data, "an R200's answer"))


def _ask_printer(device: DeviceSettings, listen_s: float) -> tuple[bool, str]:
    """Many printers say nothing: that they can be reached is all that is asked."""
    with open_port(device, device.speed) as line:
        line.write(zpl.STATUS if device.protocol == "zpl" else tspl.STATUS)
        data = _listen(line, listen_s)
    return True, f"answers with {len(data)} bytes" if data else "can be opened, says nothing (as many printers)"


def _ask_scanner(device: DeviceSettings, _listen_s: float) -> tuple[bool, str]:
    open_port(device, device.speed).close()
    return True, "can be opened; scan something at the kiosk"


def _found(data: bytes, expected: str) -> str:
    return f"expected {expected}, found {f'{len(data)} bytes of something else' if data else 'silence'}"


def _listen(line: Any, listen_s: float) -> bytes:
    """What comes within that time; less when it has come and nothing follows."""
    until, data = time.monotonic() + listen_s, b""
    while time.monotonic() < until:
        piece = line.read(512)
        if data and not piece:
            break
        data += piece
    return data


_ASKED: dict[str, Callable[[DeviceSettings, float], tuple[bool, str]]] = {
    "scale": _ask_scale,
    "scanner": _ask_scanner,
    "label_printer": _ask_printer,
    "tag_writer": _ask_tag_writer,
}
