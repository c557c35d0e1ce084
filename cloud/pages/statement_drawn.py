"""How a statement looks on its page: the sums first, then job by job, and what is open beside it. Draws only."""

from cloud.pages.addresses import vehicle_path
from cloud.work.money import money_text, rate_text
from cloud.work.shop_time import clock_of
from cloud.work.statement_note import note_of
from cloud.work.statement_views import StatementJob, StatementLine, StatementView
from page_kit import markup
from page_kit.language import Say, Texts
from page_kit.markup import Markup, joined
from page_kit.quantity import change, quantity

TEXTS: Texts = {
    "as_pdf": ("PDF", "PDF"),
    "as_csv": ("CSV", "CSV"),
    "close_month": ("关账", "Close the month"),
    "close_sure": (
        "关账 {month}？关账后不再改动；之后到的记录会作为更正列在下一期。",
        "Close {month}? It never changes again; what comes later is a correction on the next one.",
    ),
    "close_first_sure": (
        "从 {month} 开始关账？更早的月份还没有关，以后不会再开账单。",
        "Begin with {month}? Earlier months are open, and no statement will ever bill them.",
    ),
    "closed_mark": ("已关账", "closed"),
    "days_span": ("{first} 至 {last}", "{first} to {last}"),
    "taken_back": ("领用 {taken}，退回 {back}", "{taken} taken, {back} back"),
    "price_each": ("单价 {price}", "{price} each"),
    "with_tax": ("含税 {rate}", "{rate} tax"),
    "job_total": ("小计", "Job"),
    "to_prices": ("去定价", "Say the price"),
    "see_questions": ("去看差异", "See the discrepancies"),
}


def draw_statement(say: Say, view: StatementView, shop: str) -> Markup:
    """The whole statement."""
    jobs = [_job(say, job, shop) for job in view.jobs]
    return joined(
        _head(say, view),
        joined(*jobs) if jobs else markup.box("pb-gap-above", markup.empty(say("nothing"))),
        _rates(say, view),
        _questions(say, view),
    )


def _head(say: Say, view: StatementView) -> Markup:
    closed = (
        say("closed", day=clock_of(view.closed_ms, view.time_zone), who=view.closed_by)
        if view.closed_ms
        else say("open")
    )
    totals = [
        markup.box(
            "pb-figure",
            markup.box("pb-huge", money_text(total.gross_minor, total.currency)),
            markup.box(
                "pb-soft",
                f"{say('net')} {money_text(total.net_minor, total.currency)} · "
                f"{say('tax')} {money_text(total.tax_minor, total.currency)}",
            ),
        )
        for total in view.totals
    ]
    unpriced = [markup.box("pb-trouble pb-gap-above", say("unpriced", count=view.unpriced))] if view.unpriced else []
    return markup.box(
        "pb-card",
        markup.tag("h1", say("of", month=view.month), class_="pb-h1"),
        markup.box("", f"{view.dealer_name} → {view.shop_name}"),
        markup.box("pb-figures pb-statement-totals pb-gap-above", *totals),
        markup.box("pb-row pb-wrap pb-gap-above", markup.badge(closed, "is-good" if view.closed_ms else "is-low")),
        *unpriced,
    )


def _job(say: Say, job: StatementJob, shop: str) -> Markup:
    named = job.job or say("no_job")
    vehicle = " · ".join(filter(None, (job.plate, job.model)))
    ways = []
    if job.vehicle:
        ways = [markup.link("pb-way pb-plate pb-strong", vehicle_path(shop, job.vehicle), vehicle or job.vehicle)]
    return markup.box(
        "pb-card pb-gap-above",
        markup.box(
            "pb-row pb-between pb-wrap pb-top",
            markup.box(
                "pb-grow", markup.box("pb-card-title", job.title or named), markup.box("pb-code", job.job), *ways
            ),
            markup.box("pb-number", _sum(job)),
        ),
        *(_line(say, line) for line in job.lines),
    )


