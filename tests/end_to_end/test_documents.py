"""The documents: links lead somewhere, commands exist, and both READMEs say the same words."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from cabinet.health import FIRMWARE

import partsbay

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("docs/**/*.md")]
    if "build" not in page.parts
)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
COMMAND = re.compile(r"^\s*(?:`)?partsbay ([a-z].*?)(?:\s+#.*)?$", re.MULTILINE)
PROGRAMS = (  # what runs them in `partsbay`
    *(
        "_gateway_",
        "_cloud_",
        "_planogram_",
        "_hardware_",
        "_firmware_",
        "_demo",
        "_replay",
        "_simulate",
        "_count_bench",
        "_year",
        "_backtest",
        "_bench",
        "_commission",
    ),
)
WORD = re.compile(r"^\| ([a-z, ]+) \| (\S+) \|", re.MULTILINE)
WORD_ZH = re.compile(r"^\| (\S+) \| ([a-z, ]+) \|", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page}: {target}"


def _commands() -> list[str]:
    found = []
    for page in PAGES:
        for block in re.findall(r"```\w*\n(.*?)```", page.read_text(), re.DOTALL):
            found += [line for line in COMMAND.findall(block) if "|" not in line]
    return sorted(set(found))


@pytest.mark.parametrize("command", _commands())
def test_commands_exist(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in vars(partsbay):
        if name.startswith(PROGRAMS):
            monkeypatch.setattr(partsbay, name, lambda _options: 0)
    assert partsbay.main(shlex.split(command)) == 0


def test_there_are_commands_to_check() -> None:
    assert len(_commands()) >= 5


def test_both_readmes_have_the_same_words() -> None:
    english = WORD.findall((ROOT / "README.md").read_text().split("| word |")[1])
    chinese = WORD_ZH.findall((ROOT / "README.zh-CN.md").read_text().split("| 中文 |")[1])
    assert english == [(word, zh) for zh, word in chinese]
    assert len(english) >= 10


def test_both_readmes_start_with_the_two_commands() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        head = (ROOT / name).read_text().split("##")[1]
        assert "make demo" in head
        assert "make test" in head


def test_package_firmware_and_changelog_are_of_one_version() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text().split("\n## ")[1].split()[0]
    assert (package, changelog) == (FIRMWARE, FIRMWARE)
