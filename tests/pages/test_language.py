"""Both languages have every text, every text asked for exists, and the visitor's language is found."""

import ast
import importlib
import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from edge_gateway import kiosk_refusals
from edge_gateway.kiosk_seam import Refusal
from page_kit.language import Say, Texts, choose, local_path

ROOT = Path(__file__).resolve().parent.parent.parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ONE_NAME = re.compile(r"[A-Za-z0-9 ()-]+|；")  # PDF, VIN, UTF-8, NHTSA vPIC: the same in both; a mark between
PAGE_FILES = sorted(
    path
    for folder in ("page_kit", "edge_gateway", "cloud", "simulator")
    for path in (ROOT / folder).rglob("*.py")
    if "TEXTS: Texts" in path.read_text()
)
NAMES = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in PAGE_FILES]


def texts_of(name: str) -> Texts:
    table: Texts = importlib.import_module(name).TEXTS
    return table


def places(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def test_every_page_is_found() -> None:
    assert {"edge_gateway.kiosk_now", "cloud.pages.shops", "simulator.bench_visit", "page_kit.reasons"} <= set(NAMES)


def test_every_refusal_has_its_text_and_no_other() -> None:
    assert sorted(kiosk_refusals.TEXTS) == sorted(f"refusal_{refusal}" for refusal in get_args(Refusal))


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_every_text(name: str) -> None:
    for key, (zh, en) in texts_of(name).items():
        assert zh.strip(), f"{name}: {key} has no Chinese"
        assert en.strip(), f"{name}: {key} has no English"
        assert not CHINESE.search(en), f"{name}: {key} is Chinese in English: {en}"
        assert places(zh) == places(en), f"{name}: {key} fills different places: {zh} / {en}"
        if not places(zh) and not (ONE_NAME.fullmatch(zh) and zh in {en, "；"}):
            assert CHINESE.search(zh), f"{name}: {key} is not translated: {zh}"


@pytest.mark.parametrize("path", PAGE_FILES, ids=NAMES)
def test_every_text_asked_for_exists(path: Path) -> None:
    """Every `say("key")` names a key of a table that the module can see."""
    known = {key for name in NAMES for key in texts_of(name)}
    asked = [
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and (getattr(node.func, "id", "") == "say" or getattr(node.func, "attr", "") == "say")
    ]
    assert [key for key in asked if key not in known] == []


@pytest.mark.parametrize(
    ("query", "cookie", "header", "expected"),
    [
        (None, None, None, "zh"),
        (None, None, "fr-FR,fr;q=0.9", "zh"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "en;q=0.4, zh-CN;q=0.8", "zh"),
        (None, None, "en;q=high", "zh"),
        (None, "zh", "en", "zh"),
        ("en", "zh", "zh", "en"),
        ("xx", "xx", "en", "en"),
    ],
)
def test_choosing_a_language(query: str | None, cookie: str | None, header: str | None, expected: str) -> None:
    assert choose(query, cookie, header) == expected


def test_a_missing_text_is_an_error() -> None:
    with pytest.raises(KeyError):
        Say("zh", {"a": ("甲", "A")})("b")


def test_a_name_falls_back_to_the_other_language() -> None:
    assert Say("en", {}).name("机油滤清器", "") == "机油滤清器"


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "", "/a\r\nSet-Cookie: x"]
)
def test_a_switch_never_leads_elsewhere(path: str) -> None:
    assert local_path(path) == "/"


def test_a_switch_comes_back_to_its_page() -> None:
    assert local_path("/session?id=a%2Fb") == "/session?id=a%2Fb"
