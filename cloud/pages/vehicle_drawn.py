"""How a vehicle's file looks: the head, what falls due, what was used, and everything on record. Draws only."""

from collections.abc import Sequence
from dataclasses import dataclass

from cloud.pages import claim_words, work_parts
from cloud.pages.addresses import segment, shop_path, vehicle_path
from cloud.pages.found_parts import part_link
from cloud.pages.visit import Visit, part_name
from cloud.pages.work_parts import press
from cloud.work.money import money_text
from cloud.work.shop_time import clock_of, day_of
from cloud.work.views import ChangeView, ClaimView, DueView, PartSum, UseView, VehicleFile, VehicleView
from page_kit import markup
from page_kit.markup import Markup, joined
from page_kit.quantity import change, quantity

USES_SHOWN = 200
DUE_KINDS = {"due": "is-wrong", "soon": "is-low", "done": "is-good", "unknown": ""}


@dataclass(frozen=True)
class Found:
    """What the page shows."""

    file: VehicleFile
    zone: str
    shop_name: str


class FileDrawing:
    """The drawing of one open page; what is pressed in it is the page's."""

    def __init__(self, visit: Visit, shop: str, vehicle: str) -> None:
        self.visit, self.say, self.shop, self.vehicle = visit, visit.say, shop, vehicle
        self.zone = "Asia/Shanghai"

    def draw(self, found: Found) -> Markup:
        """The whole file."""
        self.zone, file = found.zone, found.file
        self.file = file
        left = joined(self._due(file), self._uses(file))
        right = joined(self._sums(file.sums), self._claims(file), self._jobs(file), self._readings(file))
        return joined(
            self._head(found),
            self._alike(file),
            markup.box("pb-two", markup.box("", left), markup.box("", right)),
            self._changes(file.changes),
        )

    def _head(self, found: Found) -> Markup:
        say, vehicle = self.say, found.file.vehicle
        speed = found.file.km_a_day
        facts = [
            (say("vin"), markup.tag("span", vehicle.vin, class_="pb-code") if vehicle.vin else "–"),
            (say("vehicle_model"), self._told(vehicle, ("make", "model"))),
            (say("engine"), self._told(vehicle, ("engine",))),
            (say("year"), self._told(vehicle, ("year",))),
            (say("owner"), vehicle.owner or "–"),
            (say("shop"), found.shop_name),
        ]
        km = say("km", km=f"{vehicle.km:,}") if vehicle.km is not None else "–"
        read = day_of(vehicle.km_ms, self.zone) if vehicle.km_ms else ""
        trend = say("km_a_day", km=round(speed)) if speed is not None else ""
        return markup.box(
            "pb-card",
            markup.box(
                "pb-row pb-between pb-wrap pb-top",
                markup.tag("h1", vehicle.plate or say("no_plate"), class_="pb-h1 pb-plate"),
                markup.box(
                    "",
                    markup.box("pb-huge", km),
                    markup.box("pb-soft pb-small", " · ".join(filter(None, (read, trend)))),
                ),
            ),
            markup.box("pb-facts", *(work_parts.row(name, value) for name, value in facts)),
            markup.box("pb-gap-above", vehicle.note) if vehicle.note else Markup(),
            self._head_buttons(),
        )

    def _told(self, vehicle: VehicleView, names: Sequence[str]) -> Markup:
        words = " ".join(str(getattr(vehicle, name)) for name in names if getattr(vehicle, name))
        by_vin = set(names) & set(vehicle.from_vin)
        mark = markup.tag("span", self.say("by_vin"), class_="pb-soft pb-small") if by_vin else Markup()
        return joined(markup.tag("span", f"{words or '–'} "), mark)

    def _head_buttons(self) -> Markup:
        say = self.say
        csv = f"/api{vehicle_path(self.shop, self.vehicle)}/csv"
        buttons = [markup.link("pb-button is-quiet", csv, say("csv"), download=True)]
        if self.visit.may("edit_jobs"):
            buttons = [
                press(say("read_km"), "read", "1", "is-main"),
                press(say("change_facts"), "change", "1", "is-quiet"),
                press(say("follow"), "interval", "", "is-quiet"),
                *buttons,
            ]
        return markup.box("pb-actions", *buttons)

    def _alike(self, file: VehicleFile) -> Markup:
        say = self.say
        cards = []
        for other in file.alike:
            told = say("maybe_same", name=name_of(other))
            ways = [press(say("join"), "join", other.id, "is-quiet")] if self.visit.may("edit_jobs") else []
            cards.append(markup.box("pb-trouble pb-gap-above", told, markup.box("pb-actions", *ways)))
        for other in file.joined:
            ways = [press(say("split"), "split", other.id, "is-quiet")] if self.visit.may("edit_jobs") else []
            told = say("joined_here", name=name_of(other))
            cards.append(markup.box("pb-note pb-gap-above", told, markup.box("pb-actions", *ways)))
        return joined(*cards)

    def _due(self, file: VehicleFile) -> Markup:
        say = self.say
        if not file.due:
            return joined(markup.heading(say("due")), markup.empty(say("nothing_due"), say("nothing_due_why")))
        return joined(markup.heading(say("due")), markup.box("pb-stack", *(self._one_due(due) for due in file.due)))

    def _one_due(self, due: DueView) -> Markup:
        say = self.say
        when = day_of(due.due_ms, self.zone) if due.due_ms is not None else say("unknown_day")
        if due.is_estimate:
            when = say("about", day=when)
        every = [say("km", km=f"{due.every_km:,}")] if due.every_km else []
        every += [say("months", count=due.every_months)] if due.every_months else []
        last = [day_of(due.last_ms, self.zone)] if due.last_ms else []
        last += [say("km", km=f"{due.last_km:,}")] if due.last_km else []
        told = [
            say("every", what=" / ".join(every)),
            say("last_done", what=" · ".join(last)) if last else say("never_done"),
        ]
        left = say("km_left", km=f"{due.km_left:,}") if due.km_left is not None and due.km_left > 0 else ""
        kind = {"due": "is-alert", "soon": "is-warned"}.get(due.state, "")
        ways = [press(say("change_it"), "interval", due.title, "is-quiet")] if self.visit.may("edit_jobs") else []
        return markup.box(
            f"pb-card {kind}".strip(),
            markup.box(
                "pb-row pb-between pb-top",
                markup.box("pb-card-title", due.title),
                markup.badge(say(f"state_{due.state}"), DUE_KINDS[due.state]),
            ),
            markup.box("pb-number", " · ".join(filter(None, (when, left)))),
            markup.box("pb-soft pb-small", " · ".join(told)),
            markup.box("pb-soft pb-small", say("done_by", part=part_name(say, due.part))) if due.part else Markup(),
            markup.box("pb-actions", *ways),
        )

    def _uses(self, file: VehicleFile) -> Markup:
        say = self.say
        if not file.uses:
            return joined(markup.heading(say("uses")), markup.empty(say("nothing_used"), say("nothing_used_why")))
        lines = [self._use(use) for use in file.uses[:USES_SHOWN]]
        more = []
        if len(file.uses) > USES_SHOWN:
            more = [markup.box("pb-soft pb-gap-above", say("more_in_csv", count=len(file.uses) - USES_SHOWN))]
        return joined(markup.heading(say("uses")), markup.box("pb-card", *lines), *more)

    def _use(self, use: UseView) -> Markup:
        say = self.say
        path = shop_path(self.shop, f"/jobs?state=all&words={segment(use.job)}")
        told = [
            day_of(use.at_ms, self.zone),
            use.person_name,
            say("km", km=f"{use.km:,}") if use.km is not None else "",
        ]
        cause = "taken" if use.cause in {"take", "charge"} and use.quantity > 0 else use.cause
        money = []
        if use.net_minor is not None and use.price_minor is not None:
            each = money_text(use.price_minor, use.currency)
            money = [
                markup.box("pb-number", money_text(use.net_minor, use.currency)),
                markup.box("pb-soft pb-small", say("each", price=each)),
            ]
        claim = []
        if use.claimable and self.visit.may("edit_jobs"):
            claim = [press(say("claim"), "claim", f"{use.movement}\n{use.line}", "is-quiet pb-slim")]
        return markup.box(
            "pb-line pb-use",
            markup.box(
                f"pb-number pb-change {'is-low' if use.quantity < 0 else ''}".strip(),
                change(use.quantity, use.part.unit, say.language),
            ),
            markup.box(
                "pb-grow",
                part_link(self.visit, use.part),
                markup.box("pb-code", use.part.number),
                markup.box("pb-soft pb-small", " · ".join(filter(None, (say(f"cause_{cause}"), *told)))),
                markup.link("pb-way pb-soft pb-small", path, f"{use.job} {use.job_title}"),
            ),
            markup.box("pb-use-side", *money, *claim),
        )

    def _sums(self, sums: Sequence[PartSum]) -> Markup:
        say = self.say
        if not sums:
            return Markup()
        heads = [markup.tag("th", say(key), class_="is-figure") for key in ("used", "back", "left")]
        head = markup.tag("thead", markup.tag("tr", markup.tag("th", say("part")), *heads))
        rows = [self._sum(total) for total in sums]
        return joined(
            markup.heading(say("all_parts")), markup.tag("table", head, markup.tag("tbody", *rows), class_="pb-table")
        )

    def _sum(self, total: PartSum) -> Markup:
        language, unit = self.say.language, total.part.unit
        figures = [
            markup.tag(
                "td",
                markup.tag("span", quantity(amount, unit, language), class_="pb-number"),
                class_="is-figure",
                data_name=self.say(key),
            )
            for key, amount in (("used", total.used), ("back", total.back), ("left", total.left))
        ]
        name = markup.tag(
            "td",
            markup.box("pb-strong", part_name(self.say, total.part)),
            markup.box("pb-soft pb-small", day_of(total.last_ms, self.zone)),
        )
        return markup.tag("tr", name, *figures)

    def _claims(self, file: VehicleFile) -> Markup:
        if not file.claims:
            return Markup()
        lines = [self._claim_line(claim) for claim in file.claims]
        card = markup.link("pb-card", shop_path(self.shop, "/claims?state=all"), *lines)
        return joined(markup.heading(self.say("claims")), card)

    def _claim_line(self, claim: ClaimView) -> Markup:
        say = self.say
        amount = quantity(claim.quantity, claim.part.unit, say.language)
        return markup.box(
            "pb-line",
            markup.box(
                "pb-grow",
                markup.box("pb-strong", f"{say(f'kind_{claim.kind}')} · {part_name(say, claim.part)}"),
                markup.box("pb-soft pb-small", f"{amount} · {day_of(claim.made_ms, self.zone)}"),
            ),
            markup.badge(say(f"claim_{claim.state}"), claim_words.KINDS[claim.state]),
        )

    def _jobs(self, file: VehicleFile) -> Markup:
        say = self.say
        lines = [
            markup.link(
                "pb-line pb-plain-link",
                shop_path(self.shop, f"/jobs?state=all&words={segment(job.id)}"),
                markup.box("pb-grow", markup.box("pb-strong", job.title or job.id), markup.box("pb-code", job.id)),
                markup.box("pb-soft pb-small", day_of(job.opened_ms, self.zone)),
                markup.badge(say("job_open"), "is-good") if not job.closed_ms else Markup(),
            )
            for job in file.jobs
        ]
        return joined(markup.heading(say("jobs")), markup.box("pb-card", *lines)) if lines else Markup()

    def _readings(self, file: VehicleFile) -> Markup:
        say = self.say
        lines = [
            markup.box(
                "pb-line",
                markup.box("pb-number pb-grow", say("km", km=f"{reading.km:,}")),
                markup.badge(say("misread"), "is-low") if reading.falls else Markup(),
                markup.box("pb-soft pb-small", f"{day_of(reading.at_ms, self.zone)} {reading.told_by}"),
            )
            for reading in file.readings[:12]
        ]
        return joined(markup.heading(say("readings")), markup.box("pb-card", *lines)) if lines else Markup()

    def _changes(self, changes: Sequence[ChangeView]) -> Markup:
        say = self.say
        lines = [
            markup.box(
                "pb-line",
                markup.box("pb-soft pb-small pb-nowrap", clock_of(each.at_ms, self.zone)),
                markup.box(
                    "pb-grow",
                    f"{say(f'field_{each.field}')}: {each.before or '–'} → {each.after or '–'}",
                ),
                markup.box("pb-soft pb-small", each.told_by),
            )
            for each in changes[:50]
        ]
        return joined(markup.heading(say("changes")), markup.box("pb-card", *lines)) if lines else Markup()


def name_of(vehicle: VehicleView) -> str:
    """What a file is called where it is named beside others."""
    return " · ".join(filter(None, (vehicle.plate, vehicle.vin))) or vehicle.id
