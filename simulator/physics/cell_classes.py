"""What kinds of load cell there are, and how good each is.

Sources: `R60` OIML R60 class C3, `NAU` Nuvoton's NAU7802 datasheet, `LOG` logs of cheap 10 kg beams with an HX711,
`SIM` the project's error model for the simulator.
"""

FULL_SCALE = 0x800000  # NAU: half the range of a 24-bit two's complement code
# A 2 mV/V cell (common data sheet value) at gain 128, where full scale is half the reference: the excitation is the
# reference, so it cancels out. 2e-3 * 128 * 2 * 2^23:
CAPACITY_COUNTS = 4294967
FULL_SCALE_NV = 11718750  # NAU: 0.5 * 3.0 V / 128


class CellClass:
    """One kind of cell with its converter. `noise_nv`: white noise by samples a second."""

    def __init__(self, capacity_mg: int, noise_nv: dict[int, int]):
        self.capacity_mg = capacity_mg
        self.noise_nv = noise_nv
        self.creep_ppm = 245  # of a change of load, in all; R60: 0.735 v at 3000 v
        self.repeat_mg = 0  # deviation of the offset that each change of load brings
        self.zero_ppm = 20000  # of capacity: zero balance and the tray, either way
        self.warm_zero_ppm = 14  # SIM, R60: of capacity per K, one deviation
        self.warm_span_ppb = 10000  # SIM: of the load per K, one deviation
        self.corner_ppb = 8500  # SIM: of the load per cm off the middle


# SIM: 100 nV rms at 10 samples a second, 300 nV at 80; between and beyond by the square root of the rate.
_NAU7802_NV = {10: 100, 20: 145, 40: 210, 80: 300, 320: 600}


def _c3(capacity_mg: int) -> CellClass:
    return CellClass(capacity_mg, _NAU7802_NV)


def _cheap(capacity_mg: int) -> CellClass:
    """A beam of the cheap class with an HX711; its codes are scaled to those of the converter on the bus."""
    # LOG: 1.7 g a sample at 10 samples a second on a 10 kg beam; SIM: 270 nV at 80 for 150 at 10.
    cell = CellClass(capacity_mg, {10: 1020, 20: 1250, 40: 1510, 80: 1836, 320: 3672})
    cell.creep_ppm = 5000  # LOG: 0.1 to 0.7 % of the load
    cell.repeat_mg = 5000  # LOG
    cell.zero_ppm = 100000  # TI SBAA532: 10 % of capacity
    cell.warm_zero_ppm = 100  # SIM
    cell.warm_span_ppb = 50000
    cell.corner_ppb = 40000
    return cell


CELL_CLASSES = {
    "c3-10kg": _c3(10000000),
    "c3-50kg": _c3(50000000),
    "c3-150kg": _c3(150000000),
    "cheap-10kg": _cheap(10000000),
}


def cell_class(name: str) -> CellClass:
    """The class of a name (`ValueError`)."""
    if name not in CELL_CLASSES:
        raise ValueError("expected a cell class of %s, found %r" % (", ".join(sorted(CELL_CLASSES)), name))
    return CELL_CLASSES[name]
