"""Checks of a board's buses: addresses, lengths, edges, time; each says what was expected and what was found."""

from collections.abc import Iterator

from hardware import boards, budgets
from hardware.boards import Board

_MUX_FIRST, _MUX_LAST = 0x70, 0x77  # DS TCA9548A, table 1
_CONVERTER = 0x2A  # DS NAU7802, 8.2: fixed
_BRANCH_MM_MAX = 500  # measured by nobody yet; what drivers of this bus are held to in the field
_RISE_NS_MAX = {100_000: 1000, 400_000: 300}  # NXP UM10204, table 10
_SINK_OHMS_MIN = 967  # UM10204, 7.1: (3.3 - 0.4) V at 3 mA
_LINE_BIT_METRES_MAX = 1e8  # speed times length of an RS-485 line: TIA TSB-89's rule
_LINE_M_MAX = 1200
_BUSY_MS_MAX = 70.0  # of a scan's 100: the rest is the link's, the doors' and the journal's
_HANDSHAKE_MS = 1200.0  # of TLS on an ESP32, as users of it report
_DROP_MAX = 0.1  # of 12 V: the nodes' converters do with less


def check(board: Board) -> Iterator[str]:
    """Everything that is wrong with the buses."""
    if "i2c" in board:
        yield from _addresses(board)
        yield from _lengths(board)
    if "nodes" in board.get("rs485", {}):
        yield from _line(board)
    yield from _ethernet(board)
    yield from _time(board)


def _addresses(board: Board) -> Iterator[str]:
    row, muxes = board["i2c"], budgets.muxes(board)
    first, last = board["mux_first"], board["mux_first"] + muxes - 1
    if not _MUX_FIRST <= first <= last <= _MUX_LAST:
        yield f"expected multiplexers from 0x70 to 0x77, found 0x{first:02x} to 0x{last:02x}"
    if board["bins"] > muxes * budgets.MUX_BINS:
        yield f"expected at most 8 bins a multiplexer, found {board['bins']} bins on {muxes}"
    taken = {_CONVERTER: "the converters"} | {first + number: "a multiplexer" for number in range(muxes)}
    for device in row.get("devices", ()):
        address = device["address"]
        if address in taken:
            yield f"expected {device['part']} alone at address 0x{address:02x}, found {taken[address]} there too"
        taken[address] = device["part"]


def _lengths(board: Board) -> Iterator[str]:
    row = board["i2c"]
    if row["branch_mm"] > _BRANCH_MM_MAX:
        yield f"expected branches of at most {_BRANCH_MM_MAX} mm, found {row['branch_mm']}: shelf nodes reach farther"
    limit_ns = _RISE_NS_MAX.get(row["freq_hz"])
    if limit_ns is None:
        yield f"expected an I2C clock of 100000 or 400000 Hz, found {row['freq_hz']}"
    elif budgets.i2c_rise_ns(board) > limit_ns:
        yield (
            f"expected edges of the I2C bus within {limit_ns} ns, found {budgets.i2c_rise_ns(board):.0f}"
            f" ({budgets.i2c_capacitance_pf(board):.0f} pF, {row['pull_up_ohms']} ohms)"
        )
    if row["pull_up_ohms"] < _SINK_OHMS_MIN:
        yield f"expected I2C pull-ups of at least {_SINK_OHMS_MIN} ohms together, found {row['pull_up_ohms']}"


def _line(board: Board) -> Iterator[str]:
    row = board["rs485"]
    node = boards.load(row["node_board"])
    if row.get("terminations") != 2:
        yield f"expected two terminations of 120 ohms at the line's ends, found {row.get('terminations', 0)}"
    length_max = min(_LINE_M_MAX, _LINE_BIT_METRES_MAX / row["baud"])
    if row["cable_m"] > length_max:
        yield f"expected a line of at most {length_max:.0f} m at {row['baud']} baud, found {row['cable_m']}"
    if node["rs485"]["baud"] != row["baud"]:
        yield f"expected nodes at {row['baud']} baud, found {node['rs485']['baud']}"
    if row["nodes"] > 1 << len(node["address_pins"]):
        yield f"expected at most {1 << len(node['address_pins'])} nodes by their jumpers, found {row['nodes']}"
    if board["bins"] != row["nodes"] * node["bins"]:
        yield f"expected {row['nodes'] * node['bins']} bins on {row['nodes']} nodes, found {board['bins']}"
    if budgets.trunk_drop_volts(board) > 12.0 * _DROP_MAX:
        yield f"expected at most 1.2 V lost in the nodes' supply wires, found {budgets.trunk_drop_volts(board):.1f}"


def _ethernet(board: Board) -> Iterator[str]:
    row = board.get("ethernet", {})
    if row.get("phy") == "W5500" and row.get("int") is None:
        yield "expected the W5500's interrupt on a pin, found none: without it no packet is noticed"


def _time(board: Board) -> Iterator[str]:
    if budgets.scan_ms(board) > _BUSY_MS_MAX:
        yield f"expected a scan of all bins within {_BUSY_MS_MAX:.0f} ms, found {budgets.scan_ms(board):.0f}"
    needed_ms = 2 * budgets.scan_ms_worst(board)
    needed_ms += 2 * _HANDSHAKE_MS if "ethernet" in board else 0
    if board["watchdog_ms"] < needed_ms:
        yield f"expected a watchdog of at least {needed_ms:.0f} ms, found {board['watchdog_ms']}"
