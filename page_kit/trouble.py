"""What is not as it should be with a gateway and its cabinets, in sentences for whoever owns the shop.

Pure but for `draw_troubles`: numbers and times in, sentences out, each said once and only when there is something to
say. The kiosk and the dealer's pages share it. Times are milliseconds since 1970-01-01 UTC, 0 for never; a number of
-1 is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from page_kit import markup
from page_kit.language import Say, Texts
from page_kit.live_part import Ages
from page_kit.look import box, text
from page_kit.markup import Markup

WAITING_MS = 10 * 60_000  # what has waited for the cloud for less is on its way
SESSIONS_A_DAY = 30
LOW_SESSIONS = 3 * SESSIONS_A_DAY

TEXTS: Texts = {
    "trouble_cannot_write": (
        "网关的磁盘写不进去。柜子照常能开，记录留在柜子里；腾出空间后会自动补上。",
        "The gateway cannot write to its disk. Cabinets still open and keep their records; "
        "these are taken in as soon as there is room.",
    ),
    "trouble_disk_low": ("网关的磁盘只剩 {free}。", "The gateway's disk has only {free} left."),
    "trouble_disk_days": (
        "网关的磁盘只剩 {free}，按现在的速度还够 {days} 天。",
        "The gateway's disk has only {free} left; days at the present rate: {days}.",
    ),
    "trouble_document_refused": (
        "网关用不了云端新送来的店铺资料，仍按旧的工作：请升级网关。",
        "The gateway cannot use the newest data of the shop and works by the old: please upgrade it.",
    ),
    "trouble_outbox": ("{count} 条还没有传到云端。", "Records not in the cloud yet: {count}."),
    "trouble_quarantined": (
        "{count} 条消息看不懂，原样留着等人处理。",
        "Messages not understood, kept as they came: {count}.",
    ),
    "trouble_broken": ("{count} 条消息损坏，已请柜子重发。", "Damaged messages asked for again: {count}."),
    "trouble_backlog": ("柜子里还有 {count} 条记录没有取到。", "Records still in the cabinet: {count}."),
    "trouble_never_came": ("{count} 条记录再也收不到了。", "Records that will never come: {count}."),
    "trouble_journal_full": (
        "柜子的记录存满了，暂时不再开门，等网关取走记录。",
        "The cabinet's memory is full: it lets nobody in until the gateway has taken its records in.",
    ),
    "trouble_journal_low": (
        "柜子里大约还能记 {sessions} 次开柜，忙的时候一天有 {a_day} 次。",
        "Sessions that the cabinet has room for: {sessions}. A busy day has {a_day}.",
    ),
    "trouble_left_out": (
        "柜子存满的时候漏记了 {count} 条。",
        "Events not recorded while the cabinet's memory was full: {count}.",
    ),
    "when_since": ("始于", "since"),
    "when_oldest": ("最早一条", "the oldest"),
    "when_last": ("最近一次", "the last"),
    "when_taken_in": ("取到的最后一条", "the last one taken in"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One sentence: which, its numbers, how bad (`is-wrong`, `is-low`), and the time it is about (0: none)."""

    key: str
    kind: str
    values: tuple[tuple[str, object], ...] = ()
    when: str = ""
    then_ms: int = 0

    def sentence(self, say: Say) -> str:
        """The sentence in the page's language."""
        return say(f"trouble_{self.key}", **dict(self.values))


@dataclass(frozen=True, slots=True)
class GatewayFacts:
    """What is known of a gateway."""

    outbox_backlog: int = 0
    outbox_oldest_ms: int = 0
    quarantined: int = 0
    quarantine_oldest_ms: int = 0
    broken: int = 0
    broken_ms: int = 0
    cannot_write_since_ms: int = 0
    disk_free_bytes: int = -1
    disk_days: int = -1
    disk_low: bool = False
    document_refused: bool | str = False


