"""Frames as scales send them, written by hand from the manuals' tables; nothing of the parsers is used."""

from collections.abc import Callable

Written = Callable[[int, bool], bytes]  # (milligrams, a multiple of 100; stable) -> a frame that shows grams


def mt_sics(mass_mg: int, stable: bool) -> bytes:
    return f"S {'S' if stable else 'D'} {mass_mg / 1000:>10.1f} g\r\n".encode()


def a_and_d(mass_mg: int, stable: bool) -> bytes:
    return f"{'ST' if stable else 'US'},{mass_mg / 1000:+09.1f}  g\r\n".encode()


def cas_22(mass_mg: int, stable: bool) -> bytes:
    lamp = 0x80 | (0x40 if stable else 0) | 0x04
    head = f"{'ST' if stable else 'US'},GS,".encode()
    sign = "-" if mass_mg < 0 else " "
    return head + bytes((1, lamp)) + f",{sign}{abs(mass_mg) / 1000:>7.1f}  g\r\n".encode()


def cas_18(mass_mg: int, stable: bool) -> bytes:
    sign = "-" if mass_mg < 0 else "+"
    return f"{'ST' if stable else 'US'},NT,{sign}{abs(mass_mg) / 1000:07.1f} g\r\n".encode()


def toledo(mass_mg: int, stable: bool, *, tare: bool = True, check: bool = True) -> bytes:
    """Tenths of grams: decimal point 3, unit g by status word C."""
    status = 0x20 | (0x02 if mass_mg < 0 else 0) | (0 if stable else 0x08)
    frame = bytes((2, 0x20 | 0x08 | 3, status, 0x20 | 1)) + f"{abs(mass_mg) // 100:06d}".encode()
    frame += (b"000000" if tare else b"") + b"\r"
    return frame + (bytes((-sum(frame) & 0x7F,)) if check else b"")


FRAMES: dict[str, list[Written]] = {
    "mt-sics": [mt_sics],
    "a-and-d": [a_and_d],
    "cas": [cas_22, cas_18],
    "toledo": [toledo, lambda mg, stable: toledo(mg, stable, tare=False)],
}
