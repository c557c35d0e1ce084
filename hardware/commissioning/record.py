"""The record of a commissioning: JSON for programs, a page in each language for people, to print and to sign.

It holds what was measured and by what, never a secret.
"""

import json
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from hardware.commissioning import cell_classes, words
from hardware.commissioning.calibrating import mass_text
from hardware.commissioning.cell_check import grams
from hardware.commissioning.progress import Progress
from hardware.commissioning.terminal import sentence
from page_kit.language import LANGUAGES

_STYLE = """
:root { --ink: #14202b; --soft: #5b6b7a; --line: #d5dde4; --well: #14794e; --bad: #b3261e; --ground: #f5f7f9; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "Noto Sans SC", "Microsoft YaHei", sans-serif; color: var(--ink); margin: 0 auto;
  max-width: 62rem; padding: 2rem 1.25rem; }
header { display: flex; justify-content: space-between; align-items: flex-start; gap: 1rem; flex-wrap: wrap; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h1 small { display: block; color: var(--soft); font-size: 1rem; font-weight: 400; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
.verdict { border-radius: 999px; padding: .35rem 1rem; font-weight: 600; color: #fff; background: var(--well);
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.verdict.bad { background: var(--bad); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem 1.25rem;
  margin: 1.25rem 0 0; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: right; color: var(--soft); font-size: .8rem; font-weight: 500; padding: .4rem .5rem;
  vertical-align: bottom; }
td { text-align: right; padding: .35rem .5rem; border-top: 1px solid var(--line); white-space: nowrap; }
tr:first-child th:first-child, td:first-child { text-align: left; white-space: nowrap; }
th.over { text-align: center; border-bottom: 1px solid var(--line); }
.note { color: var(--soft); margin: 0 0 .5rem; }
td.said { text-align: left; white-space: normal; color: var(--bad); }
tr.bad td:first-child { color: var(--bad); font-weight: 600; }
ul { margin: 0; padding-left: 1.1rem; }
li.bad { color: var(--bad); }
footer { display: flex; gap: 2.5rem; margin-top: 2.75rem; color: var(--soft); flex-wrap: wrap; }
footer div { flex: 1 1 12rem; border-top: 1px solid var(--ink); padding-top: .3rem; }
@page { size: A4; margin: 14mm; }
@media print { body { padding: 0; font-size: 11.5px; max-width: none; } tr, li { break-inside: avoid; }
  thead { display: table-header-group; } td { padding: .2rem .5rem; } h2 { margin-top: 1rem; }
  footer { margin-top: 1.75rem; } }
"""


def write(found: Progress) -> list[Path]:
    """Write record.json, record.zh.html and record.en.html beside the progress; their paths."""
    folder = found.path.parent
    data = folder / "record.json"
    content = {
        **found.about,
        "bins_calibrated": found.bins,
        "findings": [each.as_row() for each in found.all_findings()],
        "steps": found.steps,
        "earlier": found.earlier,
    }
    data.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    pages = []
    for language in LANGUAGES:
        page = folder / f"record.{language}.html"
        page.write_text(html(found, language), encoding="utf-8")
        pages.append(page)
    return [data, *pages]


def html(found: Progress, language: words.Language) -> str:
    """The page."""
    say = words.say(language)
    about = found.about
    findings = found.all_findings()
    verdict = say("verdict_bad", count=len(findings)) if findings else say("verdict_fine")
    return f"""<!doctype html>
<html lang="{"zh-CN" if language == "zh" else "en"}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(say("record"))} {escape(about["cabinet"])}</title><style>{_STYLE}</style></head>
<body>
<header><h1><small>{escape(say("record"))}</small>{escape(about["cabinet"])}</h1>
<span class="verdict{" bad" if findings else ""}">{escape(verdict)}</span></header>
{_facts(found, say)}
{_findings(found, say)}
<h2>{escape(say("bins"))}</h2>
<p class="note">{escape(say("limits", limit=grams(_allowed_mg(about)), mass=mass_text(about["masses_mg"][1])))}</p>
{_bins(found, say)}
<h2>{escape(say("parts"))}</h2>
{_parts(found, say)}
{_earlier(found, say)}
<footer><div>{escape(say("who"))}: {escape(about["who"])}</div><div>{escape(say("signature"))}</div>
<div>{escape(say("when"))}</div></footer>
</body></html>
"""


