"""Whatever is imported from elsewhere is named in pyproject.toml, at one version."""

import ast
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("cloud", "edge_gateway", "hardware", "page_kit", "simulator")
BY_CHOICE = {"distributed"}  # installed by whoever wants more than one machine
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _asked(*lists: Iterable[str]) -> list[Requirement]:
    return [Requirement(text) for texts in lists for text in texts]


def _imported(folder: Path) -> Iterator[str]:
    """The first name of every import in a folder."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (name.name.split(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0]


def _missing(folders: Iterable[str], asked: list[Requirement]) -> set[str]:
    """Packages that are imported and not asked for: only those that are installed here can be told from modules."""
    owners = metadata.packages_distributions()
    used = {owner for folder in folders for name in _imported(ROOT / folder) for owner in owners.get(name, ())}
    named = {canonicalize_name(each.name) for each in asked} | {"partsbay"}
    return {owner for owner in used if canonicalize_name(owner) not in named}


def test_what_the_product_imports_is_asked_for() -> None:
    assert _missing(PRODUCT, _asked(PROJECT["dependencies"])) == BY_CHOICE


def test_what_the_tests_import_is_asked_for() -> None:
    assert not _missing(["tests"], _asked(PROJECT["dependencies"], PROJECT["optional-dependencies"]["checks"]))


def test_what_is_not_asked_for_is_found() -> None:
    assert "fastapi" in _missing(["cloud"], [])


@pytest.mark.parametrize(
    "asked", _asked(PROJECT["dependencies"], PROJECT["optional-dependencies"]["checks"]), ids=lambda asked: asked.name
)
def test_each_is_pinned(asked: Requirement) -> None:
    (version,) = asked.specifier
    assert version.operator == "=="
