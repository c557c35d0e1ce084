"""Updates of the firmware with the power cut at flash operations of them: the board always boots, and ends well.

A sample runs here, all of it in `make soak`.
"""

from pathlib import Path

from tests.firmware import update_stories

STEP = 16  # a quarter of the operations is cut at, the tears take turns
FEWER = 3  # with an interpreter the operations are the same but for its image's


def test_whatever_is_cut_the_board_boots_and_ends_on_firmware_that_works(tmp_path: Path) -> None:
    found = update_stories.cut(tmp_path, STEP, FEWER)
    refused = found.pop("refused")
    assert [version for _, version in refused.values()] == ["0.2.0"] * 6
    assert refused["tampered"][0].startswith("expected an image with digest ")
    assert refused["truncated"][0].endswith(" bytes of 0.3.0, found less")
    assert refused["no bundle"][0] == "expected a bundle, found something else"
    assert refused["no partitions"][0] == "expected two partitions for an interpreter, found fewer"
    assert refused["interpreter tampered"][0].startswith("expected an interpreter with digest ")
    assert refused["interpreter too big"][0].startswith("expected an interpreter of at most 4096 bytes, found ")
    for name, story in found.items():
        assert story["complaints"] == [], name
        assert story["operations"] > 80
        step = STEP * FEWER if "interpreter" in name else STEP
        assert story["cases"] >= len(update_stories.TEARS) * (story["operations"] // step)
