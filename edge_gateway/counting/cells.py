"""The classes of load cells a bin can stand on, and what each can do beyond the noise a weighing states itself.

Pure. C3: OIML R60 class C3 single-point cell on a NAU7802; cheap: a 10 kg beam on an HX711, by recorded logs.
"""

from edge_gateway.counting.evidence import Cell

KG_MG = 1_000_000

CELLS: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        Cell("c3-10kg", 10 * KG_MG, floor_mg=120, repeat_mg=0, creep_ppm=150, scale_ppm=500),
        Cell("c3-50kg", 50 * KG_MG, floor_mg=600, repeat_mg=0, creep_ppm=150, scale_ppm=500),
        Cell("c3-150kg", 150 * KG_MG, floor_mg=1_800, repeat_mg=0, creep_ppm=150, scale_ppm=500),
        Cell("cheap-10kg", 10 * KG_MG, floor_mg=1_000, repeat_mg=5_000, creep_ppm=3_000, scale_ppm=1_000),
    )
}
