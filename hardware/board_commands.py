"""What `partsbay hardware` does: checks boards, writes pages and parts lists, says what is stale, fills a node."""

import shutil
from pathlib import Path

from hardware import board_checks, boards, firmware_build, wiring_page

HERE = Path(__file__).resolve().parent
_FOLDERS = ("wiring", "bom")


def check(board: str) -> list[str]:
    """What is wrong with a board, by its name or file, or with all of them when none is named."""
    named = Path(board) if board.endswith(".json") else board
    return board_checks.check(boards.load(named)) if board else board_checks.check_all()


def build(folder: Path = HERE) -> list[Path]:
    """Write the pages, diagrams and parts lists of all boards; those that have changed. Others' leftovers go."""
    files = wiring_page.all_files()
    changed = []
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            changed.append(path)
    for path in _leftovers(folder, set(files)):
        path.unlink()
        changed.append(path)
    return changed


def stale(folder: Path = HERE) -> list[str]:
    """Which generated files are not what the board files make of them."""
    files = wiring_page.all_files()
    old = [name for name, text in files.items() if not (folder / name).exists() or (folder / name).read_text() != text]
    old += [path.relative_to(folder).as_posix() for path in _leftovers(folder, set(files))]
    return [f"hardware/{name}: expected what `partsbay hardware build` writes, found another" for name in sorted(old)]


def _leftovers(folder: Path, names: set[str]) -> list[Path]:
    there = [path for each in _FOLDERS for path in sorted((folder / each).glob("*"))]
    return [path for path in there if path.relative_to(folder).as_posix() not in names]


def shelf_node(folder: Path, board: str) -> Path:
    """Write what goes on a shelf node's flash: its firmware, compiled, and its `board.json`."""
    if "address_pins" not in (node := boards.load(board)):
        raise boards.BoardError(f"expected the board of a shelf node, found {board}")
    folder.mkdir(parents=True, exist_ok=True)
    built = firmware_build.build_shelf_node()
    main = firmware_build.SHELF_NODE_MANIFEST.with_name("main.py")
    shutil.copyfile(main, folder / main.name)  # MicroPython starts a `main.py`, never a `main.mpy`
    for file in (path for path in built.rglob("*.mpy") if path.stem != "main"):
        target = folder / file.relative_to(built)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    (folder / "board.json").write_text(boards.firmware_json(node))
    return folder
