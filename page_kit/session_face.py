"""One bin of a session as people look at it: the sentence, and beneath it the evidence it stands on.

Draws what it is handed (`session_story.py`); it never reads data and decides nothing. The kiosk and the dealer's pages
share it.
"""

import re
from collections.abc import Mapping, Sequence

from nicegui import ui

from page_kit import reasons, verdict_words, weight_trace
from page_kit.language import Say, Texts
from page_kit.live_part import Ages
from page_kit.look import box, text
from page_kit.quantity import change
from page_kit.session_rows import TagCount
from page_kit.session_story import UNSETTLED, BinStory, Later, Step, Told, ranked
from page_kit.verdict_words import (
    SHOWN_PPM_MIN,
    Called,
    Candidate,
    Names,
    outcome_words,
    share,
    signed_mass,
    verdict_sentence,
)
from page_kit.weight_trace import Mark, Rung, clock, draw_trace

Masses = Mapping[str, int]  # milligrams of one piece, by part

CANDIDATES_MAX = 5
RUNGS_MAX = 3
SHARE = re.compile(r"(\d[\d.]* %[，；,;]?)")
RUNG_REACH = 2.5  # a candidate further off than so many times what was weighed would squash the trace

OWN_TEXTS: Texts = {
    "face_candidates": ("可能的情况", "What it may have been"),
    "face_rest": ("其他", "Anything else"),
    "face_steps": ("一步一步", "Step by step"),
    "face_tags": ("标签", "Tags"),
    "face_tag_present": ("{count} 个还在", "{count} still there"),
    "face_tag_missing": ("{count} 个不见了", "{count} gone silent"),
    "face_tag_came": ("{count} 个新来", "{count} came"),
    "face_later": ("后来", "What came later"),
    "face_blind": ("传感器没有读数：重量说明不了什么。", "The sensor gave no weight: the scale says nothing here."),
    "face_unsettled": ("还没称稳就记下了。", "It had not settled when it was weighed."),
    "face_no_candidates": (
        "没有留下候选项：记账时的版本还不保留。",
        "No candidates were kept: it was booked by a version that did not.",
    ),
    "face_bulk": ("散装按重量记，不用数。", "Loose parts are booked by weight; nothing is counted."),
    "face_only_ends": (
        "中间没有站稳的重量，只有前后两次。",
        "Nothing stood still in between: there are only the weights before and after.",
    ),
    "face_no_weights": ("没有留下重量。", "No weights were kept."),
    "face_unexplained": ("说不清", "not told apart"),
    "face_foreign_left": ("留下不是配件的东西", "none of the parts, left there"),
    "face_foreign_gone": ("拿走不是配件的东西", "none of the parts, taken away"),
    "later_verdict_tags_read": ("第二次读标签之后", "After the tags were read a second time"),
    "later_verdict_session_opened": ("下一次开柜前的重量说", "By the weight before the next session"),
    "later_verdict_bins_changed": ("关着门的重量说", "By a weight with the doors shut"),
    "later_verdict_other": ("有了新的证据", "By newer evidence"),
    "later_corrected_by": ("{person} 更正：{what}", "Corrected by {person}: {what}"),
    "later_corrected": ("按新的证据更正：{what}", "Corrected by newer evidence: {what}"),
    "later_answered": ("{person} 答复了：{reason}", "{person} answered: {reason}"),
    "later_settled": ("有了新的证据，不再存疑：{reason}", "Settled by newer evidence: {reason}"),
    "later_before": ("先前：{sentence}", "Before that: {sentence}"),
    "later_rezeroed": (
        "秤漂了，重新归零 {mass}（点数以来共 {total}）",
        "The scale had drifted: zero moved by {mass} ({total} since it was counted)",
    ),
}
TEXTS: Texts = {**verdict_words.TEXTS, **weight_trace.TEXTS, **reasons.TEXTS, **OWN_TEXTS}


