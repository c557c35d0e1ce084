"""Imports: send a file, see what became of those before it, take the catalogue out as a file."""

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from cloud.catalogue.imports.import_views import ImportRunView, runs
from cloud.catalogue.imports.kinds import SHAPES
from cloud.pages import import_words
from cloud.pages.addresses import segment
from cloud.pages.import_words import draw_state, kind_name
from cloud.pages.visit import Visit, show
from cloud.tenancy import TenantId
from page_kit.address import page
from page_kit.language import Texts
from page_kit.live_part import Ages
from page_kit.look import box, empty, heading, link_card, text, title

RUNS_SHOWN = 30
TEXTS: Texts = {
    "imports": ("导入", "Imports"),
    "imports_lead": (
        "配件、对照号、适用车型、价格、VIN 车型表和车辆，来自 CSV、XLSX 或 ACES 文件。先预览，再一次写入。",
        "Parts, cross-references, fitment, prices, VIN models and vehicles from CSV, XLSX or ACES files. "
        "Previewed first, then taken over at once.",
    ),
    "choose_file": ("选择文件", "Choose a file"),
    "file_hint": (
        "CSV、XLSX、ACES XML，也可以是 .gz 或 .zip，最大 64 MB、50 万行。",
        "CSV, XLSX, ACES XML, also as .gz or .zip; up to 64 MB and 500,000 lines.",
    ),
    "runs": ("最近的导入", "Latest imports"),
    "no_runs": ("还没有导入过文件", "No file has been imported yet"),
    "no_runs_why": ("选择一个文件开始。", "Choose a file to begin."),
    "counts": (
        "{lines} 行 · 可用 {accepted} · 拒绝 {refused}",
        "{lines} lines · {accepted} accepted · {refused} refused",
    ),
    "exports": ("导出", "Take the catalogue out"),
    "exports_lead": (
        "导出的文件可以原样再导入。",
        "What is exported can be imported again as it is.",
    ),
}
_SEND = """(event) => {
  const file = event.target.files[0], said = document.getElementById("pb-sent");
  if (!file) return;
  const asked = new XMLHttpRequest();
  asked.open("POST", "/api/imports?file_name=" + encodeURIComponent(file.name.slice(-200)));
  asked.setRequestHeader("Content-Type", "application/octet-stream");
  asked.upload.onprogress = (sent) => { said.textContent = Math.round(100 * sent.loaded / sent.total) + " %"; };
  asked.onload = () => {
    let answer = {};
    try { answer = JSON.parse(asked.responseText); } catch (broken) { answer = {}; }
    if (asked.status === 202) location.href = "/imports/" + answer.id;
    else said.textContent = typeof answer.detail === "string" ? answer.detail : String(asked.status);
  };
  asked.onerror = () => { said.textContent = "–"; };
  asked.send(file);
}"""


def register() -> None:
    """Add the page."""

    @page("/imports")
    async def imports(request: Request) -> Response | None:
        return await show(request, (import_words.TEXTS, TEXTS), _build, "edit_catalogue")


async def _build(visit: Visit) -> None:
    def query(session: Session, tenant: TenantId) -> list[ImportRunView]:
        return runs(session, tenant, "", RUNS_SHOWN)

    found = await visit.read(query)
    say = visit.say
    with visit.frame():
        title(say("imports"), say("imports_lead"))
        _draw_upload(visit)
        heading(say("runs"))
        await visit.follow(query, lambda rows, ages: _draw(visit, rows, ages), found)
        heading(say("exports"))
        text(say("exports_lead"), "pb-soft pb-small")
        _draw_exports(visit)


def _draw_upload(visit: Visit) -> None:
    with box("pb-card"):
        with box("pb-row pb-wrap"):
            with box("pb-button is-main pb-file", "label"):
                text(visit.say("choose_file"), "", "span")
                made = box("", "input").props('type=file accept=".csv,.txt,.tsv,.xlsx,.xlsm,.xml,.gz,.zip"')
                made.props["aria-label"] = visit.say("choose_file")
                made.on("change", js_handler=_SEND)
            text("", "pb-strong").props("id=pb-sent role=status")
        text(visit.say("file_hint"), "pb-soft pb-small pb-gap-above")


def _draw(visit: Visit, found: list[ImportRunView], ages: Ages) -> None:
    say = visit.say
    if not found:
        empty(say("no_runs"), say("no_runs_why"))
    with box("pb-cards"):
        for run in found:
            with link_card(f"/imports/{segment(run.id)}"):
                with box("pb-row pb-between pb-top"):
                    text(run.file_name, "pb-card-title pb-grow")
                    draw_state(say, run.state)
                with box("pb-row pb-wrap pb-tight pb-soft pb-small"):
                    text(kind_name(say, run.kind, run.state))
                    ages.show(run.made_ms, "")
                if run.lines:
                    counts = say("counts", lines=run.lines, accepted=run.accepted, refused=run.refused)
                    text(counts, "pb-small" if not run.refused else "pb-small is-low")


def _draw_exports(visit: Visit) -> None:
    rights = {"prices": "see_prices", "vehicles": "see_vehicles"}
    with box("pb-table pb-gap-above", "table"), box("", "tbody"):
        for kind, shape in SHAPES.items():
            if kind in rights and not visit.person.may(rights[kind]):  # type: ignore[arg-type]
                continue
            with box("", "tr"):
                text(shape.name(visit.say.language), "pb-strong", "td")
                with box("", "td"), box("pb-buttons"):
                    for form in ("csv", "xlsx", *(["xml"] if kind == "fitment" else [])):
                        made = text("ACES" if form == "xml" else form.upper(), "pb-button is-quiet", "a")
                        made.props["href"] = f"/api/exports/{kind}?format={form}&language={visit.say.language}"
                        made.props["download"] = f"{kind}.{form}"
