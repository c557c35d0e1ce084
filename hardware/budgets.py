"""What a board's supplies and buses have to carry: computed from the board file, the parts and datasheets."""

from dataclasses import dataclass

from hardware import boards
from hardware.chips import module_of
from hardware.parts import PARTS
from hardware.pin_uses import Board

MUX_BINS = 8
SCAN_INTERVAL_MS = 100.0  # cabinet/scanner.py, FAST
MARGIN = 1.25
_BITS_A_BYTE = 9  # eight and an acknowledgement
_VISIT_BYTES = 2 + 2 + 4 + 8  # select, read back, status, mark and code: tca9548a.py and nau7802.py
_VISIT_STARTS = 6  # starts, repeated starts and stops, two bit times each
_INTERPRETER_US = 400.0  # of a visit: estimated for an ESP32, within a factor of two
_I2C_TIMEOUT_MS = 50.0  # machine.I2C's own: a bus that hangs
_PIN_PF = 10.0  # NXP UM10204, table 10: capacitance of a pin
_CABLE_PF_A_METRE = 100.0  # screened four-wire cable, at its worst
_UART_BITS = 10
_SILENCE_MS = 1.75  # MODBUS over Serial Line, 2.5.1.1
_REQUEST_BYTES = 8
_ANSWER_BYTES = 61  # cabinet/shelf_registers.py: 28 registers
_NODE_MS = 2.0  # a node's visit to a converter that may come between
_CRC_MS = 1.0  # of an answer, in bytecode: estimated as above
_NODE_SILENT_MS = 21.0  # of one that does not answer: what was asked, and all looks of cabinet/shelves.py
_COPPER_OHM_MM2_A_METRE = 0.0175


@dataclass(frozen=True)
class Load:
    """Something on a rail."""

    what: str
    count: int
    ma_each: float

    @property
    def ma(self) -> float:
        """All of them."""
        return self.count * self.ma_each


@dataclass(frozen=True)
class Rail:
    """A supply with what hangs on it; currents in mA at its own voltage."""

    name: str
    part: str
    volts: float
    max_ma: float
    loads: tuple[Load, ...]

    @property
    def ma(self) -> float:
        """The sum of all peaks."""
        return sum(load.ma for load in self.loads)

    @property
    def needed_ma(self) -> float:
        """The same with the margin."""
        return self.ma * MARGIN


def rails(board: Board) -> list[Rail]:
    """Every supply, those that others draw from last."""
    own = _loads(board)
    found: list[Rail] = []
    rows = dict(board.get("rails", {}))
    while rows:
        name = next((name for name in rows if not any(row.get("from") == name for row in rows.values())), None)
        if name is None:
            raise ValueError(f"expected supplies that begin somewhere, found {', '.join(rows)} in a circle")
        row = rows.pop(name)
        fed = [
            _drawn(rail, board["rails"][rail.name]) for rail in found if board["rails"][rail.name].get("from") == name
        ]
        loads = (*own.get(name, ()), *fed)
        found.append(Rail(name, row["part"], row["volts"], row["max_ma"], loads))
    return found


def _drawn(rail: Rail, row: Board) -> Load:
    """What a rail draws from the one before it: the same current, or less by a converter."""
    if "efficiency" in row:
        volts_before = 12.0  # every converter of ours is fed by it
        return Load(rail.name, 1, rail.ma * rail.volts / (volts_before * row["efficiency"]))
    return Load(rail.name, 1, rail.ma)


def _loads(board: Board) -> dict[str, tuple[Load, ...]]:
    module = module_of(board)
    on: dict[str, list[Load]] = {}
    for what, rail in board.get("powers", {}).items():
        on.setdefault(rail, []).extend(_consumers(board, what, module.peak_ma, module.ethernet_ma))
    return {rail: tuple(loads) for rail, loads in on.items()}


