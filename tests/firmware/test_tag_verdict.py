"""The test that says whether a tag is in or out, followed exactly: every way its answers can fall, with its chance."""

from cabinet import inventory

TOGETHER = 4  # rounds of all tags
CALLS = 12  # rounds of one tag at a time


def verdict(answers: float) -> tuple[float, float]:
    """How likely a tag that answers in this share of rounds is taken for in, and for out."""
    scores = {0: 1.0}
    taken_in = taken_out = 0.0
    for rounds in [TOGETHER] + [CALLS] * 60:
        for _ in range(rounds):
            scores = asked_once(scores, answers)
        taken_in += sum(chance for score, chance in scores.items() if score >= inventory.IN)
        taken_out += sum(chance for score, chance in scores.items() if score <= inventory.OUT)
        scores = {score: chance for score, chance in scores.items() if inventory.OUT < score < inventory.IN}
    return taken_in, taken_out


def asked_once(scores: dict[int, float], answers: float) -> dict[int, float]:
    after: dict[int, float] = {}
    for score, chance in scores.items():
        silent = score + inventory.ROUND
        heard = silent + inventory.HEARD
        after[silent] = after.get(silent, 0.0) + chance * (1 - answers)
        after[heard] = after.get(heard, 0.0) + chance * answers
    return after


def test_a_tag_that_answers_in_15_percent_of_rounds_is_out_once_in_1500() -> None:
    assert 1 / 1600 < verdict(0.15)[1] < 1 / 1400


def test_a_tag_outside_is_in_once_in_1200() -> None:
    assert 1 / 1300 < verdict(0.02)[0] < 1 / 1100


def test_a_good_tag_is_in_and_a_silent_one_is_out() -> None:
    assert verdict(0.93)[1] < 1e-12
    assert verdict(0.35)[1] < 1e-5
    assert verdict(0.0) == (0.0, 1.0)
