"""What the planogram check found, in words and as a file.

Pure, but for `run`, the command: it reads one file and prints.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edge_gateway.counting.separability import Alike, Taking, seen_mg
from edge_gateway.planogram_check import CheckedBin, Reason, check_planogram
from edge_gateway.shop_document import DocumentError, Part, ShopDocument, decode_document
from page_kit.language import Language, Say, Texts

TEXTS: Texts = {
    "alike": (
        "{one}与{other}分不清：相差 {apart}，波动 {sigma}，这样的取用有 {wrong} 会记错",
        "{one} looks like {other}: {apart} apart, {sigma} spread: wrong in {wrong} of such takes",
    ),
    "only_tags": (
        "重量分不清，只能靠标签区分：{parts}",
        "told apart by their tags only, not by weight: {parts}",
    ),
    "too_light": (
        "{part} 每件 {mass}，这种称重传感器至少要 {least} 才能数清：请按克管理",
        "{part} weighs {mass}, which this cell does not show ({least} at least): keep it in grams",
    ),
    "no_mass": (
        "{part} 没有单件重量，不能和别的配件放在一起",
        "{part} has no unit mass, so it cannot share a bin",
    ),
    "no_mass_alone": (
        "{part} 没有单件重量，无法计数",
        "{part} has no unit mass, so it cannot be counted",
    ),
    "overloaded": (
        "装满时重 {full}，超过传感器的量程 {most}",
        "weighs {full} when it is full, more than its cell can ({most})",
    ),
    "nothing": ("什么都没拿", "nothing"),
    "pieces": ("{count} 个 {part}", "{count} x {part}"),
    "with_mass": ("{pieces}（{mass}）", "{pieces} ({mass})"),
    "each": ("每个 {mass}", "{mass} each"),
    "share": ("预计 {wrong} 的取用会记错", "{wrong} of its sessions would be counted wrong"),
    "place": ("{cabinet} 货位 {bin}", "{cabinet} bin {bin}"),
    "refused": ("不合格", "refused"),
    "warned": ("警告", "warned"),
    "fine": ("合格", "fine"),
    "summary": (
        "{bins} 个货位：{refused} 个不合格，{warned} 个警告",
        "{bins} bins: {refused} refused, {warned} warned about",
    ),
}
SAYS: Mapping[Language, Say] = {language: Say(language, TEXTS) for language in ("zh", "en")}


def run(file: Path, json_file: Path | None, language: Language) -> int:
    """The command: check a document's planogram, say what is not fine; 1 when something is refused."""
    document = _read(file)
    checked = check_planogram(document)
    for line in lines(checked, SAYS[language]):
        print(line)  # noqa: T201 - what a person called it for
    if json_file:
        json_file.write_text(json.dumps(as_table(document, checked), ensure_ascii=False, indent=2) + "\n")
    return int(any(found.verdict == "refused" for found in checked))


def _read(file: Path) -> ShopDocument:
    try:
        return decode_document(file.read_bytes())
    except OSError as error:
        raise DocumentError(f"expected a shop's document at {file}, found none ({error.strerror})") from error


def lines(checked: Sequence[CheckedBin], say: Say) -> list[str]:
    """Every bin that is not fine with its reasons, and how many there are of each kind."""
    told = [line for found in checked if found.verdict != "fine" for line in bin_lines(found, say)]
    verdicts = [found.verdict for found in checked]
    counts = {verdict: verdicts.count(verdict) for verdict in ("refused", "warned")}
    return [*told, say("summary", bins=len(checked), refused=counts["refused"], warned=counts["warned"])]


def bin_lines(found: CheckedBin, say: Say) -> list[str]:
    """Where it is, what it holds, the verdict with its share; then why, one sentence each."""
    parts = ", ".join(part.number for part in found.parts)
    place = say("place", cabinet=found.cabinet, bin=found.bin)
    head = f"{place} ({found.cell.name}: {parts}): {say(found.verdict)}"
    if found.check.wrong_ppm:
        head = f"{head}, {say('share', wrong=percent(found.check.wrong_ppm))}"
    return [head, *(f"  {_sentence(say, found, reason)}" for reason in found.reasons)]


def _sentence(say: Say, checked: CheckedBin, reason: Reason) -> str:
    about = reason.about
    if isinstance(about, Alike):
        return say(
            "alike",
            one=_outcome(say, about.one, checked.parts),
            other=_outcome(say, about.other, checked.parts),
            apart=grams(about.apart_mg),
            sigma=grams(about.sigma_mg),
            wrong=percent(about.wrong_ppm),
        )
    match reason.what:
        case "too_light":
            mass = next(part.unit_mass_mg for part in checked.parts if part.number == about[0])
            return say("too_light", part=about[0], mass=grams(mass), least=grams(round(seen_mg(checked.cell))))
        case "overloaded":
            return say("overloaded", full=kilograms(checked.full_mg), most=kilograms(checked.cell.capacity_mg))
        case "only_tags":
            return say("only_tags", parts=", ".join(about))
        case _:
            return say(reason.what, part=about[0])


def _outcome(say: Say, outcome: Taking, parts: Sequence[Part]) -> str:
    if not outcome.pieces:
        return say("nothing")
    masses = {part.number: part.unit_mass_mg for part in parts}
    return " + ".join(
        say(
            "with_mass",
            pieces=say("pieces", count=count, part=part),
            mass=grams(masses[part]) if count == 1 else say("each", mass=grams(masses[part])),
        )
        for part, count in outcome.pieces
    )


def grams(mg: int) -> str:
    """`512 g`, `24.6 g`, `0.3 g`: as exact as it matters."""
    return f"{mg / 1000:.0f} g" if abs(mg) >= 100_000 else f"{mg / 1000:.1f}".removesuffix(".0") + " g"


def kilograms(mg: int) -> str:
    """`12.4 kg`."""
    return f"{mg / 1_000_000:.1f}".removesuffix(".0") + " kg"


def percent(ppm: int) -> str:
    """`31 %`, `4.2 %`, `0.02 %`."""
    share = ppm / 10_000
    return f"{share:.0f} %" if share >= 10 else f"{share:.1f} %" if share >= 0.1 else f"{share:.2g} %"


# ---- as a file ----


def as_table(document: ShopDocument, checked: Sequence[CheckedBin]) -> dict[str, Any]:
    """The whole check as it is written to a file: every bin, its share, and why, in both languages."""
    return {
        "shop": document.shop,
        "version": document.version,
        "refused": sum(found.verdict == "refused" for found in checked),
        "warned": sum(found.verdict == "warned" for found in checked),
        "bins": [_row(found) for found in checked],
    }


def _row(found: CheckedBin) -> dict[str, Any]:
    return {
        "cabinet": found.cabinet,
        "bin": found.bin,
        "cell": found.cell.name,
        "parts": [part.number for part in found.parts],
        "verdict": found.verdict,
        "wrong_ppm": found.check.wrong_ppm,
        "full_mg": found.full_mg,
        "why": [
            {
                "what": reason.what,
                **_facts(reason),
                **{language: _sentence(say, found, reason) for language, say in SAYS.items()},
            }
            for reason in found.reasons
        ],
    }


def _facts(reason: Reason) -> dict[str, Any]:
    if not isinstance(reason.about, Alike):
        return {}
    pair = reason.about
    return {
        "one": dict(pair.one.pieces),
        "other": dict(pair.other.pieces),
        "apart_mg": pair.apart_mg,
        "sigma_mg": pair.sigma_mg,
        "wrong_ppm": pair.wrong_ppm,
    }
