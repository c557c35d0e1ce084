"""Versions of the program side by side: `<root>/versions/<version>/bin/partsbay`, and which one is `<root>/current`.

`current` is a link that is replaced in one step, so that a power cut leaves the old one or the new one. A version is
installed beside the others, whole or not at all, and never changed afterwards.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from edge_gateway.lifecycle.archive import sync_folder
from edge_gateway.lifecycle.program_version import in_order

INSTALL_S = 900


class VersionError(ValueError):
    """A version cannot be installed or used; the text says what was expected and what was found."""


@dataclass(frozen=True)
class Versions:
    """The versions below a root folder."""

    root: Path

    def program(self, version: str) -> Path:
        """The program of a version."""
        return self.root / "versions" / version / "bin" / "partsbay"

    def installed(self) -> list[str]:
        """All versions that are there, the oldest first."""
        folder = self.root / "versions"
        found = [path.name for path in folder.iterdir() if _is_version(path.name)] if folder.is_dir() else []
        return sorted((version for version in found if self.program(version).exists()), key=in_order)

    def current(self) -> str:
        """The version in use; "" when there is none."""
        link = self.root / "current"
        return link.readlink().name if link.is_symlink() else ""

    def switch(self, version: str) -> None:
        """From the next start on this version is in use."""
        if not self.program(version).exists():
            raise VersionError(
                f"expected version {version} in {self.root}, found {', '.join(self.installed()) or 'none'}"
            )
        beside = self.root / "current.part"
        beside.unlink(missing_ok=True)
        beside.symlink_to(Path("versions") / version)
        beside.rename(self.root / "current")
        sync_folder(self.root)

    def install(self, wanted: str, wheels: Path | None) -> str:
        """The version of a wheel, or of a number, installed beside the others if it is not there; which it is.

        `wheels`: a folder with all wheels that are needed, for a shop without internet.
        """
        version = version_of(wanted)
        if self.program(version).exists():
            return version
        folder = self.root / "versions" / version
        beside = folder.with_name(f".{version}.part")
        shutil.rmtree(beside, ignore_errors=True)
        beside.parent.mkdir(parents=True, exist_ok=True)
        try:
            _install(beside, wanted if wanted.endswith(".whl") else f"partsbay=={version}", wheels)
            _relocate(beside, folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return version


def version_of(wanted: str) -> str:
    """The version that a wheel's name or a number means (`VersionError`)."""
    name = Path(wanted).name
    version = name.split("-")[1] if name.startswith("partsbay-") and name.endswith("-none-any.whl") else wanted
    if wanted.endswith(".whl") and not Path(wanted).is_file():
        raise VersionError(f"expected a wheel at {wanted}, found none")
    if not _is_version(version):
        raise VersionError(f"expected partsbay-<version>-py3-none-any.whl or a version as 0.2.0, found {wanted!r}")
    return version


def _is_version(text: str) -> bool:
    try:
        in_order(text)
    except ValueError:
        return False
    return True


def _install(folder: Path, what: str, wheels: Path | None) -> None:
    """An environment of its own, by this interpreter's pip."""
    _call([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    offline = ["--no-index", "--find-links", str(wheels)] if wheels is not None else []
    python = str(folder / "bin" / "python")
    _call([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-input", *offline, what])
    if not (folder / "bin" / "partsbay").exists():
        raise VersionError(f"expected a program `partsbay` from {what}, found none")


def _relocate(beside: Path, folder: Path) -> None:
    """Give it its name; programs of an environment name their interpreter by its whole path."""
    for script in (beside / "bin").iterdir():
        if script.is_file() and not script.is_symlink():
            data = script.read_bytes()
            if data.startswith(b"#!") or script.suffix == "":
                script.write_bytes(data.replace(str(beside).encode(), str(folder).encode()))
    beside.rename(folder)
    sync_folder(folder.parent)


def _call(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    if ran.returncode != 0:
        raise VersionError(f"expected `{' '.join(command[1:4])} …` to end well, found: {ran.stderr.strip()[-600:]}")