@dataclass(frozen=True, slots=True)
class CabinetFacts:
    """What is known of a cabinet."""

    journal_backlog: int = 0
    taken_in_ms: int = 0
    never_came: int = 0
    never_came_ms: int = 0
    journal_room_sessions: int = -1
    journal_full: bool = False
    left_out: int = 0


def gateway_troubles(facts: GatewayFacts, now_ms: int) -> tuple[Trouble, ...]:
    """What is wrong with a gateway, the worst first."""
    found = []
    if facts.cannot_write_since_ms:
        found.append(Trouble("cannot_write", "is-wrong", (), "since", facts.cannot_write_since_ms))
    if facts.disk_low:
        found.append(_disk_low(facts))
    if facts.document_refused:
        found.append(Trouble("document_refused", "is-wrong"))
    if facts.outbox_backlog and now_ms - facts.outbox_oldest_ms > WAITING_MS:
        found.append(_counted("outbox", "is-low", facts.outbox_backlog, "oldest", facts.outbox_oldest_ms))
    if facts.quarantined:
        found.append(_counted("quarantined", "is-wrong", facts.quarantined, "oldest", facts.quarantine_oldest_ms))
    if facts.broken:
        found.append(_counted("broken", "is-low", facts.broken, "last", facts.broken_ms))
    return _worst_first(found)


def _disk_low(facts: GatewayFacts) -> Trouble:
    free = ("free", storage(facts.disk_free_bytes))
    if facts.disk_days < 0:
        return Trouble("disk_low", "is-wrong", (free,))
    return Trouble("disk_days", "is-wrong", (free, ("days", facts.disk_days)))


def cabinet_troubles(facts: CabinetFacts) -> tuple[Trouble, ...]:
    """What is wrong with a cabinet's records, the worst first."""
    found = []
    if facts.journal_full:
        found.append(Trouble("journal_full", "is-wrong"))
    elif 0 <= facts.journal_room_sessions < LOW_SESSIONS:
        room = (("sessions", facts.journal_room_sessions), ("a_day", SESSIONS_A_DAY))
        found.append(Trouble("journal_low", "is-low", room))
    if facts.journal_backlog:
        found.append(_counted("backlog", "is-low", facts.journal_backlog, "taken_in", facts.taken_in_ms))
    if facts.never_came:
        found.append(_counted("never_came", "is-wrong", facts.never_came, "last", facts.never_came_ms))
    if facts.left_out:
        found.append(_counted("left_out", "is-wrong", facts.left_out))
    return _worst_first(found)


def _worst_first(found: list[Trouble]) -> tuple[Trouble, ...]:
    return tuple(sorted(found, key=lambda trouble: trouble.kind != "is-wrong"))


def _counted(key: str, kind: str, count: int, when: str = "", then_ms: int = 0) -> Trouble:
    return Trouble(key, kind, (("count", count),), when if then_ms else "", then_ms)


def storage(size_bytes: int) -> str:
    """`850 MB`, `12.3 GB`; never rounded up."""
    if size_bytes < 1_000_000_000:
        return f"{max(0, size_bytes) // 1_000_000} MB"
    return f"{size_bytes // 100_000_000 / 10} GB"


def troubles_markup(say: Say, troubles: Sequence[Trouble]) -> list[Markup]:
    """As `draw_troubles`, for what is drawn as text."""
    return [
        markup.box(
            f"pb-trouble {trouble.kind}",
            markup.box("", trouble.sentence(say)),
            markup.box(
                "pb-row pb-tight pb-small",
                markup.box("", say(f"when_{trouble.when}")),
                markup.age(say, trouble.then_ms, ""),
            )
            if trouble.when
            else Markup(),
        )
        for trouble in troubles
    ]


def draw_troubles(say: Say, troubles: Sequence[Trouble], ages: Ages) -> None:
    """Each as a sentence with its age under it; nothing at all when there are none."""
    for trouble in troubles:
        with box(f"pb-trouble {trouble.kind}"):
            text(trouble.sentence(say))
            if trouble.when:
                with box("pb-row pb-tight pb-small"):
                    text(say(f"when_{trouble.when}"))
                    ages.show(trouble.then_ms, "")
