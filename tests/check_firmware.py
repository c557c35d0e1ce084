"""Checks firmware as its board sees it (manifest, mpy-cross, mypy against the board's own stubs), and the boards.

`python tests/check_firmware.py` says what is wrong, one line each, and exits 1. The stubs come from the packages
`micropython-esp32-stubs` and `micropython-stdlib-stubs`; they are copied to build/stubs because they lie flat among
the host's packages and would hide them.
"""

import ast
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hardware import board_commands, firmware_build  # noqa: E402

FIRMWARE = ROOT / "firmware"
STUBS = ROOT / "build" / "stubs"
OTHERS = ("boot/",)  # in the file system beside it: not in the manifest
SHELF_NODE = ("shelf_node/main.py", "shelf_node/node.py")  # of an RP2350, whose `machine` is the same for what it asks
_STUB_PACKAGES = ("micropython-esp32-stubs", "micropython-stdlib-stubs")
_MYPY = (
    "--config-file=",
    "--no-site-packages",
    "--python-version=3.11",
    "--check-untyped-defs",
    "--no-strict-optional",
    "--disable-error-code=assignment",  # attributes that begin as None: the firmware does not annotate them
    "--disable-error-code=var-annotated",
    "--hide-error-context",
    "--no-error-summary",
)


def main() -> int:
    """Run every check; 1 when one of them found something."""
    problems = [*check_manifest(), *check_files(), *check_build(), *check_types()]
    problems += [*board_commands.check(""), *board_commands.stale()]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("firmware: manifest, mpy-cross and stubs agree; boards can be built, and their pages are new")
    return 1 if problems else 0


def check_files() -> list[str]:
    """No generator holds a file: one that is left half-way leaves it to the garbage collector.

    That closes it wherever memory runs out, which may be inside littlefs, whose list of open files it then changes
    under a write that walks along it.
    """
    return [
        f"firmware/{path.relative_to(FIRMWARE)}:{held.lineno}: expected no yield while a file is open, found one"
        for path in sorted(FIRMWARE.rglob("*.py"))
        for held in ast.walk(ast.parse(path.read_text()))
        if isinstance(held, ast.With)
        if any(isinstance(inside, ast.Yield | ast.YieldFrom) for inside in ast.walk(held))
    ]


def check_manifest() -> list[str]:
    """The manifest names exactly the files that are there."""
    listed = set(firmware_build.manifest_files())
    listed |= set(firmware_build.manifest_files(firmware_build.SHELF_NODE_MANIFEST))
    there = {str(path.relative_to(FIRMWARE)) for path in FIRMWARE.rglob("*.py") if path.name != "manifest.py"}
    there = {name for name in there if not name.startswith(OTHERS)}
    return [f"firmware/{name}: expected in manifest.py, found missing" for name in sorted(there - listed)] + [
        f"firmware/manifest.py: expected a file {name}, found none" for name in sorted(listed - there)
    ]


def check_build() -> list[str]:
    """mpy-cross compiles every file."""
    try:
        firmware_build.build()
        firmware_build.build_shelf_node()
    except (ValueError, OSError) as error:
        return [str(error)]
    return []


def check_types() -> list[str]:
    """mypy's complaints about the firmware's own files."""
    copy_stubs()
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            *_MYPY,
            f"--custom-typeshed-dir={STUBS}",
            "main.py",
            "boot/starter.py",
            "cabinet",
            *SHELF_NODE,
        ],
        cwd=FIRMWARE,
        env={**os.environ, "MYPYPATH": str(STUBS), "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache" / "firmware")},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode > 1 or result.stderr:
        return [f"expected mypy to run, found: {result.stdout}{result.stderr}"]
    ours = ("main.py:", "boot/", "cabinet/", "shelf_node/")
    return [f"firmware/{line}" for line in result.stdout.splitlines() if line.startswith(ours)]


def copy_stubs() -> None:
    """Bring build/stubs up to the installed packages."""
    versions = " ".join(f"{name} {metadata.version(name)}" for name in _STUB_PACKAGES)
    mark = STUBS / "versions"
    if mark.exists() and mark.read_text() == versions:
        return
    shutil.rmtree(STUBS, ignore_errors=True)
    for name in _STUB_PACKAGES:
        for file in metadata.files(name) or ():
            if file.suffix == ".pyi" or file.name == "VERSIONS":
                target = STUBS / str(file)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target)
    mark.write_text(versions)


if __name__ == "__main__":
    sys.exit(main())
