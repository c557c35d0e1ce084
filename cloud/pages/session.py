"""One session, all at once: who, when, for which job; each bin's verdict and what it stands on, and what came later."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.pages.addresses import cabinet_path, part_path, shop_path, vehicle_path
from cloud.pages.visit import Visit, show
from cloud.session_story import ChargedJob, ToldSession, told_session
from cloud.shop_plan import own_shop
from cloud.tenancy import TenantId
from cloud.work.shop_time import moment_of
from edge_gateway.shop_document import Part
from page_kit import missing, reasons, session_face
from page_kit.address import page
from page_kit.language import Say, Texts
from page_kit.live_part import Ages
from page_kit.look import badge, box, face, heading, link_button, text
from page_kit.missing import missing_text
from page_kit.quantity import change, confidence
from page_kit.session_face import draw_evidence, draw_later, draw_sentence
from page_kit.session_story import BinStory, Moved, moved_bins, still_count
from page_kit.verdict_words import Called
from page_kit.weight_trace import clock

TEXTS: Texts = {
    "back": ("‹ {shop}", "‹ {shop}"),
    "nobody": ("没有刷卡", "Nobody badged"),
    "forced": ("强行开门", "Forced open"),
    "recovered": ("断电恢复", "Recovered after a power cut"),
    "to_job": ("记到 {job}", "On {job}"),
    "no_job": ("未记工单", "No job yet"),
    "opened": ("{time} 开柜，共 {took}", "Opened {time}, for {took}"),
    "bin": ("货位 {bin}", "Bin {bin}"),
    "what_happened": ("每个货位", "Bin by bin"),
    "whole": ("整条开柜记录", "The session as a whole"),
    "nothing": ("没有拿东西", "Nothing was taken"),
    "not_booked": ("没有记账", "Nothing was booked"),
    "stood_still": ("另外 {count} 个货位没有动。", "{count} other bins did not move."),
    "open_in_shop": ("店里还没有人答复：{reason}", "Nobody in the shop has answered yet: {reason}"),
    "first_booked": ("原记 {change}", "first booked {change}"),
    "sure": ("把握 {value}", "{value} sure"),
    "cause_take": ("领用", "Taken"),
    "cause_return": ("归还", "Given back"),
    "cause_restock": ("补货", "Restocked"),
    "cause_removal": ("撤出", "Removed"),
    "cause_misplaced": ("从一个货位到另一个", "From one bin into another"),
    "cause_unexplained": ("无法解释", "Unexplained"),
}


@dataclass(frozen=True)
class Found:
    """A session, and whose clock its shop goes by."""

    told: ToldSession
    time_zone: str


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/session")
    async def one_session(request: Request, shop: str, id: str = "") -> Response | None:  # noqa: A002 - in the address
        tables = (session_face.TEXTS, missing.TEXTS, TEXTS)
        return await show(request, tables, lambda visit: _build(visit, shop, id), "see_sessions")


async def _build(visit: Visit, shop: str, name: str) -> None:
    def query(session: Session, tenant: TenantId) -> Found:
        return Found(told_session(session, tenant, shop, name), own_shop(session, tenant, shop).time_zone)

    found = await visit.read(query)
    with visit.frame():
        link_button(visit.say("back", shop=found.told.shop_name), shop_path(shop), "is-quiet pb-back")
        await visit.follow(query, lambda newest, ages: _draw(visit, shop, newest, ages), found)


def _draw(visit: Visit, shop: str, newest: Found, ages: Ages) -> None:
    say, found = visit.say, newest.told
    _draw_head(visit, shop, newest, ages)
    heading(say("what_happened"))
    names, masses = _called(say, found.parts), _masses(found.parts)
    with box("pb-stack"):
        if found.whole and (found.whole.doubts or found.whole.later):
            _draw_whole(say, found.whole, ages)
        for story in moved_bins(found.bins):
            with box("pb-card is-alert" if story.doubts else "pb-card"):
                _draw_bin(visit, found, story, names)
                draw_evidence(say, story, names, masses, ages)
    if not moved_bins(found.bins):
        text(say("nothing"), "pb-soft")
    if still_count(found.bins):
        text(say("stood_still", count=still_count(found.bins)), "pb-soft pb-small pb-gap-above")


def _draw_head(visit: Visit, shop: str, newest: Found, ages: Ages) -> None:
    say, found = visit.say, newest.told
    opened = moment_of(found.opened_ms, newest.time_zone)
    took = clock(found.closed_ms - found.opened_ms, say)
    with box("pb-card"):
        with box("pb-row"):
            face(found.person_name)
            with box("pb-stack pb-tight pb-grow"):
                text(
                    found.person_name or say("forced" if found.opened_by == "forced" else "nobody"),
                    "pb-card-title",
                    "h1",
                )
                cabinet = text(say.name(found.cabinet_zh, found.cabinet_en) or found.cabinet, "pb-way", "a")
                cabinet.props["href"] = cabinet_path(shop, found.cabinet)
            ages.show(found.closed_ms, "pb-soft pb-age")
        text(say("opened", time=f"{opened:%Y-%m-%d %H:%M:%S}", took=took), "pb-soft pb-small pb-gap-above")
        with box("pb-row pb-wrap pb-marks"):
            for job in found.jobs:
                _draw_job(visit, shop, job)
            if found.uncharged:
                badge(say("no_job"))
            if found.how == "recovered":
                badge(say("recovered"), "is-low")
        if found.missing or found.how == "recovered":
            text(missing_text(say, found.missing), "is-low pb-small pb-gap-above")


def _draw_job(visit: Visit, shop: str, job: ChargedJob) -> None:
    """What the parts were charged to; the way to the vehicle's file for those who may see it."""
    told = visit.say("to_job", job=job.name)
    if not (job.vehicle and visit.may("see_vehicles")):
        badge(told, "is-good")
        return
    way = text(told, "pb-way", "a")
    way.props["href"] = vehicle_path(shop, job.vehicle)