def _consumers(board: Board, what: str, module_ma: int, ethernet_ma: int) -> list[Load]:
    bins = board["bins"]
    if what == "module":
        return [Load(module_of(board).title, 1, module_ma + ethernet_ma)]
    if what == "front_end":
        return [Load("NAU7802 + cell", bins, PARTS["nau7802"].ma), Load("TCA9548A", muxes(board), PARTS["tca9548a"].ma)]
    if what == "lights":
        return [Load("WS2812B", bins, PARTS["ws2812"].ma), Load("level shifter", 1, PARTS["level-shifter"].ma)]
    if what == "locks":
        return _lock_coils(board)
    if what == "nodes":
        return [Load("shelf node", board["rs485"]["nodes"], _node_ma(board))]
    part = {"ethernet": "W5500", "reader": "pn532", "tags": "r200", "rs485": "rs485-3v3"}[what]
    return [Load(PARTS[part].en.split(",")[0], 1, PARTS[part].ma)]


def _lock_coils(board: Board) -> list[Load]:
    """Coils of each kind, all on at once: drawn together, or, if fail-safe, held for as long as doors are shut."""
    what = "lock coil (held)" if boards.locks_of(board) == boards.FAIL_SAFE else "lock coil"
    parts = [door["coil"] for door in board["doors"] if door.get("coil") in PARTS]
    return [Load(what, parts.count(part), PARTS[part].ma) for part in dict.fromkeys(parts)]


def _node_ma(board: Board) -> float:
    """What one shelf node draws from the trunk."""
    return rails(boards.load(board["rs485"]["node_board"]))[-1].ma


def muxes(board: Board) -> int:
    """How many multiplexers a board has."""
    return int(board["i2c"].get("muxes", -(-board["bins"] // MUX_BINS)))


def trunk_drop_volts(board: Board) -> float:
    """What the supply wires of a line of shelf nodes lose, all nodes at its far end."""
    row = board["rs485"]
    ohms = 2 * row["cable_m"] * _COPPER_OHM_MM2_A_METRE / row["supply_mm2"]
    return float(ohms * row["nodes"] * _node_ma(board) / 1000)


# ---- buses ----


def i2c_visit_ms(board: Board) -> float:
    """One bin: select it, look whether there is a code, read it."""
    bits = _VISIT_BYTES * _BITS_A_BYTE + _VISIT_STARTS * 2
    return float(1000 * bits / board["i2c"]["freq_hz"] + _INTERPRETER_US / 1000)


def node_exchange_ms(baud: int) -> float:
    """One shelf node: request, silence, a visit that came between, answer, its CRC, silence."""
    wire_ms = 1000 * (_REQUEST_BYTES + _ANSWER_BYTES) * _UART_BITS / baud
    return wire_ms + 2 * _SILENCE_MS + _NODE_MS + _CRC_MS


def scan_ms(board: Board) -> float:
    """A scan of all bins when all is well."""
    if "i2c" in board:
        return float(board["bins"] * i2c_visit_ms(board))
    row = board["rs485"]
    return float(row["nodes"] * node_exchange_ms(row["baud"]) + board["bins"] * _INTERPRETER_US / 1000)


def scan_ms_worst(board: Board) -> float:
    """A scan when nothing answers: a bus that hangs at every visit, nodes that are silent and told to start."""
    if "i2c" in board:
        return float(board["bins"] * _I2C_TIMEOUT_MS)
    return float(board["rs485"]["nodes"] * 2 * _NODE_SILENT_MS)


def i2c_capacitance_pf(board: Board) -> float:
    """What the controller's bus sees with one branch open."""
    row = board["i2c"]
    cable_m = (row["trunk_mm"] + row["branch_mm"]) / 1000
    return float(cable_m * _CABLE_PF_A_METRE + (2 + muxes(board) + len(row.get("devices", ()))) * _PIN_PF)


def i2c_rise_ns(board: Board) -> float:
    """NXP UM10204, 7.1: 0.8473 R C."""
    return float(0.8473 * board["i2c"]["pull_up_ohms"] * i2c_capacitance_pf(board) / 1000)
