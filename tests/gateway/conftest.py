"""A shop with its document in force."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_gateway import upload
from tests.gateway.real_cloud import RealCloud
from tests.gateway.world import Journal, Shop, document


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that does not wait long before it tries the cloud again."""
    monkeypatch.setattr(upload, "PAUSE_S", 0.02)


@pytest.fixture
def empty_shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop that has no document yet."""
    shop = Shop(tmp_path)
    yield shop
    shop.close()


@pytest.fixture
def shop(empty_shop: Shop) -> Shop:
    """A shop at work; its ledger must agree with itself when the test is over."""
    empty_shop.put_document(document())
    return empty_shop


@pytest.fixture
def journal() -> Journal:
    """A new controller's journal with its first event."""
    journal = Journal()
    journal.created()
    return journal


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RealCloud]:
    """A cloud at work that knows this shop."""
    cloud = RealCloud(tmp_path / "cloud", document())
    cloud.start()
    yield cloud
    cloud.close()
