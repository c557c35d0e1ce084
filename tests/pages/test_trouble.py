"""What is wrong is said once, with its number and age, and only when there is something to say."""

import pytest

from page_kit.language import Say
from page_kit.trouble import TEXTS, CabinetFacts, GatewayFacts, cabinet_troubles, gateway_troubles, storage

NOW = 1_794_873_600_000
MINUTE = 60_000


def test_nothing_to_say() -> None:
    assert gateway_troubles(GatewayFacts(), NOW) == ()
    assert gateway_troubles(GatewayFacts(disk_free_bytes=10**12, disk_days=9000), NOW) == ()
    assert cabinet_troubles(CabinetFacts()) == ()
    assert cabinet_troubles(CabinetFacts(journal_room_sessions=743)) == ()


def test_what_is_on_its_way_to_the_cloud_is_no_trouble() -> None:
    assert gateway_troubles(GatewayFacts(outbox_backlog=500, outbox_oldest_ms=NOW - 9 * MINUTE), NOW) == ()
    (found,) = gateway_troubles(GatewayFacts(outbox_backlog=500, outbox_oldest_ms=NOW - 11 * MINUTE), NOW)
    assert (found.key, found.values, found.then_ms) == ("outbox", (("count", 500),), NOW - 11 * MINUTE)


def test_everything_wrong_with_a_gateway_the_worst_first() -> None:
    facts = GatewayFacts(
        outbox_backlog=3,
        outbox_oldest_ms=NOW - 3_600_000,
        quarantined=2,
        quarantine_oldest_ms=NOW - 1,
        broken=1,
        broken_ms=NOW - 2,
        cannot_write_since_ms=NOW - 3,
        disk_free_bytes=1_000_000,
        disk_days=2,
        disk_low=True,
    )
    keys = [found.key for found in gateway_troubles(facts, NOW)]
    assert keys == ["cannot_write", "disk_days", "quarantined", "outbox", "broken"]


def test_everything_wrong_with_a_cabinet_the_worst_first() -> None:
    facts = CabinetFacts(8, NOW - 1, 12, NOW - 2, 0, True, 4)
    assert [found.key for found in cabinet_troubles(facts)] == ["journal_full", "never_came", "left_out", "backlog"]
    (found,) = cabinet_troubles(CabinetFacts(journal_room_sessions=89))
    assert found.key == "journal_low"
    assert cabinet_troubles(CabinetFacts(journal_room_sessions=90)) == ()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sentence_carries_its_number(language: str) -> None:
    say = Say("zh" if language == "zh" else "en", TEXTS)
    gateway = GatewayFacts(7, 1, 7, 1, 7, 1, 0, 7_000_000, 7, True)
    for found in (*gateway_troubles(gateway, NOW), *cabinet_troubles(CabinetFacts(7, 1, 7, 1, 7, False, 7))):
        assert "7" in found.sentence(say)
        assert not found.when or say(f"when_{found.when}")


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 MB"), (999_999, "0 MB"), (850_000_000, "850 MB"), (1_000_000_000, "1.0 GB"), (82_399_000_000, "82.3 GB")],
)
def test_storage_is_never_rounded_up(size: int, shown: str) -> None:
    assert storage(size) == shown