def _draw_whole(say: Say, story: BinStory, ages: Ages) -> None:
    with box("pb-card is-alert" if story.doubts else "pb-card"):
        text(say("whole"), "pb-strong")
        _draw_doubts(say, story)
        for each in story.later:
            draw_later(say, each, {}, ages)


def _draw_bin(visit: Visit, found: ToldSession, story: BinStory, names: Mapping[str, Called]) -> None:
    say = visit.say
    text(" · ".join([say("bin", bin=story.bin), *(story.named or found.planned(story.bin))]), "pb-soft pb-small")
    draw_sentence(say, story, names)
    for moved in story.moved:
        _draw_moved(visit, moved, names, told=story.told is not None)
    if not story.moved and not story.doubts:
        text(say("not_booked"), "pb-soft pb-booked")
    _draw_doubts(say, story)


def _draw_moved(visit: Visit, moved: Moved, names: Mapping[str, Called], told: bool) -> None:
    say = visit.say
    called = names.get(moved.part, Called(moved.part))
    with box("pb-row pb-wrap pb-booked"):
        with box("pb-grow"):
            sees = visit.may("see_catalogue")
            name = text(called.name, "pb-way pb-strong" if sees else "pb-strong", "a" if sees else "div")
            if sees:
                name.props["href"] = part_path(moved.part)
            with box("pb-row pb-wrap pb-small pb-soft"):
                text(say(f"cause_{moved.cause}"))
                if not told:
                    text(say("sure", value=confidence(moved.confidence_ppm)))
                if moved.change != moved.booked:
                    text(say("first_booked", change=change(moved.booked, called.unit, say.language)))
        text(change(moved.change, called.unit, say.language), "pb-huge")


def _draw_doubts(say: Say, story: BinStory) -> None:
    for doubt in story.doubts:
        reason = reasons.reason_text(say, doubt.reason)
        text(say("open_in_shop", reason=reason), "pb-strong is-wrong pb-booked")


def _called(say: Say, parts: tuple[Part, ...]) -> dict[str, Called]:
    return {part.number: Called(say.name(part.name_zh, part.name_en) or part.number, part.unit) for part in parts}


def _masses(parts: tuple[Part, ...]) -> dict[str, int]:
    return {part.number: part.unit_mass_mg for part in parts if part.unit_mass_mg}
