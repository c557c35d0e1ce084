"""The wiring page of a board, in Markdown: the diagram, its pins, and what supplies and buses have to carry."""

from collections.abc import Iterable

from hardware import boards, budgets, parts_list
from hardware.chips import module_of
from hardware.pin_uses import Board, pin_uses
from hardware.wiring_picture import blocks, picture
from hardware.wiring_words import title, word


def page_name(board: Board, language: str, ending: str) -> str:
    """The file of a page or a picture; English has no ending of its own."""
    return f"{board['name']}{'.zh-CN' if language == 'zh' else ''}.{ending}"


def page(board: Board, language: str) -> str:
    """The whole page."""
    other = page_name(board, "en" if language == "zh" else "zh", "md")
    low, high = parts_list.totals_usd(board)
    lines = [
        f"# {title(board, language)}",
        "",
        f"{word('generated', language)} [{word('other language', language)}]({other})",
        "",
        f"![{word('wiring of', language)} {board['name']}]({page_name(board, language, 'svg')})",
        "",
        f"- {word('micropython', language)}: `{board['micropython']}`",
        f"- [{word('parts', language)}](../bom/{board['name']}.csv): {low:.0f}–{high:.0f} USD",
        f"- [{word('guide', language)}](../../docs/hardware.md)",
        "",
        f"## {word('pins', language)}",
        "",
        *_pins(board, language),
        "",
        f"## {word('power', language)}",
        "",
        *_power(board, language),
        "",
        f"## {word('bus', language)}",
        "",
        *_buses(board, language),
        "",
    ]
    return "\n".join(lines)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    columns = list(head)
    return [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns), *(f"| {' | '.join(row)} |" for row in rows)]


def _pins(board: Board, language: str) -> list[str]:
    headings = {use: block.heading for block in blocks(board, language) for use in block.uses}
    rows = [(f"GPIO {use.pin}", headings[use], use.terminal) for use in pin_uses(board)]
    note = [f"{module_of(board).title}:", ""]
    return note + _table((word("pin", language), word("to", language), word("terminal", language)), rows)


def _power(board: Board, language: str) -> list[str]:
    head = [word(key, language) for key in ("supply", "volts", "from", "peak", "with margin", "gives")]
    rows = [
        (
            rail.name,
            f"{rail.volts:g} V",
            board["rails"][rail.name].get("from", "–"),
            f"{rail.ma:.0f} mA ({', '.join(f'{load.count} × {load.what}' for load in rail.loads)})",
            f"{rail.needed_ma:.0f} mA",
            f"{rail.max_ma:.0f} mA",
        )
        for rail in reversed(budgets.rails(board))
    ]
    return _table(head, rows)


def _buses(board: Board, language: str) -> list[str]:
    rows = [
        (word("scan", language), f"{budgets.scan_ms(board):.0f} ms", "70 ms"),
        (word("scan worst", language), f"{budgets.scan_ms_worst(board):.0f} ms", f"{board['watchdog_ms']} ms"),
    ]
    if "i2c" in board:
        rows.append((word("capacitance", language), f"{budgets.i2c_capacitance_pf(board):.0f} pF", "400 pF"))
        rows.append((word("rise", language), f"{budgets.i2c_rise_ns(board):.0f} ns", "300 ns"))
    if "nodes" in board.get("rs485", {}):
        exchange_ms = budgets.node_exchange_ms(board["rs485"]["baud"])
        rows.append((word("exchange", language), f"{exchange_ms:.1f} ms", "–"))
        rows.append((word("drop", language), f"{budgets.trunk_drop_volts(board):.2f} V", "1.2 V"))
    return _table([word(key, language) for key in ("what", "value", "limit")], rows)


def files(board: Board) -> dict[str, str]:
    """Every generated file of a board: its path below hardware/, and its text."""
    made = {f"bom/{board['name']}.csv": parts_list.csv_text(board)}
    for language in ("en", "zh"):
        made[f"wiring/{page_name(board, language, 'md')}"] = page(board, language)
        made[f"wiring/{page_name(board, language, 'svg')}"] = picture(board, language)
    return made


def all_files() -> dict[str, str]:
    """Those of all boards."""
    return {path: text for name in boards.names() for path, text in files(boards.load(name)).items()}
