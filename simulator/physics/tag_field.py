"""How the UHF tags in and around a cabinet answer a reader: some badly, some not at all, some from outside.

Integers only, so that both runtimes give the same answers from the same seed. It sees no production code, no clock and
no frame. `TagField.round` is one round of inventory, as a reader asks;
`simulator/tag_inventory.py` draws a whole inventory at once, for those who need many.

Why a tag is silent, each with its number (`SIM`: the project's error model; `CHOSEN`: see docs/tags.md):
- its quality: in a round it answers with its own probability (SIM), and some are bad (SIM);
- a shadow: 3 to 22 rounds of nothing (SIM);
- mute: detuned or in a null of the field for a whole inventory, heard in the next (CHOSEN);
- covered: metal or another tag lies on it, until the doors have been opened and shut again (CHOSEN).
"""

from binascii import crc32

from .stream import Stream

MILLION = 1000000
GOOD_PPM = (930000, 50000)  # SIM: mean and deviation of the probability to answer in a round
BAD_PPM = (350000, 200000)  # SIM
BAD_SHARE_PPM = 40000  # SIM
LOWEST_PPM = 150000  # CHOSEN: who puts a tag on a part reads it; one that answers less is thrown away
HIGHEST_PPM = 990000
SHADOW_PPM = 2000  # SIM: begins, in a round
SHADOW_ROUNDS = (3, 22)  # SIM
MUTE_PPM = 500  # CHOSEN: with COVERED_PPM, so that one inventory misses something in 2 to 10 % of cases
COVERED_PPM = 300
STRAY_PPM = 20000  # SIM: a tag outside answers in a round
GHOST_PPM = 30  # SIM: an answer comes with a wrong number, which its CRC shows


class TagField:
    """The tags around one reader.

    `seed` makes the tags, `run` what happens to them; a tag is the same tag in every run.
    """

    def __init__(self, seed: int, run: int = 0):
        self._seed = seed
        self.stream = Stream(seed * 1000003 + run)
        self.inside: dict[bytes, int] = {}  # EPC: how likely it answers in a round, ppm
        self.outside: set[bytes] = set()  # near enough to be heard now and then; asked in order of their numbers
        self.covered: set[bytes] = set()
        self.mute: set[bytes] = set()
        self._shadow: dict[bytes, int] = {}  # EPC: rounds left

    def put(self, epc: bytes) -> None:
        """A tag comes into the cabinet."""
        self.outside.discard(epc)
        self.inside[epc] = quality_ppm(Stream(self._seed * 1000 + crc32(epc)))

    def take(self, epc: bytes, near: bool = False) -> None:
        """It leaves, and stays `near` or goes away."""
        self.inside.pop(epc, None)
        self.outside.discard(epc)
        if near:
            self.outside.add(epc)

    def shut(self) -> None:
        """The doors have been shut: what lies on what is settled anew."""
        self.covered = self._chosen(COVERED_PPM)

    def begin(self) -> None:
        """An inventory begins."""
        self.mute = self._chosen(MUTE_PPM)
        self._shadow = {}

    def answers(self, epc: bytes) -> bool:
        """Whether a tag answers in this round, if it is asked."""
        draw = self.stream.next() % MILLION
        if epc in self.outside:
            return draw < STRAY_PPM
        if epc not in self.inside or epc in self.covered or epc in self.mute:
            return False
        return not self._is_in_shadow(epc) and draw < self.inside[epc]

    def ghost(self) -> int:
        """The bits that are wrong in an answer, all but always none."""
        return 0 if self.stream.next() % MILLION >= GHOST_PPM else self.stream.between(1, 0xFFFF)

    def _is_in_shadow(self, epc: bytes) -> bool:
        left = self._shadow.get(epc, 0)
        if not left and self.stream.next() % MILLION < SHADOW_PPM:
            left = self.stream.between(SHADOW_ROUNDS[0], SHADOW_ROUNDS[1])
        if left:
            self._shadow[epc] = left - 1
        return left > 0

    def _chosen(self, ppm: int) -> set[bytes]:
        return {epc for epc in self.inside if self.stream.next() % MILLION < ppm}


def quality_ppm(stream: Stream) -> int:
    """How likely a tag answers in a round, drawn for its life."""
    if stream.next() % MILLION >= BAD_SHARE_PPM:
        return min(HIGHEST_PPM, max(LOWEST_PPM, GOOD_PPM[0] + stream.normal(GOOD_PPM[1])))
    ppm = 0
    while not LOWEST_PPM <= ppm <= HIGHEST_PPM:
        ppm = BAD_PPM[0] + stream.normal(BAD_PPM[1])
    return ppm
