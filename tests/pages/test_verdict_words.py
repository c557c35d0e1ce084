"""The sentence of a verdict, in both languages: what, how sure, what would be next best."""

import pytest

from page_kit.language import Language, Say
from page_kit.verdict_words import (
    TEXTS,
    Called,
    Candidate,
    about,
    outcome_words,
    share,
    signed_mass,
    verdict_sentence,
)

NAMES = {
    "zh": {"OF": Called("机油滤清器"), "LB": Called("灯泡"), "BT": Called("螺栓", "gram")},
    "en": {"OF": Called("oil filter"), "LB": Called("bulb"), "BT": Called("bolts", "gram")},
}


def say(language: Language) -> Say:
    return Say(language, TEXTS)


def sentence(language: Language, *candidates: Candidate, origins: dict[str, int] | None = None) -> str:
    return verdict_sentence(say(language), candidates, NAMES[language], origins)


def took(part: str, count: int, ppm: int) -> Candidate:
    return Candidate(((part, -count),), 0, ppm)


def test_the_count_alone_is_said_of_the_next_best() -> None:
    two, one = took("OF", 2, 997_400), took("OF", 1, 2_100)
    assert sentence("en", two, one) == "2 x oil filter, 99.7 %; next best 1 x, 0.2 %"
    assert sentence("zh", two, one) == "2 个机油滤清器，99.7 %；其次 1 个，0.2 %"


def test_what_is_below_a_tenth_of_a_percent_is_no_next_best() -> None:
    assert sentence("en", took("OF", 2, 999_700), took("OF", 1, 999)) == (
        "2 x oil filter, 99.9 %; nothing else reaches 0.1 %"
    )
    assert sentence("zh", took("OF", 2, 999_700), took("OF", 1, 300)) == "2 个机油滤清器，99.9 %；其余都不到 0.1 %"
    assert sentence("en", took("OF", 2, 1_000_000)) == "2 x oil filter, 99.9 %"
    assert sentence("en") == ""


def test_another_part_is_named() -> None:
    found = sentence("en", took("OF", 1, 810_000), took("LB", 3, 188_000))
    assert found == "1 x oil filter, 81.0 %; next best 3 x bulb, 18.8 %"


def test_what_was_put_in_is_told_from_what_was_taken() -> None:
    both = Candidate((("LB", 2), ("OF", -1)), 0, 950_000)
    assert sentence("en", both, took("OF", 1, 40_000)) == (
        "1 x oil filter taken, 2 x bulb put in, 95.0 %; next best 1 x oil filter taken, 4.0 %"
    )
    assert sentence("zh", both, took("OF", 1, 40_000)) == (
        "拿出 1 个机油滤清器，放入 2 个灯泡，95.0 %；其次拿出 1 个机油滤清器，4.0 %"
    )


def test_a_part_from_another_bin_says_from_which() -> None:
    strayed = Candidate((("OF", 1),), 0, 990_000)
    assert sentence("en", strayed, origins={"OF": 3}) == "1 x oil filter from bin 3 put in, 99.0 %"
    assert sentence("zh", strayed, origins={"OF": 3}) == "放入 1 个机油滤清器（来自货位 3），99.0 %"


def test_what_is_none_of_the_parts_is_named_by_its_mass() -> None:
    left, gone = Candidate((), 338_600, 982_000), Candidate((), -338_600, 982_000)
    assert sentence("en", left) == "something of about 340 g that is none of the parts, left there, 98.2 %"
    assert sentence("zh", left) == "留下约 340 克、不是任何配件的东西，98.2 %"
    assert sentence("en", gone) == "something of about 340 g that is none of the parts, taken away, 98.2 %"
    core = Candidate((("OF", -1),), 410_000, 900_000)
    assert outcome_words(say("zh"), core, NAMES["zh"]) == "拿出 1 个机油滤清器，留下约 410 克、不是任何配件的东西"


def test_loose_parts_are_weighed() -> None:
    found = sentence("en", took("BT", 140, 970_000), took("BT", 150, 20_000))
    assert found == "140 g of bolts, 97.0 %; next best 150 g, 2.0 %"
    assert sentence("zh", took("BT", 140, 970_000)) == "140 克螺栓，97.0 %"


def test_a_part_without_a_name_is_its_number() -> None:
    assert verdict_sentence(say("en"), [took("XX-1", 1, 999_000)], {}) == "1 x XX-1, 99.9 %"


def test_letters_stand_apart_from_chinese() -> None:
    names = {"LB": Called("24V 灯泡"), "BT": Called("M8 螺栓", "gram")}
    assert verdict_sentence(say("zh"), [took("LB", 2, 995_000)], names) == "2 个 24V 灯泡，99.5 %"
    assert verdict_sentence(say("zh"), [took("BT", 140, 995_000)], names) == "140 克 M8 螺栓，99.5 %"


def test_nothing_is_said_to_have_moved() -> None:
    assert sentence("en", Candidate((), 0, 1_000_000)) == "nothing moved, 99.9 %"


@pytest.mark.parametrize(
    ("mg", "words"),
    [
        (338_600, "340 g"), (96_400, "96 g"), (8_400, "8 g"), (200, "1 g"), (999_600, "1 kg"), (1_234_000, "1.2 kg"),
        (-12_340_000, "12 kg"), (994_000, "990 g"), (995_000, "1 kg"),
    ],
)  # fmt: skip
def test_a_mass_nobody_knows_exactly(mg: int, words: str) -> None:
    assert about(mg, say("en")) == words


def test_no_possible_thing_has_no_chance_and_none_is_certain() -> None:
    assert share(say("en"), 1_000_000) == "99.9 %"
    assert share(say("en"), 1) == "below 0.1 %"
    assert share(say("zh"), 999) == "不到 0.1 %"
    assert share(say("en"), 999_999) == "99.9 %"


def test_a_change_of_weight_has_its_sign() -> None:
    assert signed_mass(-1_224_130, say("en")) == "−1,224.1 g"
    assert signed_mass(612_300, say("zh")) == "+612.3 克"
    assert signed_mass(40, say("en")) == "0.0 g"
