"""What a search and a VIN say of themselves, in sentences of both languages. Pure: values in, text out."""

from typing import Final

from cloud.catalogue.search_views import How, Understood
from cloud.catalogue.vin_views import Known, VinAnswer, VinFinding
from edge_gateway.part_words import make_name, thing_name
from page_kit.language import Say, Texts

TEXTS: Texts = {
    "kind_vin": ("VIN", "VIN"),
    "kind_vin_tail": ("VIN 后 8 位", "last 8 of a VIN"),
    "kind_plate": ("车牌", "plate"),
    "kind_part_number": ("零件号", "part number"),
    "kind_oe_number": ("OE 号", "OE number"),
    "kind_competitor_number": ("其他品牌号", "another brand's number"),
    "kind_old_number": ("旧零件号", "old number"),
    "kind_gtin": ("条形码", "bar code"),
    "kind_beginning": ("号码开头", "beginning of a number"),
    "kind_thing": ("配件", "part"),
    "kind_make": ("品牌", "make"),
    "kind_model": ("车型", "model"),
    "kind_engine": ("发动机", "engine"),
    "kind_words": ("名称", "words"),
    "kind_nothing": ("看不懂", "not understood"),
    "read_as": ("{text}（{kind}）", "{text} ({kind})"),
    "read_as_value": ("{text} → {value}（{kind}）", "{text} → {value} ({kind})"),
    "read_mistyped": (
        "{text} → {value}（{kind}，已纠正输入错误）",
        "{text} → {value} ({kind}, typing error put right)",
    ),
    "read_left_out": ("{text}（没有找到，已忽略）", "{text} (not found, left out)"),
    "how_part_number": ("零件号", "part number"),
    "how_oe": ("OE 号", "OE"),
    "how_competitor": ("对照号", "cross-reference"),
    "how_old": ("旧号", "old number"),
    "how_gtin": ("条形码", "bar code"),
    "how_beginning": ("号码开头", "begins so"),
    "how_mistyped": ("相近号码", "one character off"),
    "how_fits": ("适用", "fits"),
    "vin_corrected": (
        "第 {position} 位的 {found} 按 {taken} 读：VIN 里没有字母 I、O、Q",
        "character {position} is read as {taken}, not {found}: a VIN has no I, O or Q",
    ),
    "vin_length": ("应有 17 位，现有 {found} 位", "expected 17 characters, found {found}"),
    "vin_character": (
        "第 {position} 位是 {found}，VIN 里没有这个字符",
        "character {position} is {found}, which no VIN has",
    ),
    "vin_check_digit": (
        "校验位（第 9 位）应为 {expected}，现为 {found}：有一位输错了",
        "the check digit (character 9) should be {expected}, found {found}: something is mistyped",
    ),
    "vin_check_digit_china": (
        "校验位（第 9 位）应为 {expected}，现为 {found}：请核对，国产车按 GB 16735 应当相符",
        "the check digit (character 9) should be {expected}, found {found}: please check, vehicles of China keep it",
    ),
    "vin_check_digit_elsewhere": (
        "校验位（第 9 位）为 {found}，算出来是 {expected}：产地不强制校验位，仅供核对",
        "character 9 is {found} where a check digit would be {expected}: it is not demanded where this VIN is from",
    ),
    "vin_no_year": ("第 10 位的 {found} 不表示年份", "character 10 is {found}, which is no model year"),
    "source_model_table": ("自有车型表", "your table of models"),
    "source_vpic": ("NHTSA vPIC", "NHTSA vPIC"),
    "source_wmi": ("厂家代号", "maker's identifier"),
    "source_vin": ("VIN 年份位", "the VIN's own year"),
    "source_vehicle_file": ("车辆档案", "the vehicle's file"),
    "sure_sure": ("确定", "sure"),
    "sure_likely": ("很可能", "likely"),
    "sure_guess": ("推测", "a guess"),
}
_PLAIN: Final = frozenset({"vin", "plate", "part_number", "words", "beginning", "model", "engine"})


def understood(say: Say, piece: Understood) -> str:
    """How one piece of a text was taken."""
    kind = say(f"kind_{piece.kind}")
    if not piece.found:
        return say("read_left_out", text=piece.text) if piece.kind != "nothing" else kind
    value = _value(say, piece)
    if piece.mistyped:
        return say("read_mistyped", text=piece.text, value=value, kind=kind)
    if piece.kind in _PLAIN or value.casefold() == piece.text.casefold():
        return say("read_as", text=value if piece.kind in {"vin", "plate", "part_number"} else piece.text, kind=kind)
    return say("read_as_value", text=piece.text, value=value, kind=kind)


def _value(say: Say, piece: Understood) -> str:
    if piece.kind == "thing":
        return say.name(*thing_name(piece.value))
    if piece.kind == "make":
        return say.name(*make_name(piece.value))
    return piece.value


def how(say: Say, found: How) -> str:
    """By what a part was found; "" for words, which say it themselves."""
    return "" if found == "words" else say(f"how_{found}")


def finding(say: Say, found: VinFinding) -> str:
    """What is to be known about a VIN."""
    return say(f"vin_{found.key}", **found.values)


def known(say: Say, fact: Known) -> str:
    """Where a fact comes from and how sure it is."""
    return f"{say(f'source_{fact.source}')} · {say(f'sure_{fact.sure}')}"


def vehicle(answer: VinAnswer) -> str:
    """What a vehicle is called: make, model, engine, year, as far as they are known."""
    facts = (answer.vehicle.make, answer.vehicle.model, answer.vehicle.engine, answer.vehicle.year)
    return " ".join(fact.value for fact in facts if fact)