def _facts(found: Progress, say: Any) -> str:
    about = found.about
    masses = []
    for at, mass_mg in enumerate(about["masses_mg"]):
        numbers = about["certificates"]
        number = f" ({say('certificate', number=numbers[at])})" if at < len(numbers) else ""
        masses.append(mass_text(mass_mg) + number)
    rows = [
        ("board", say.name(about.get("title_zh", ""), about["title"])),
        ("unique_id", about["unique_id"]),
        ("micropython", f"{about['version']} {about['build']}"),
        ("firmware", about.get("firmware", "")),
        ("locks", say(about["locks"]) if "locks" in about else "–"),
        ("cell_class", about["cells"]),
        ("masses", ", ".join(masses)),
        ("temperature", f"{about['temperature']} °C" if about["temperature"] else "–"),
        ("when", _date(max((step["at_ms"] for step in found.steps.values()), default=about["began_ms"]))),
        ("who", about["who"] or "–"),
    ]
    return (
        "<dl>"
        + "".join(f"<div><dt>{escape(say(key))}</dt><dd>{escape(text)}</dd></div>" for key, text in rows)
        + "</dl>"
    )


def _findings(found: Progress, say: Any) -> str:
    rows = [f'<li class="bad">{escape(sentence(each, say))}</li>' for each in found.all_findings()]
    return f"<h2>{escape(say('finding'))}</h2><ul>{''.join(rows)}</ul>" if rows else ""


def _bins(found: Progress, say: Any) -> str:
    heads = ["bin", "zero", "ng", "residual", "repeat", "back", "noise"]
    half, full = (mass_text(mass_mg) for mass_mg in found.about["masses_mg"])
    masses = ["0", half, full, "0", half]
    columns = len(heads) + len(masses) - 1
    rows = "".join(_bin(found, say, bin_, columns) for bin_ in range(1, found.about["bins"] + 1))
    head = "".join(f'<th rowspan="2">{escape(say(key))}</th>' for key in heads)
    over = f'<tr>{head}<th colspan="{len(masses)}" class="over">{escape(say("readings"))}</th></tr>'
    under = "".join(f"<th>{escape(each)}</th>" for each in masses)
    return f'<div class="wide"><table><thead>{over}<tr>{under}</tr></thead><tbody>{rows}</tbody></table></div>'


def _bin(found: Progress, say: Any, bin_: int, columns: int) -> str:
    row = found.bins.get(str(bin_))
    if row is None:
        causes = [each.cause for each in found.all_findings() if (each.where, each.number) == ("bin", bin_)]
        said = say("failed") if causes else "–"
        return f'<tr class="bad"><td>{bin_}</td><td class="said" colspan="{columns}">{escape(said)}</td></tr>'
    figures = [str(row["zero_counts"]), str(row["ng_per_count"])]
    figures += [grams(row[key]) for key in ("residual_mg", "repeat_mg", "back_mg", "noise_mg")]
    figures += [f"{row['readings'][key]['mean']:.0f}" for key in ("zero", "half", "full", "back", "again")]
    return f"<tr><td>{bin_}</td>" + "".join(f"<td>{each}</td>" for each in figures) + "</tr>"


def _parts(found: Progress, say: Any) -> str:
    bad = {(each.where, str(each.number or "")) for each in found.all_findings()}
    rows = []
    for name in found.steps:
        where, _, number = name.partition("/")
        if where not in ("door", "badge", "tags", "network", "clock"):
            continue
        title = say(f"at_{where}", **({"door": number} if number else {}))
        wrong = (where, number) in bad or (where, "") in bad
        rows.append(
            f"<li{' class=bad' if wrong else ''}>{escape(title)} · {escape(say('failed' if wrong else 'passed'))}</li>"
        )
    return f"<ul>{''.join(rows)}</ul>"


def _earlier(found: Progress, say: Any) -> str:
    rows = [
        f"<li>{escape(say('at_bin', bin=row['bin']))}: {_date(row['at_ms'])}, "
        f"{row['zero_counts']}, {row['ng_per_count']}</li>"
        for row in found.earlier
    ]
    return f"<h2>{escape(say('earlier'))}</h2><ul>{''.join(rows)}</ul>" if rows else ""


def _allowed_mg(about: dict[str, Any]) -> int:
    return cell_classes.CLASSES[about["cells"]].allowed_mg(about["masses_mg"][1])


def _date(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