def draw_sentence(say: Say, story: BinStory, names: Names) -> None:
    """The verdict in one sentence, large: what, how sure, what would be next best."""
    if story.told:
        sentence = verdict_sentence(say, ranked(story.told), names, dict(story.origins))
        with box("pb-verdict"):
            first, mark, rest = sentence.partition("；" if say.language == "zh" else "; ")
            _draw_figures(first + mark, "pb-verdict-best")
            if rest:
                _draw_figures(rest, "pb-verdict-next")


def _draw_figures(content: str, classes: str, tag: str = "span") -> None:
    """A piece of a sentence in which no share is torn from its per cent."""
    with box(f"pb-figured {classes}", tag):
        for at, piece in enumerate(SHARE.split(content)):
            if piece:
                text(piece, "pb-nowrap" if at % 2 else "", "span")


def draw_evidence(say: Say, story: BinStory, names: Names, masses: Masses, ages: Ages) -> None:
    """What the verdict stands on: weights, candidates, tags, what came later, and what is missing."""
    with box("pb-evidence"):
        with box("pb-evidence-main"):
            _draw_weights(say, story, names, masses)
        with box("pb-evidence-side"):
            if story.steps:
                _draw_steps(say, story.steps, names)
            if story.told and len(story.told.candidates) > 1:
                _draw_candidates(say, story.told, names)
            if story.told and story.told.tags:
                _draw_tags(say, story.told.tags, names)
        if story.later:
            with box("pb-evidence-wide"):
                text(say("face_later"), "pb-evidence-title")
                for each in story.later:
                    draw_later(say, each, names, ages)


# ---- weights ----


def _draw_weights(say: Say, story: BinStory, names: Names, masses: Masses) -> None:
    marks = [Mark(step.level, at, _kind(step)) for at, step in enumerate(story.steps, 1)]
    drawing = draw_trace(say, story.levels, rungs(say, story, masses), marks, story.passing)
    if drawing:
        ui.html(drawing, sanitize=False)  # made here, of numbers and escaped texts
    for note in notes(story, names):
        text(say(note), "pb-soft pb-small pb-trace-note")


def notes(story: BinStory, names: Names) -> tuple[str, ...]:
    """What the evidence of a bin lacks, as keys of TEXTS."""
    found = []
    if story.blind:
        found.append("face_blind")
    elif len(story.levels) < 2:
        found.append("face_no_weights")
    elif len(story.levels) == 2:
        found.append("face_only_ends")
    if story.weighed and story.weighed.quality == UNSETTLED:
        found.append("face_unsettled")
    if story.told is None and story.moved:
        bulk = all(moved.part in names and names[moved.part].unit == "gram" for moved in story.moved)
        found.append("face_bulk" if bulk else "face_no_candidates")
    return tuple(found)


def rungs(say: Say, story: BinStory, masses: Masses) -> list[Rung]:
    """Where the trace would end for the likeliest candidates, as far as their masses are known."""
    if not story.told or len(story.levels) < 2:
        return []
    before_mg, after_mg = story.levels[0].mg, story.levels[-1].mg
    weights = [level.mg for level in story.levels]
    reach_mg = max(RUNG_REACH * (max(weights) - min(weights)), 1)
    found = [each for each in ranked(story.told) if _has_rung(each, masses)][:RUNGS_MAX]
    counts_only = (
        not any(each.foreign_mg for each in found) and len({p for each in found for p, _ in each.changes}) == 1
    )
    made = []
    for each in found:
        mg = after_mg if each.foreign_mg else before_mg + sum(count * masses[part] for part, count in each.changes)
        best = each[:2] == story.told.best[:2]
        if best or (abs(mg - after_mg) <= reach_mg and each.ppm >= SHOWN_PPM_MIN and not each.foreign_mg):
            made.append(Rung(mg, _rung_label(say, each, counts_only), best))
    return made


def _has_rung(candidate: Candidate, masses: Masses) -> bool:
    """Whether it says where the trace would end; what is none of the parts explains any end."""
    return bool(candidate.foreign_mg) or all(masses.get(part, 0) > 0 for part, _ in candidate.changes)


def _rung_label(say: Say, candidate: Candidate, counts_only: bool) -> str:
    if not counts_only or candidate.foreign_mg:
        return share(say, candidate.ppm)
    count = sum(count for _, count in candidate.changes)
    sign = "+" if count > 0 else ""
    return f"{sign}{say('words_count', count=abs(count) if count < 0 else count)}  {share(say, candidate.ppm)}"


