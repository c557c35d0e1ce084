"""The words of alerts, for pages, mails and webhooks alike. Only texts."""

from page_kit.language import Texts

TEXTS: Texts = {
    "alerts": ("提醒", "Alerts"),
    "kind_runs_out": ("快断货", "Runs out"),
    "kind_sensor_blind": ("传感器失灵", "Sensor blind"),
    "kind_no_contact": ("没有消息", "No contact"),
    "kind_unexplained_loss": ("去向不明", "Unexplained loss"),
    "urgency_3": ("马上处理", "Now"),
    "urgency_2": ("今天处理", "Today"),
    "urgency_1": ("尽快处理", "Soon"),
    "several_shops": ("多家店铺", "Several shops"),
    "bin": ("货位 {bin}", "bin {bin}"),
    "gateway": ("网关", "Gateway"),
    "out_no_visit": (
        "货位空了，已经要求补货，还没有安排到访。",
        "The bin is empty and more is asked for; no visit is planned.",
    ),
    "out_not_brought": (
        "货位空了；{day} 的到访没有带它。",
        "The bin is empty, and the visit of {day} does not bring it.",
    ),
    "out_chance": (
        "在那之前有人要用的可能性有 {chance}。",
        "{chance} likely that it is asked for before anybody can be there.",
    ),
    "out_before_visit": (
        "{day} 到访前不够用的可能性有 {chance}，确定还有 {stock}。",
        "{chance} likely to run short before the visit of {day}; {stock} are surely there.",
    ),
    "out_before_possible": (
        "没有安排到访；最早 {day} 能到，之前不够用的可能性有 {chance}，确定还有 {stock}。",
        "No visit is planned. {chance} likely to run short before anybody can be there on {day}; {stock} are surely "
        "there.",
    ),
    "blind_bins": (
        "{count} 个货位没有读数，里面拿了多少无从知道。",
        "Bins without a weight: {count}. What is taken from them is not seen.",
    ),
    "contact_gateway": (
        "网关一直没有消息，已经超过它平时的间隔。",
        "Nothing is heard of its gateway, for longer than is usual for it.",
    ),
    "contact_cabinet": (
        "网关说这个货柜一直没有消息。",
        "Its gateway says that nothing is heard of this cabinet.",
    ),
    "contact_many": (
        "{of} 家店铺中有 {shops} 家同时没有消息。",
        "{shops} of {of} shops fell silent at once.",
    ),
    "lost": (
        "{days} 天里少了 {lost}，没有人解释，称重误差也说不通。",
        "{lost} went missing in {days} days; nobody has explained it, and counting does not err by that much.",
    ),
    "lost_worth": ("约值 {value}。", "Worth about {value}."),
    "do_plan_visit": ("安排一次到访", "Plan a visit"),
    "do_add_to_visit": ("加到 {day} 的到访", "Put it on the visit of {day}"),
    "do_sooner": ("把 {day} 的到访提前", "Go sooner than {day}"),
    "do_look_at_bins": ("看看是哪几个货位，检查传感器接线", "See which bins, and check their cells and wiring"),
    "do_check_shop": (
        "请店里看网关的电源和网络；取用照常，数据会补传",
        "Have the shop check the gateway's power and internet; taking parts goes on meanwhile",
    ),
    "do_check_cabinet": ("请店里看货柜的电源和网线", "Have the shop check the cabinet's power and network cable"),
    "do_check_cloud": ("先查云端的线路、域名和证书", "Look first at the cloud's own line, name and certificate"),
    "do_count": ("在货柜页点这个货位，请店里盘点", "Press the bin on its cabinet's page to have it counted"),
    "go_plan_visit": ("安排到访", "Plan a visit"),
    "go_add_to_visit": ("打开这次到访", "Open the visit"),
    "go_sooner": ("打开这次到访", "Open the visit"),
    "go_look_at_bins": ("看货柜", "See the cabinet"),
    "go_check_shop": ("看店铺", "See the shop"),
    "go_check_cabinet": ("看货柜", "See the cabinet"),
    "go_check_cloud": ("看店铺", "See the shops"),
    "go_count": ("看货柜", "See the cabinet"),
    "ended_restocked": ("够用了", "There is enough again"),
    "ended_visit_brings": ("有到访会带来", "A visit brings it"),
    "ended_not_asked": ("不再要求补货", "It is asked for no longer"),
    "ended_gone": ("那里已经没有它了", "It is no longer there"),
    "ended_sees_again": ("又有读数了", "It gives weights again"),
    "ended_heard_again": ("又有消息了", "It is heard of again"),
    "ended_many_shops": ("不是这家店自己的问题", "It is not this shop's own trouble"),
    "ended_explained": ("已有人解释", "Somebody has explained it"),
    "ended_no_more": ("没有再少", "Nothing more went missing"),
    "seen_by": ("{name} 在处理", "{name} has it"),
}
