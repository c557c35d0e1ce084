"""A search's answer as a few lines of text for a chat, in the language of the question. Pure."""

import re

from cloud.catalogue.answer_words import TEXTS as ANSWER_TEXTS
from cloud.catalogue.answer_words import finding, how, understood, vehicle
from cloud.catalogue.search_views import PartHit, SearchAnswer, StockPlace, VehicleHit
from page_kit.language import Language, Say, Texts
from page_kit.quantity import quantity

HITS_TOLD = 5

TEXTS: Texts = {
    "read_so": ("理解为：{words}", "Taken as: {words}"),
    "vehicle": ("车辆：{what}", "Vehicle: {what}"),
    "unknown_vehicle": ("车型未知", "not known"),
    "stock": ("现有 {stock}", "{stock} in stock"),
    "no_stock": ("无库存", "none in stock"),
    "place": ("{shop} {cabinet} 货位 {bin}：{stock}", "{shop}, {cabinet}, bin {bin}: {stock}"),
    "places": ("（{places}）", " ({places})"),
    "between": ("；", "; "),
    "replaced": ("已由 {part} 替代", "replaced by {part}"),
    "withdrawn": ("已停售", "withdrawn"),
    "more": (
        "共 {count} 个，先列 {shown} 个；再说具体些，比如加上车型或 VIN。",
        "{shown} of {count}: say more, a model or a VIN.",
    ),
    "nothing": (
        "没有找到“{text}”。可以发零件号、OE 号、VIN、车牌，或“解放 J6P 机滤”这样的几个词。",
        "Nothing found for “{text}”. "
        "Send a part number, a vehicle maker's number, a VIN, a plate, or a few words such as “oil filter J6P”.",
    ),
    "none_fit": ("目录里还没有适用这辆车的配件。", "The catalogue knows no part that fits this vehicle yet."),
    "ask": (
        "请发零件号、OE 号、VIN、车牌，或几个词，比如“解放 J6P 机滤”。",
        "Send a part number, a vehicle maker's number, a VIN, a plate, or a few words such as “oil filter J6P”.",
    ),
}
_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{3,}(?![A-Za-z0-9])")
_NAMED = re.compile(r"@\S+\s*")


def question_of(text: str) -> str:
    """What is asked, without the names of those a chat message is addressed to (`@robot`)."""
    return " ".join(_NAMED.sub(" ", text).split())


def language_of(text: str) -> Language:
    """The language of a question: English where it has a word of letters and nothing Chinese, else Chinese."""
    return "en" if _WORD.search(text) and not _HAN.search(text) else "zh"


def answer_text(found: SearchAnswer, language: Language) -> str:
    """The lines of an answer."""
    say = Say(language, ANSWER_TEXTS, TEXTS)
    if not found.typed.strip():
        return say("ask")
    lines = [*_read_so(say, found), *_vehicles(say, found)]
    for number, hit in enumerate(found.hits[:HITS_TOLD], 1):
        lines += _part(say, number, hit)
    told = min(len(found.hits), HITS_TOLD)
    if found.total > told > 0:
        lines.append(say("more", count=found.total, shown=told))
    if not found.hits:
        lines.append(say("none_fit") if found.vin or found.vehicles else say("nothing", text=found.typed))
    return "\n".join(lines)


def _read_so(say: Say, found: SearchAnswer) -> list[str]:
    words = [understood(say, piece) for piece in found.understood if piece.kind != "nothing"]
    return [say("read_so", words=say("between").join(words))] if words else []


def _vehicles(say: Say, found: SearchAnswer) -> list[str]:
    lines = [say("vehicle", what=_file(each)) for each in found.vehicles[:3]]
    if found.vin and not found.vehicles:
        lines.append(say("vehicle", what=vehicle(found.vin) or say("unknown_vehicle")))
    if found.vin:
        lines += [f"- {finding(say, each)}" for each in found.vin.findings]
    return lines


def _file(hit: VehicleHit) -> str:
    words = (hit.plate, hit.make, hit.model, hit.engine, str(hit.year or ""), hit.vin, hit.shop_name)
    return " ".join(word for word in words if word)


def _part(say: Say, number: int, hit: PartHit) -> list[str]:
    name = say.name(hit.part.name_zh, hit.part.name_en)
    own = " ".join(word for word in (name, hit.part.number, hit.part.brand) if word)
    lines = [f"{number}. {own}"]
    if hit.how not in {"words", "fits", "part_number"} and hit.matched != hit.part.number:
        lines[0] += f" · {how(say, hit.how)} {hit.matched_brand} {hit.matched}".replace("  ", " ")
    lines.append(f"   {_stock(say, hit)}")
    if hit.replaced_by:
        lines.append(f"   {say('replaced', part=hit.replaced_by)}")
    if hit.withdrawn:
        lines.append(f"   {say('withdrawn')}")
    return lines


def _stock(say: Say, hit: PartHit) -> str:
    if hit.stock <= 0:
        return say("no_stock")
    places = say("between").join(_place(say, place, hit.part.unit) for place in hit.places)
    total = say("stock", stock=quantity(hit.stock, hit.part.unit, say.language))
    return total + (say("places", places=places) if places else "")


def _place(say: Say, place: StockPlace, unit: str) -> str:
    return say(
        "place",
        shop=place.shop_name,
        cabinet=say.name(place.cabinet_zh, place.cabinet_en) or place.cabinet,
        bin=place.bin,
        stock=quantity(place.stock, unit, say.language),
    )