def _kind(step: Step) -> str:
    return "is-foreign" if step.outcome is not None and step.outcome.foreign_mg else ""


def _draw_steps(say: Say, steps: Sequence[Step], names: Names) -> None:
    text(say("face_steps"), "pb-evidence-title")
    for at, step in enumerate(steps, 1):
        with box("pb-step"):
            text(str(at), f"pb-step-number {_kind(step)}", "span")
            text(clock(step.at_ms, say), "pb-soft pb-step-time", "span")
            text(signed_mass(step.delta_mg, say), "pb-number pb-step-mass", "span")
            text(_step_words(say, step, names), "pb-step-words", "span")


def _step_words(say: Say, step: Step, names: Names) -> str:
    if step.outcome is None:
        return say("face_unexplained")
    if step.outcome.foreign_mg:
        return say("face_foreign_left" if step.delta_mg > 0 else "face_foreign_gone")
    return outcome_words(say, step.outcome, names, marked=True)


# ---- candidates and tags ----


def _draw_candidates(say: Say, told: Told, names: Names) -> None:
    shown = [each for each in ranked(told) if each.ppm > 0][:CANDIDATES_MAX]
    marked = any(each.foreign_mg or any(count > 0 for _, count in each.changes) for each in shown)
    rest_ppm = 1_000_000 - sum(each.ppm for each in shown)
    text(say("face_candidates"), "pb-evidence-title")
    for at, each in enumerate(shown):
        _draw_share(say, outcome_words(say, each, names, marked=marked), each.ppm, "is-best" if at == 0 else "")
    if rest_ppm >= SHOWN_PPM_MIN:
        _draw_share(say, say("face_rest"), rest_ppm, "")


def _draw_share(say: Say, words: str, ppm: int, kind: str) -> None:
    with box(f"pb-share {kind}"):
        text(words, "pb-share-words")
        text(share(say, ppm), "pb-number pb-share-number")
        with box("pb-share-bar"):
            box().style(f"width:{max(ppm / 10_000, 0.4):.1f}%")


def _draw_tags(say: Say, tags: Sequence[TagCount], names: Names) -> None:
    text(say("face_tags"), "pb-evidence-title")
    for each in tags:
        counts = (("present", each.present, ""), ("missing", each.missing, "is-low"), ("came", each.came, "is-good"))
        with box("pb-row pb-wrap pb-tag-row"):
            text(names.get(each.part, Called(each.part)).name, "pb-grow")
            for key, count, kind in counts:
                if count:
                    text(say(f"face_tag_{key}", count=count), f"pb-small {kind or 'pb-soft'}")


# ---- what came later ----


def draw_later(say: Say, later: Later, names: Names, ages: Ages) -> None:
    with box("pb-row pb-top pb-later"):
        with box("pb-grow"):
            text(later_words(say, later, names))
            if later.told:
                sentence = verdict_sentence(say, ranked(later.told), names)
                _draw_figures(say("later_before", sentence=sentence), "pb-soft pb-small", "div")
            if later.person and later.note:
                text(later.note, "pb-soft pb-small")
        ages.show(later.at_ms, "pb-soft pb-age")


def later_words(say: Say, later: Later, names: Names) -> str:
    """What came later, and why."""
    if later.kind == "verdict":
        key = f"later_verdict_{later.why}"
        return say(key if key in OWN_TEXTS else "later_verdict_other")
    if later.kind == "rezeroed":
        return say("later_rezeroed", mass=signed_mass(later.amount, say), total=signed_mass(later.total, say))
    if later.kind == "corrected":
        called = names.get(later.part, Called(later.part))
        what = f"{called.name} {change(later.amount, called.unit, say.language)}"
        return say("later_corrected_by" if later.person else "later_corrected", person=later.person, what=what)
    reason = reasons.reason_text(say, later.why)
    return say("later_answered" if later.kind == "answered" else "later_settled", person=later.person, reason=reason)
