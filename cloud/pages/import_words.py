"""What the pages of imports share: states, kinds and the words for choices."""

from cloud.catalogue.imports.import_views import shape_named
from page_kit.language import Say, Texts
from page_kit.look import badge

TEXTS: Texts = {
    "state_previewed": ("待确认", "Waits for you"),
    "state_taken": ("已写入", "Taken over"),
    "state_refused": ("不能读取", "Cannot be read"),
    "state_dropped": ("已放弃", "Dropped"),
    "kind_unknown": ("正在读取", "Being read"),
    "kind_none": ("不认识的文件", "An unknown file"),
    "outcome_new": ("新增", "New"),
    "outcome_changed": ("修改", "Changed"),
    "outcome_same": ("相同", "As it was"),
    "outcome_removed": ("删除", "Removed"),
    "outcome_refused": ("拒绝", "Refused"),
    "parts_made": ("新配件", "New parts"),
    "as_found": ("自动识别", "As found"),
    "about_kind": ("这是什么文件？", "What is in the file?"),
    "about_encoding": ("文字编码", "Encoding"),
    "about_delimiter": ("分隔符", "Columns separated by"),
    "about_sheet": ("工作表", "Sheet"),
    "about_decimal": ("小数符号", "Decimal mark"),
    "about_mass_unit": ("质量的单位", "Unit of mass"),
    "about_money_unit": ("金额的单位", "Unit of money"),
    "about_reference_kind": ("对照号的种类", "What the numbers are"),
    "about_from_day": ("价格从哪天起有效？（如 2026-12-01）", "From which day are the prices? (as 2026-12-01)"),
    "about_shop": ("哪家店", "Which shop"),
    "about_all_or_nothing": ("有一行被拒绝就全部不写", "Take nothing over while a line is refused"),
    "about_new_parts": ("目录里没有的配件先按编号新建", "Add parts that the catalogue does not have"),
    "about_replace": (
        "替换：删除这些配件在文件里没有的对照号或适用车型",
        "Replace: remove references or fitment of these parts that the file does not have",
    ),
    "option_.": ("小数点 1,234.56", "Point: 1,234.56"),
    "option_,": ("小数逗号 1.234,56", "Comma: 1.234,56"),
    "option_mg": ("毫克 (mg)", "Milligrams"),
    "option_g": ("克 (g)", "Grams"),
    "option_kg": ("千克 (kg)", "Kilograms"),
    "option_major": ("元", "Yuan (whole units)"),
    "option_minor": ("分", "Fen (cents)"),
    "option_oe": ("原厂号 (OE)", "OE numbers"),
    "option_competitor": ("竞品号", "Competitors' numbers"),
    "option_old": ("旧号", "Old numbers"),
    "unit_piece": ("件", "piece"),
    "unit_gram": ("克", "gram"),
    "kind_oe": ("原厂号 (OE)", "OE number"),
    "kind_competitor": ("竞品号", "Competitor's number"),
    "kind_old": ("旧号", "Old number"),
    "option_utf-8": ("UTF-8", "UTF-8"),
    "option_gb18030": ("GB18030 (GBK)", "GB18030 (GBK)"),
    "option_utf-16": ("UTF-16", "UTF-16"),
    "option_big5": ("Big5", "Big5"),
    "option_windows-1252": ("Windows-1252", "Windows-1252"),
}
_KINDS = {"taken": "is-good", "refused": "is-wrong", "previewed": "is-low", "dropped": ""}


def draw_state(say: Say, state: str) -> None:
    """A run's state as a badge."""
    badge(say(f"state_{state}"), _KINDS.get(state, ""))


def kind_name(say: Say, kind: str, state: str = "refused") -> str:
    """What a kind is called; of a file that nobody has read, or could not read, it is not known."""
    if not kind:
        return say("kind_unknown" if state == "previewed" else "kind_none")
    return shape_named(kind).name(say.language)
