"""A virtual R200 on a desk at byte level: tags before it answer, one can be written; by the protocol manual's tables.

Nothing of the gateway's frames is used. `answer` goes behind a pseudo-terminal (`serial_device.py`).
"""

from dataclasses import dataclass, field


@dataclass
class DeskTag:
    """A tag: its PC and EPC. `locked`: it cannot be written; `garbles`: it keeps something else than was written."""

    epc: bytes
    pc: bytes = b"\x34\x00"
    locked: bool = False
    garbles: bool = False


@dataclass
class DeskReader:
    """Header and trailer as the settings have them; `silent`: it has no power."""

    tags: list[DeskTag] = field(default_factory=list)
    header: int = 0xBB
    trailer: int = 0x7E
    silent: bool = False
    noise: bytes = b""  # said before every answer
    power_cdbm: int = 0
    writes: int = 0
    _input: bytes = b""
    _mask: bytes = b""
    _selecting: bool = False

    def answer(self, data: bytes) -> bytes:
        """What it says to these bytes."""
        if self.silent:
            return b""
        self._input += data
        said = b""
        while len(self._input) >= 7:
            length = int.from_bytes(self._input[3:5], "big")
            if len(self._input) < 7 + length:
                break
            frame, self._input = self._input[: 7 + length], self._input[7 + length :]
            assert frame[0] == self.header and frame[-1] == self.trailer
            assert sum(frame[1:-2]) & 0xFF == frame[-2]
            said += self.noise + self._do(frame[2], frame[5:-2])
        return said

    def _frame(self, kind: int, code: int, data: bytes) -> bytes:
        body = bytes((kind, code)) + len(data).to_bytes(2, "big") + data
        return bytes((self.header,)) + body + bytes((sum(body) & 0xFF, self.trailer))

    def _do(self, code: int, data: bytes) -> bytes:
        match code:
            case 0x22:
                return self._poll()
            case 0x03:
                return self._frame(1, 0x03, b"\x00M100 26dBm V1.0")
            case 0x0C:
                assert data[:7] == bytes((1, 0, 0, 0, 0x20, 8 * len(data[7:]), 0))
                self._mask = data[7:]
            case 0x12:
                self._selecting = data == b"\x00"
                return self._frame(1, 0x0C, b"\x00")  # so the manual shows it
            case 0xB6:
                self.power_cdbm = int.from_bytes(data, "big")
            case 0x49:
                return self._write(data)
            case 0x28:
                pass
            case _:
                return self._frame(1, 0xFF, b"\x17")
        return self._frame(1, code, b"\x00")

    def _poll(self) -> bytes:
        said = b""
        for tag in self._asked():
            body = tag.pc + tag.epc
            value = 0xFFFF  # CRC-16/GENIBUS, bit by bit
            for bit in (byte >> place & 1 for byte in body for place in range(7, -1, -1)):
                top = value >> 15 ^ bit
                value = value << 1 & 0xFFFF
                value ^= 0x1021 if top else 0
            said += self._frame(2, 0x22, b"\xc9" + body + (value ^ 0xFFFF).to_bytes(2, "big"))
        return said or self._frame(1, 0xFF, b"\x15")

    def _asked(self) -> list[DeskTag]:
        return [tag for tag in self.tags if not self._selecting or tag.epc == self._mask]

    def _write(self, data: bytes) -> bytes:
        password, bank, first, words, what = data[:4], data[4], data[5:7], data[7:9], data[9:]
        assert (password, bank, first) == (bytes(4), 1, b"\x00\x01") and int.from_bytes(words, "big") * 2 == len(what)
        asked = self._asked()
        if not asked:
            return self._frame(1, 0xFF, b"\x10")
        if asked[0].locked:
            return self._frame(1, 0xFF, b"\x16" + bytes((14,)) + asked[0].pc + asked[0].epc)
        before = asked[0].pc + asked[0].epc
        for tag in asked:  # every tag that hears it
            self.writes += 1
            tag.pc, tag.epc = what[:2], what[2:]
            if tag.garbles:
                tag.epc = tag.epc[:-1] + bytes((tag.epc[-1] ^ 0xFF,))
        return self._frame(1, 0x49, bytes((len(before),)) + before + b"\x00")
