"""A label printer: bytes to a serial line, to the raw port of the network (9100), or to the system's printer file."""

import os
import stat
from pathlib import Path
from typing import Final

from edge_gateway.serial_devices.device_settings import DeviceSettings
from edge_gateway.serial_devices.label import Label, Paper
from edge_gateway.serial_devices.label_fonts import LabelFont, label_font
from edge_gateway.serial_devices.serial_port import LINE_ERRORS, open_port
from edge_gateway.serial_devices.tspl import tspl
from edge_gateway.serial_devices.zpl import zpl

_PIECE_BYTES: Final = 1024


class PrintError(OSError):
    """A label was not printed; the text says why."""


def paper_of(device: DeviceSettings) -> Paper:
    """The labels that are in a printer."""
    return Paper(device.width_mm, device.height_mm, device.dpi, device.gap_mm)


def font_of(device: DeviceSettings) -> LabelFont:
    """The font its labels are set in."""
    return label_font(device.font)


def in_its_language(device: DeviceSettings, label: Label, copies: int = 1) -> bytes:
    """A label as this printer takes it."""
    write = zpl if device.protocol == "zpl" else tspl
    return write(label, font_of(device), copies, device.printer_font)


def print_label(device: DeviceSettings, label: Label, copies: int = 1) -> None:
    """Print; blocks until the printer has taken it (`PrintError` when it does not)."""
    data = in_its_language(device, label, copies)
    try:
        if _is_printer_file(device):
            _write_file(device.port, data)
        else:
            _write_line(device, data)
    except LINE_ERRORS as error:
        raise PrintError(f"expected {device.name} at {device.port} to print, found: {error}") from error


def _is_printer_file(device: DeviceSettings) -> bool:
    """Whether it is a file of the system's printer driver, as /dev/usb/lp0: no line with a speed."""
    path = Path(device.port)
    return not device.is_tcp and "usb/lp" in device.port and path.exists() and stat.S_ISCHR(path.stat().st_mode)


def _write_file(path: str, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY)
    try:
        while data:
            data = data[os.write(file, data) :]
    finally:
        os.close(file)


def _write_line(device: DeviceSettings, data: bytes) -> None:
    with open_port(device, device.speed) as line:
        line.write_timeout = 10.0
        for start in range(0, len(data), _PIECE_BYTES):
            line.write(data[start : start + _PIECE_BYTES])
        line.flush()
