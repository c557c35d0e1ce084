"""The claims of a shop: what comes back, from which take, how far it is, and what the dealer decides."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlmodel import Session

from cloud.audit import record
from cloud.identity import SignedIn
from cloud.pages import claim_words, work_parts
from cloud.pages.addresses import segment, shop_path, vehicle_path
from cloud.pages.own_part import ask_first
from cloud.pages.visit import Visit, part_name, show
from cloud.pages.work_parts import Part, press
from cloud.rights import Right
from cloud.shop_plan import own_shop, plan_of
from cloud.tenancy import TenantId
from cloud.work import claims
from cloud.work.claim_views import list_claims
from cloud.work.money import amount_text, digits_of, money_text
from cloud.work.shop_rows import own_rows
from cloud.work.shop_time import clock_of, day_of
from cloud.work.views import ClaimStepView, ClaimView
from page_kit import markup
from page_kit.address import page
from page_kit.fields import Field
from page_kit.language import Texts
from page_kit.look import box, button, dialog, link_button, text, title
from page_kit.markup import Markup, joined
from page_kit.quantity import quantity

PAGE = 50

TEXTS: Texts = {
    "claims": ("退换与质保", "Claims"),
    "claims_lead": (
        "退货、旧件、质保。在车辆档案里对着那次领用提出；同意后，抵扣列在当月对账单上。",
        "Returns, cores, warranty. Opened from a use in a vehicle's file; what is accepted is credited on the month's "
        "statement.",
    ),
    "state_open": ("待处理", "To decide"),
    "state_all": ("全部", "All"),
    "no_claims": ("没有这样的退换", "No such claims"),
    "taken_on": ("{day} 领用", "taken {day}"),
    "receive": ("收到件了", "It is here"),
    "accept": ("同意", "Accept"),
    "refuse": ("拒绝", "Refuse"),
    "withdraw": ("撤回", "Withdraw"),
    "note": ("说明", "Note"),
    "credit": ("抵扣（未税，{currency}）", "Credit (net, {currency})"),
    "credited": ("抵扣 {amount}（未税）", "{amount} credited (net)"),
    "usual": ("领用时价格 {amount}", "it cost {amount}"),
    "bad_amount": ("金额要写成数字", "The credit is an amount"),
    "withdraw_sure": ("撤回这条退换？", "Withdraw this claim?"),
    "no_price_yet": ("还没有价格，先定价才能抵扣", "No price is known: say one before it can be credited"),
}
_STEPS: dict[str, tuple[str, Right]] = {
    "received": ("receive", "resolve"),
    "accepted": ("accept", "resolve"),
    "refused": ("refuse", "resolve"),
    "withdrawn": ("withdraw", "edit_jobs"),
}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    shop_name: str
    zone: str
    claims: list[ClaimView]


def register() -> None:
    """Add the page."""

    @page("/shops/{shop}/claims")
    async def shop_claims(request: Request, shop: str, state: str = "open", after: str = "") -> Response | None:
        asked = state if state in {"open", "all"} else "open"
        return await show(
            request,
            (work_parts.TEXTS, claim_words.TEXTS, TEXTS),
            lambda visit: _Page(visit, shop, asked, after[:500]).build(),
            "see_vehicles",
        )


class _Page:
    """The open page."""

    def __init__(self, visit: Visit, shop: str, state: str, after: str) -> None:
        self.visit, self.say, self.shop, self.state, self.after = visit, visit.say, shop, state, after
        self.known: dict[str, ClaimView] = {}
        self.zone = ""

    def query(self, session: Session, tenant: TenantId) -> Found:
        """The claims of the page."""
        row = own_shop(session, tenant, self.shop)
        rows = own_rows(session, tenant, self.shop, self.visit.now_ms())
        found = list_claims(
            rows,
            tenant,
            plan_of(session, tenant, self.shop),
            state=self.state,
            after=self.after,
            limit=PAGE,
            with_prices=self.visit.may("see_prices"),
        )
        return Found(row.name, row.time_zone, found)

    async def build(self) -> None:
        """The frame, what can be asked for, the list."""
        say = self.say
        found = await self.visit.read(self.query)
        with self.visit.frame():
            link_button(say("back_to_shop", shop=found.shop_name), shop_path(self.shop), "is-quiet pb-back")
            title(say("claims"), say("claims_lead"))
            markup.show(self._ways())
            self.part = Part(self.visit, self.query, self.draw, found)
            self.part.on("step", self.ask)

    def _ways(self) -> Markup:
        ways = [
            markup.link(
                f"pb-button {'is-main' if state == self.state else 'is-quiet'}",
                shop_path(self.shop, f"/claims?state={state}"),
                self.say(f"state_{state}"),
            )
            for state in ("open", "all")
        ]
        return markup.box("pb-buttons", *ways)

    def draw(self, found: Found) -> Markup:
        """A card a claim."""
        self.zone, self.known = found.zone, {claim.id: claim for claim in found.claims}
        if not found.claims:
            return markup.box("pb-gap-above", markup.empty(self.say("no_claims")))
        older = []
        if len(found.claims) == PAGE:
            path = shop_path(self.shop, f"/claims?state={self.state}&after={segment(found.claims[-1].cursor)}")
            older = [markup.link("pb-button is-quiet", path, self.say("older"))]
        return joined(
            markup.box("pb-cards pb-gap-above", *(self._card(claim) for claim in found.claims)),
            markup.box("pb-buttons pb-gap-above", *older),
        )

    def _card(self, claim: ClaimView) -> Markup:
        say = self.say
        name = part_name(say, claim.part)
        kind = f"{say(f'kind_{claim.kind}')} · {quantity(claim.quantity, claim.part.unit, say.language)}"
        money = []
        if claim.credit_minor is not None:
            money = [say("credited", amount=money_text(claim.credit_minor, claim.currency))]
        elif claim.usual_credit_minor is not None:
            money = [say("usual", amount=money_text(claim.usual_credit_minor, claim.currency))]
        elif self.visit.may("see_prices"):
            money = [say("no_price_yet")]
        return markup.box(
            "pb-card",
            markup.box(
                "pb-row pb-between pb-top",
                markup.box("pb-grow", markup.box("pb-card-title", name), markup.box("pb-strong", kind)),
                markup.badge(say(f"claim_{claim.state}"), claim_words.KINDS[claim.state]),
            ),
            markup.box("pb-code", claim.part.number),
            self._vehicle(claim),
            markup.box("", claim.reason) if claim.reason else Markup(),
            markup.box("pb-soft pb-small", " · ".join(money)) if money else Markup(),
            *(self._step(step) for step in claim.steps),
            markup.box("pb-actions", *self._buttons(claim)),
        )

    def _vehicle(self, claim: ClaimView) -> Markup:
        told = say_all(claim.job_title or claim.job, self.say("taken_on", day=day_of(claim.taken_ms, self.zone)))
        if not claim.vehicle:
            return markup.box("pb-soft pb-small", told)
        path = vehicle_path(self.shop, claim.vehicle)
        return markup.box("", markup.link("pb-way pb-strong pb-plate", path, claim.plate or claim.vehicle),
                          markup.box("pb-soft pb-small", told))  # fmt: skip

    def _step(self, step: ClaimStepView) -> Markup:
        told = say_all(self.say(f"claim_{step.state}"), step.by, clock_of(step.at_ms, self.zone), step.note)
        return markup.box("pb-soft pb-small pb-step-told", told)

    def _buttons(self, claim: ClaimView) -> list[Markup]:
        buttons = []
        for state in claim.next_states:
            key, right = _STEPS[state]
            if self.visit.may(right):
                kind = {"accepted": "is-main", "refused": "is-danger"}.get(state, "is-quiet")
                buttons.append(press(self.say(key), "step", f"{claim.id} {state}", kind))
        return buttons

    # ---- what is done ----

    def ask(self, told: str) -> None:
        """The next step of a claim."""
        name, _, state = told.partition(" ")
        claim = self.known.get(name)
        if claim is None or state not in _STEPS:
            return
        if state == "withdrawn":

            async def go() -> None:
                await self._go(name, state, None, "")

            say = self.say
            ask_first(self.visit, say("withdraw_sure"), say("withdraw"), go, say("cancel"))
            return
        self._ask_note(claim, state)

    def _ask_note(self, claim: ClaimView, state: str) -> None:
        say = self.say
        usual = claim.usual_credit_minor
        with dialog(self.visit.page) as asked, box("pb-stack"):
            text(f"{say(_STEPS[state][0])} · {part_name(say, claim.part)}", "pb-question")
            credit = None
            if state == "accepted" and usual is not None:
                credit = Field(say("credit", currency=claim.currency), amount_text(usual, claim.currency))
            note = Field(say("note"))

            async def keep() -> None:
                minor = minor_of(credit.value, claim.currency) if credit else 0 if state == "accepted" else None
                if credit and minor is None:
                    ui.notify(say("bad_amount"), type="negative", position="top")
                    return
                if await self._go(claim.id, state, minor, note.value):
                    asked.close()

            with box("pb-buttons"):
                button(say(_STEPS[state][0]), keep, "is-danger" if state == "refused" else "is-main")
                button(say("cancel"), asked.close, "is-quiet")

    async def _go(self, name: str, state: str, credit_minor: int | None, note: str) -> bool:
        def act(session: Session, person: SignedIn) -> None:
            rows = own_rows(session, person.tenant, self.shop, self.visit.now_ms(), person)
            claim = claims.own_claim(rows, person.tenant, name)
            claims.go_on(rows, person.tenant, claim, state, credit_minor=credit_minor, note=note)
            target = f"claim {name} of {self.shop}"
            record(session, person, rows.now_ms, action=f"claim.{state}", target=target, after=note)

        return await self.part.change(act)


def say_all(*words: str) -> str:
    """What is there of some words."""
    return " · ".join(filter(None, words))


def minor_of(told: str, currency: str) -> int | None:
    """An amount as it was typed, in minor units; None when it is none."""
    whole, _, part = told.strip().replace(",", "").partition(".")
    digits = digits_of(currency)
    if not (whole.isascii() and whole.isdigit() and len(part) <= digits and (not part or part.isdigit())):
        return None
    return int(whole) * 10**digits + int((part or "0").ljust(digits, "0") or "0") if len(whole) < 13 else None
