"""Words of the page about classes: the four fields, ABC and XYZ, and what to do with the parts in each."""

from page_kit.language import Texts

TEXTS: Texts = {
    "classes": ("配件与店铺分类", "Classes of parts and shops"),
    "classes_lead": (
        "看哪些配件值得多备、哪些该收回，哪些店用得越来越少。按最近 52 个整周算，每周更新。",
        "Which parts deserve more stock, which to take back, and which shops use less and less. By the last 52 whole "
        "weeks, made anew every week.",
    ),
    "view_parts": ("配件", "Parts"),
    "view_shops": ("店铺", "Shops"),
    "no_classes": ("还没有可以分类的用量", "Nothing used yet that could be classed"),
    "no_classes_why": ("满一个整周以后出现在这里。", "It appears here after the first whole week."),
    "no_prices": (
        "还没有价格：ABC 和四个区域按金额分，请先在电子目录里填价格。",
        "No prices yet: ABC and the four fields go by money, so say prices in the catalogue first.",
    ),
    "unpriced_parts": (
        "{count} 种配件没有价格，不在 ABC 和四个区域里",
        "Parts without a price, in neither ABC nor the four fields: {count}",
    ),
    "four_fields": ("四个区域（波士顿矩阵）", "The four fields (BCG matrix)"),
    "by_share_and_growth": (
        "横向：占全部用量金额多少，高于平均配件 {share} 倍算大。纵向：半年比前半年增长 {growth} 以上算增长。",
        "Across: share of all value used, large from {share} times the average part on. Upwards: growing by {growth} "
        "or more against the half year before.",
    ),
    "star": ("明星", "Stars"),
    "cow": ("现金牛", "Cash cows"),
    "question": ("问题", "Question marks"),
    "dog": ("瘦狗", "Dogs"),
    "star_do": (
        "用得多，还在增长：提高目标，别断货。",
        "Much used and growing: raise the aim, never run out.",
    ),
    "cow_do": ("用得多，稳定：保持，谈采购价。", "Much used and steady: keep it, and talk about its price."),
    "question_do": (
        "用得少，在增长：看几个月，在用它的店里备一点。",
        "Little used and growing: watch it, keep some where it is used.",
    ),
    "dog_do": (
        "用得少，不增长：降低库存，收回不动的。",
        "Little used, not growing: lower the stock, take back what lies.",
    ),
    "large": ("大", "large"),
    "small": ("小", "small"),
    "growing": ("增长", "growing"),
    "not_growing": ("不增长", "not growing"),
    "count_and_share": ("{count} 种 · {share}", "{count} parts · {share}"),
    "abc_xyz": ("ABC × XYZ 九宫格", "ABC by XYZ"),
    "by_value_and_variation": (
        "A：金额最高、合起来占 {a} 的配件；B：到 {b}；C：其余。X：每周用量变化系数不超过 {x}；Y：不超过 {y}；Z：更大。",
        "A: the parts of most value that make {a} of all; B: until {b}; C: the others. X: a week's use varies by up to "
        "{x} (standard deviation by mean); Y: up to {y}; Z: more.",
    ),
    "AX_do": ("提高目标，常补少补", "Raise the aim, bring little and often"),
    "AY_do": ("保持高目标，看季节", "Keep the aim high, mind the season"),
    "AZ_do": ("贵又难料：备一点，快送", "Dear and hard to foresee: keep few, bring fast"),
    "BX_do": ("照常", "As it is"),
    "BY_do": ("照常", "As it is"),
    "BZ_do": ("降低目标", "Lower the aim"),
    "CX_do": ("一次多带，少跑", "Bring many at once, seldom"),
    "CY_do": ("放宽，成包带", "Whole packs, no hurry"),
    "CZ_do": ("收回，要时再送", "Take back, bring when asked"),
    "parts_in": ("{field}：{count} 种", "{field}: {count} parts"),
    "all_parts": ("全部配件：{count} 种", "All parts: {count}"),
    "show_all_parts": ("看全部配件", "Show all parts"),
    "part": ("配件", "Part"),
    "used": ("半年用量", "Half a year"),
    "value": ("金额", "Value"),
    "growth": ("增长", "Growth"),
    "class": ("分类", "Class"),
    "more_parts": ("还有 {count} 种，在 CSV 里", "{count} more, in the CSV"),
    "csv": ("下载 CSV", "Download as CSV"),
    "thresholds": ("界线", "Where they part"),
    "t_share": ("大：平均配件的几倍", "Large: times the average part"),
    "t_growth": ("增长：半年百分之几", "Growing: per cent in half a year"),
    "t_a": ("A：合计百分之几", "A: per cent together"),
    "t_b": ("B：合计百分之几", "B: per cent together"),
    "t_x": ("X：变化系数不超过", "X: variation up to"),
    "t_y": ("Y：变化系数不超过", "Y: variation up to"),
    "apply": ("按这个分", "Class by these"),
    "fading_shops": ("用得越来越少的店：{count}", "Shops that are fading: {count}"),
    "no_fading": ("没有哪家店明显用得少了", "No shop is clearly fading"),
    "fading_why": (
        "最近 8 周与它自己的过去、同时期其他店的走势比；波动和季节算不上。每 20 家被点名的，大约 1 家是偶然。",
        "The last 8 weeks against the shop's own past and how the other shops went meanwhile: noise and season do not "
        "count. Of 20 shops named so, about one is chance.",
    ),
    "other_shops": ("其他店，按金额", "The others, by value"),
    "shop_is": (
        "最近 8 周用了 {recent} 件，按过去和季节应有 {expected} 件：少了 {lost}",
        "{recent} pieces in the last 8 weeks, where its past and the season say {expected}: {lost} less",
    ),
    "shop_holds": (
        "最近 8 周用了 {recent} 件，按过去和季节应有 {expected} 件",
        "{recent} pieces in the last 8 weeks; its past and the season say {expected}",
    ),
    "shop_unknown": (
        "最近 8 周用了 {recent} 件；过去太短或太少，看不出变化",
        "{recent} pieces in the last 8 weeks; too little is known of its past to tell",
    ),
    "by_chance": ("偶然如此的可能：{chance}", "By mere chance: {chance}"),
    "weeks_of": ("{shop} 52 周用量", "52 weeks of {shop}"),
    "expected_line": ("线：按过去和季节应有的", "Line: as its past and the season say"),
    "half_year_value": ("半年 {value}", "{value} in half a year"),
    "all_shops": ("全部 {count} 家", "All {count}"),
}
