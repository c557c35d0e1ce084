"""The whole update: the real firmware in slots, gateways and cloud, over a fleet of shops in which people work."""

from pathlib import Path

from tests.simulation.rolled_out import roll_out


def test_a_bad_release_stops_at_one_cabinet_and_a_good_one_reaches_all(tmp_path: Path) -> None:
    """Four cabinets in two shops; `make soak` plays it with fifty in ten."""
    outcome = roll_out(tmp_path, 2, 2)
    assert (outcome.bad["state"], outcome.bad["stage"], outcome.bad["why"]["kind"]) == ("stopped", 0, "returned")
    [hit] = [each for each in outcome.bad["of_cabinets"] if each["state"] == "returned"]
    assert "ImportError" in hit["reason"]
    assert outcome.after_bad == {"0.2.0": 4}
    assert (outcome.good["state"], outcome.after_good) == ("done", {"0.3.1": 4})
    assert outcome.booked >= outcome.sessions * 0.5 > 3
    assert (outcome.lost, outcome.doubled, outcome.violations) == (0, 0, [])
    assert outcome.holds