def _sum(job: StatementJob) -> str:
    sums: dict[str, int] = {}
    for line in job.lines:
        if line.net_minor is not None and line.tax_minor is not None:
            sums[line.currency] = sums.get(line.currency, 0) + line.net_minor + line.tax_minor
    return " + ".join(money_text(amount, currency) for currency, amount in sorted(sums.items()))


def _line(say: Say, line: StatementLine) -> Markup:
    name = say.name(line.part.name_zh, line.part.name_en)
    days = (
        line.first_day
        if line.first_day == line.last_day
        else say("days_span", first=line.first_day, last=line.last_day[5:])
    )
    told = [days]
    if line.taken and line.back:
        told.append(say("taken_back", taken=line.taken, back=-line.back))
    note = note_of(say, line)
    is_back = line.quantity < 0
    amount = (change if is_back else quantity)(line.quantity, line.part.unit, say.language)
    return markup.box(
        "pb-line pb-use",
        markup.box(f"pb-number pb-change {'is-low' if is_back else ''}".strip(), amount),
        markup.box(
            "pb-grow",
            markup.box("pb-strong", name),
            markup.box("pb-code", line.part.number) if name != line.part.number else Markup(),
            markup.box("pb-soft pb-small", " · ".join(told)),
            markup.badge(note, "is-low") if note else Markup(),
        ),
        _money(say, line),
    )


def _money(say: Say, line: StatementLine) -> Markup:
    if line.price_minor is None or line.net_minor is None or line.tax_minor is None:
        return markup.box("pb-use-side", markup.badge(say("needs_price"), "is-wrong"))
    return markup.box(
        "pb-use-side",
        markup.box("pb-number", money_text(line.net_minor, line.currency)),
        markup.box("pb-soft pb-small", say("price_each", price=money_text(line.price_minor, line.currency))),
        markup.box("pb-soft pb-small", f"+ {money_text(line.tax_minor, line.currency)} ({rate_text(line.tax_ppm)})"),
    )


def _rates(say: Say, view: StatementView) -> Markup:
    if not view.rates:
        return Markup()
    names = ("rate", "net", "tax", "gross")
    head = markup.tag(
        "thead", markup.tag("tr", *(_cell(say(name), head=True, figure=name != "rate") for name in names))
    )
    rows = [
        markup.tag(
            "tr",
            _cell(f"{rate.currency} {rate_text(rate.tax_ppm)}"),
            *(
                _cell(money_text(amount, rate.currency), figure=True, name=say(key))
                for key, amount in (
                    ("net", rate.net_minor),
                    ("tax", rate.tax_minor),
                    ("gross", rate.net_minor + rate.tax_minor),
                )
            ),
        )
        for rate in view.rates
    ]
    return joined(
        markup.heading(say("by_rate")),
        markup.tag("table", head, markup.tag("tbody", *rows), class_="pb-table pb-rates"),
        markup.box("pb-soft pb-small pb-gap-above", say("rounding")),
    )


def _cell(content: str, *, head: bool = False, figure: bool = False, name: str | None = None) -> Markup:
    classes = "is-figure" if figure else None
    return markup.tag("th" if head else "td", content, class_=classes, data_name=name)


def _questions(say: Say, view: StatementView) -> Markup:
    if not view.questions:
        return Markup()
    lines = [
        markup.box(
            "pb-line",
            markup.box("pb-soft pb-small pb-nowrap", clock_of(asked.opened_ms, view.time_zone)),
            markup.box(
                "pb-grow",
                say(
                    "question",
                    cabinet=asked.cabinet,
                    bin=asked.bin,
                    part=say.name(asked.part.name_zh, asked.part.name_en) if asked.part else say("any_part"),
                ),
            ),
        )
        for asked in view.questions
    ]
    return joined(markup.heading(say("questions")), markup.box("pb-card", *lines))
