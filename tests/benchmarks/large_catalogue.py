"""A catalogue of 200,000 parts as a dealer of truck parts could have it, drawn the same every time."""

import random
from collections.abc import Iterator

from edge_gateway.catalogue_format import PAGE_PARTS_MAX, CataloguePage, CataloguePart, Fits, Reference
from edge_gateway.trade_words import MAKE_NAMES, PART_NAMES

PARTS = 200_000
PAGE = 250
_BRANDS = ("MANN", "弗列加", "潍柴", "法士特", "博世", "采埃孚", "威伯科", "Febi", "SKF", "原厂")
_MODELS = ("J6P", "J7", "天龙KL", "德龙X3000", "豪沃T7H", "欧曼EST", "奥威", "乘龙H7", "X5000", "Actros")
_ENGINES = ("WP10.336E53", "CA6DM2-42E5", "ISL9.5-385", "MC11.44-50", "WP12.460E50", "6DL3", "D12.42", "")
_PLACES = ("", "前", "后", "左", "右", "左前", "右后")
_CATEGORIES = ("appearance", "chassis", "engine", "electrical", "wearing")


def parts(count: int = PARTS) -> Iterator[CataloguePart]:
    """The parts in the order of their revisions."""
    draw = random.Random(20_261_122)
    things = [(zh.split(",")[0], en.split(",")[0]) for zh, en in PART_NAMES.values()]
    makes = [zh.split(",")[0] for zh, _en in MAKE_NAMES.values()]
    for index in range(count):
        zh, en = things[draw.randrange(len(things))]
        make, model = draw.choice(makes), draw.choice(_MODELS)
        references = [Reference("oe", make, f"{draw.choice(('WG', 'VG', 'DZ', ''))}{draw.randrange(10**10):010d}")]
        if draw.random() < 0.5:
            number = f"{draw.choice(('WK', 'LF', 'P', 'C'))} {draw.randrange(10**5)}/{draw.randrange(9)}"
            references.append(Reference("competitor", draw.choice(_BRANDS), number))
        fits = [
            Fits(make, draw.choice(_MODELS), draw.choice(_ENGINES), 2008 + draw.randrange(10), 0, "")
            for _ in range(draw.randrange(4))
        ]
        yield CataloguePart(
            f"PB-{index:06d}",
            f"{draw.choice(_PLACES)}{zh} {model}",
            f"{en} {model}",
            draw.choice(_BRANDS),
            draw.choice(_CATEGORIES),
            references=references,
            fits=fits,
            withdrawn=draw.random() < 0.02,
        )


def pages(count: int = PARTS, size: int = PAGE) -> Iterator[CataloguePage]:
    """The same as the cloud would answer them."""
    size = min(size, PAGE_PARTS_MAX)
    some: list[CataloguePart] = []
    for number, part in enumerate(parts(count), 1):
        some.append(part)
        if len(some) == size or number == count:
            yield CataloguePage("dealer-1", count, number, part.number, number == count, count, some)
            some = []
