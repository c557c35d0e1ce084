"""Who changed what: the dealer's audit trail, with filters, page by page."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud import audit
from cloud.audit import AuditLine, AuditTrail
from cloud.dealer_time import own_zone
from cloud.identity import SignedIn
from cloud.pages import audit_words, role_words
from cloud.pages.audit_words import action_name, target_name, value_words
from cloud.pages.visit import Visit, show
from cloud.tenancy import TenantId
from cloud.work.shop_time import moment_of
from page_kit.address import page
from page_kit.language import Texts
from page_kit.look import badge, box, empty, link_button, text, title

ROWS_SHOWN = 50
TEXTS: Texts = {
    "audit": ("操作记录", "Audit trail"),
    "audit_lead": ("谁在什么时候改了什么。只增不改。", "Who changed what, and when. Lines are added, never changed."),
    "audit_person": ("人员", "Person"),
    "audit_target": ("对象", "What"),
    "audit_find": ("查找", "Find"),
    "audit_none": ("没有记录", "Nothing found"),
    "audit_older": ("更早的", "Older ones"),
    "audit_newest": ("回到最新", "Back to the newest"),
    "audit_change": ("{before} → {after}", "{before} → {after}"),
}


TABLES = (role_words.TEXTS, audit_words.TEXTS, TEXTS)


def register() -> None:
    """Add the page."""

    @page("/audit")
    async def trail(request: Request, person: str = "", target: str = "", cursor: str = "") -> Response | None:
        asked = {"person": person[:200], "target": target[:200], "cursor": cursor[:40]}
        return await show(request, TABLES, lambda visit: _build(visit, asked), "see_audit")

    @page("/operator-audit")
    async def own(request: Request, cursor: str = "") -> Response | None:
        asked = {"cursor": cursor[:40]}
        return await show(request, TABLES, lambda visit: _build_own(visit, asked), "operate")


async def _build(visit: Visit, asked: dict[str, str]) -> None:
    found, zone = await visit.read(lambda session, tenant: _trail(session, tenant, asked))
    with visit.frame():
        title(visit.say("audit"), visit.say("audit_lead"))
        _draw_filters(visit, asked)
        _Drawing(visit, zone).trail(found, "/audit", asked)


def _trail(session: Session, tenant: TenantId, asked: dict[str, str]) -> tuple[AuditTrail, str]:
    person, target, cursor = asked["person"], asked["target"], asked["cursor"]
    found = audit.trail(session, tenant, person=person, target=target, cursor=cursor, limit=ROWS_SHOWN)
    return found, own_zone(session, tenant)


async def _build_own(visit: Visit, asked: dict[str, str]) -> None:
    def query(session: Session, _person: SignedIn) -> AuditTrail:
        return audit.own_trail(session, limit=ROWS_SHOWN, cursor=asked["cursor"])

    found = await visit.read_own(query)
    with visit.frame():
        title(visit.say("audit"), visit.say("audit_lead"))
        _Drawing(visit, "UTC").trail(found, "/operator-audit", asked)


def _draw_filters(visit: Visit, asked: dict[str, str]) -> None:
    """A plain form: what was asked for stands in the address, and can be sent to a colleague."""
    with box("pb-row pb-wrap pb-filters", "form").props("method=get action=/audit"):
        for name in ("person", "target"):
            made = box("pb-field pb-find", "input").props("type=search")
            made.props["name"], made.props["value"] = name, asked[name]
            made.props["placeholder"] = made.props["aria-label"] = visit.say(f"audit_{name}")
        text(visit.say("audit_find"), "pb-button is-quiet", "button").props("type=submit")


class _Drawing:
    """Lines, with times by the clock of a time zone: an operator sees no shop, and has that of UTC."""

    def __init__(self, visit: Visit, zone: str) -> None:
        self._say, self._zone = visit.say, zone

    def trail(self, found: AuditTrail, path: str, asked: dict[str, str]) -> None:
        """A page of lines, and the way to the one behind."""
        say = self._say
        if not found.lines:
            empty(say("audit_none"))
        with box("pb-stack"):
            for line in found.lines:
                self._line(line)
        with box("pb-buttons pb-gap-above"):
            if asked.get("cursor"):
                link_button(say("audit_newest"), path, "is-quiet")
            if found.cursor:
                onward = {**{key: value for key, value in asked.items() if value}, "cursor": found.cursor}
                link_button(say("audit_older"), f"{path}?{urlencode(onward)}", "is-quiet")

    def _line(self, line: AuditLine) -> None:
        say = self._say
        with box("pb-card"):
            with box("pb-row pb-wrap pb-tight"):
                text(line.person or "–", "pb-strong")
                badge(action_name(say, line.action))
                text(target_name(say, line.target), "pb-soft")
            before, after = (value_words(say, value) for value in (line.before, line.after))
            if before and after:
                text(say("audit_change", before=before, after=after), "pb-small pb-figured")
            elif before or after:
                text(before or after, "pb-small pb-figured")
            text(clock(line.at_ms, self._zone), "pb-soft pb-small")


def clock(at_ms: int, zone: str) -> str:
    """A time by the clock of a time zone, with it, as 2026-11-22 14:05:09 Asia/Shanghai."""
    return f"{moment_of(at_ms, zone):%Y-%m-%d %H:%M:%S} {zone}"
