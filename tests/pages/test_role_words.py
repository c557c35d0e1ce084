"""Every refusal about people, shops and gateways is told in the page's language, and every action has its words."""

import ast
from pathlib import Path

from cloud.pages.audit_words import TEXTS as AUDIT_TEXTS
from cloud.pages.role_words import TEXTS, why
from cloud.people.browser_words import browser_name
from cloud.people.rules import RefusedError
from cloud.rights import RIGHTS, ROLES
from page_kit.language import Say

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = [*(ROOT / "cloud" / "people").glob("*.py"), ROOT / "cloud" / "gateway_keys.py", ROOT / "cloud" / "shop_edit.py"]
# What a page never lets anybody send: it offers no such choice.
NEVER = ("no shops for", "shops of yours", "at least one right", "to be good for", "tokens of one person", "is open",
         "is closed", "that is open", "that is closed", "to be signed in", "without an account", "an address of",
         "e-mail without")  # fmt: skip


def _literal(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in parts)  # type: ignore[misc]


def _raised(names: set[str]) -> list[str]:
    calls = (node for path in FILES for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    named = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id in names and call.args)
    return [_literal(call.args[0]) for call in named]


def test_every_refusal_is_told_in_words() -> None:
    sentences = [
        sentence.replace("…", "a name", 1) if sentence.startswith("expected … of") else sentence
        for sentence in _raised({"RefusedError", "TakenError"})
        if sentence != "…" and not any(never in sentence for never in NEVER)
    ]
    assert len(sentences) >= 15
    say = Say("en", TEXTS)
    assert [sentence for sentence in sentences if why(say, RefusedError(sentence)).startswith("Not done")] == []


def test_every_role_and_right_has_its_words() -> None:
    wanted = {f"role_{role}{what}" for role in ROLES for what in ("", "_what")} | {f"right_{right}" for right in RIGHTS}
    assert wanted <= TEXTS.keys()


def test_every_action_of_people_has_its_words() -> None:
    actions = {
        keyword.value.value
        for path in FILES
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "action" and isinstance(keyword.value, ast.Constant)
    }
    assert len(actions) >= 20
    assert {action for action in actions if f"did_{str(action).replace('.', '_')}" not in AUDIT_TEXTS} == set()


def test_a_browser_is_known_by_two_words() -> None:
    phone = "Mozilla/5.0 (Linux; Android 14; 2312) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
    chat = phone + " MicroMessenger/8.0"
    desk = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0"
    assert [browser_name(text) for text in (phone, chat, desk, "curl/8.1", "")] == [
        "Chrome · Android", "微信 · Android", "Edge · Windows", "curl/8.1", "",
    ]  # fmt: skip
