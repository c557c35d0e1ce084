"""Gives names of the firmware short ones in its compiled files: every name a controller meets takes heap.

MicroPython keeps each name once, in tables that double: where the firmware's own names fit into 620 places instead of
1260, four kilobytes of a board's heap stay free, seven of the unix port's. Renamed is what only the firmware itself can
ask for: names with a leading underscore, functions and constants of its modules, and arguments that are never given by
keyword. Line numbers and classes keep theirs, so a traceback still points to its line; the sources, and whoever runs
them, know nothing of it.

A name that some text of the firmware spells keeps it, and so does a function whose name is spelt without its
underscore: it may be asked for by a name put together at run time (`getattr(self, "_" + action)`).
"""

import ast
import builtins
import re
from collections.abc import Iterable, Mapping

_HEADER_BYTES = 4
_VERSION = b"M\x06"
_WORD = re.compile(r"\w+")


def plan(sources: Mapping[str, str]) -> dict[str, str]:
    """New names by old ones, for all files of one program."""
    trees = {name: ast.parse(text, name) for name, text in sources.items()}
    spelt = {word for tree in trees.values() for word in _spelt(tree)}
    put_together = {f"_{word}" for word in spelt} & {name for tree in trees.values() for name in _functions(tree)}
    modules = {part for name in sources for part in name.removesuffix(".py").split("/")}
    foreign = {name for tree in trees.values() for name in _foreign(tree, modules)}
    own = {name for tree in trees.values() for name in _module_level(tree)} - foreign
    candidates = {name for tree in trees.values() for name in _private(tree)} | own
    candidates -= spelt | put_together | set(dir(builtins))
    new = _coloured({name: sorted(_named(tree) & candidates) for name, tree in trees.items()})
    positional = {name for tree in trees.values() for name in _arguments(tree)}
    asked_for = {name for tree in trees.values() for name in _asked_for(tree)} | spelt | set(dir(builtins)) | {"self"}
    return new | dict.fromkeys(sorted(positional - asked_for - set(new)), "_a")


def _spelt(tree: ast.AST) -> Iterable[str]:
    """Words in texts, docstrings left out: they are not compiled."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and _has_doc(node)}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docs:
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            if isinstance(text, str):
                yield from _WORD.findall(text)


def _has_doc(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(node, clean=False) is not None


def _functions(tree: ast.AST) -> Iterable[str]:
    return (node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _named(tree: ast.AST) -> set[str]:
    """Whatever a module names."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add(node.name)
    return found


def _private(tree: ast.AST) -> set[str]:
    """Names with one leading underscore."""
    return {name for name in _named(tree) if re.fullmatch(r"_[A-Za-z]\w*", name)}


def _module_level(tree: ast.Module) -> Iterable[str]:
    """Functions and constants."""
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield statement.name
        elif isinstance(statement, ast.Assign):
            yield from (each.id for each in statement.targets if isinstance(each, ast.Name))


def _foreign(tree: ast.Module, modules: set[str]) -> Iterable[str]:
    """Names that may mean something else: attributes of whatever is no module of the firmware, keywords, imports."""
    ours = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level or str(node.module).split(".")[0] in modules):
            ours |= {each.asname or each.name for each in node.names if each.name in modules}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (word for each in node.names for word in _WORD.findall(f"{each.name} {each.asname}"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id in ours):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.ClassDef):
            yield from (each.name for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _coloured(names: Mapping[str, list[str]]) -> dict[str, str]:
    """A new name for each, the same wherever it stands; two that meet in one file never get the same."""
    files: dict[str, list[str]] = {}
    for file, own in names.items():
        for name in own:
            files.setdefault(name, []).append(file)
    taken: dict[str, set[int]] = {file: set() for file in names}
    new = {}
    for name in sorted(files, key=lambda each: (-len(files[each]), each)):
        number = 0
        while any(number in taken[file] for file in files[name]):
            number += 1
        for file in files[name]:
            taken[file].add(number)
        new[name] = _short(number)
    return new


def _short(number: int) -> str:
    """_a ... _z, _A ... _Z, then two letters."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = letters[number % 52]
    return "_" + text if number < 52 else "_" + letters[number // 52 - 1] + text


def _arguments(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            yield from (each.arg for each in (*node.posonlyargs, *node.args))


def _asked_for(tree: ast.AST) -> Iterable[str]:
    """Whatever is looked up by name: attributes, keywords, what a module or a class binds or imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arguments):
            yield from (each.arg for each in (*node.kwonlyargs, *filter(None, (node.vararg, node.kwarg))))
        elif isinstance(node, ast.alias):
            yield from _WORD.findall(f"{node.name} {node.asname}")
        elif isinstance(node, (ast.Module, ast.ClassDef)):
            yield from _bound(node)


def _bound(node: ast.Module | ast.ClassDef) -> Iterable[str]:
    for statement in node.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.With, ast.If, ast.Try)):
            yield from (each.id for each in ast.walk(statement) if isinstance(each, ast.Name))


def shorten(compiled: bytes, names: Mapping[str, str]) -> bytes:
    """An .mpy with the names in its table replaced; `ValueError` when it is not of the version known here."""
    if compiled[:2] != _VERSION:
        raise ValueError(f"expected an .mpy of version 6, found it to begin with {compiled[:2]!r}")
    count, at = _number(compiled, _HEADER_BYTES)
    _, at = _number(compiled, at)
    parts = [compiled[:at]]
    for _ in range(count):
        length, behind = _number(compiled, at)
        if length & 1:  # one of those every MicroPython knows, by its number
            parts.append(compiled[at:behind])
            at = behind
            continue
        at = behind + length // 2 + 1
        name = compiled[behind : at - 1].decode()
        new = names.get(name, name).encode()
        parts.append(_varint(2 * len(new)) + new + b"\x00")
    return b"".join(parts) + compiled[at:]


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, most significant first, and where it ends."""
    value = 0
    while True:
        value = value << 7 | data[at] & 0x7F
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def _varint(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))
