"""Why a discrepancy is open, in one sentence each: the kiosk asks about it, the dealer reads it.

Only texts. The reasons themselves are listed in `edge_gateway/bin_changes.py`; a test holds the two together.
"""

from page_kit.language import Say, Texts

TEXTS: Texts = {
    "reason_uncertain_count": ("重量说不准是几件", "The weight does not tell how many"),
    "reason_not_this_part": ("重量不像这种配件", "The weight is not like this part"),
    "reason_foreign_object": ("里面有不是配件的东西", "Something lies there that is none of the parts"),
    "reason_misplaced": ("里面有别的货位的配件", "A part lies there that belongs elsewhere"),
    "reason_balance": ("称出来的与台账不符", "The weight and the books do not agree"),
    "reason_blind": ("传感器没有读数", "The sensor gave no weight"),
    "reason_no_part": ("空位里放了东西", "Something moved in a bin without a part"),
    "reason_no_unit_mass": ("这种配件还没有单重", "This part has no unit mass yet"),
    "reason_no_person": ("没有人刷卡，东西却动了", "It moved and nobody had badged"),
    "reason_unexplained_change": ("门关着，数量却变了", "It changed while no session was open"),
    "reason_more_than_held": ("拿走的比台账上的多", "More was taken than the books held"),
    "reason_part_changed": ("货位换了配件，里面还有旧货", "The bin was given to another part while not empty"),
    "reason_contested": ("有人提出异议", "Somebody does not agree"),
    "reason_different_content": ("同一编号收到两份不同的记录", "Two different records under one number"),
    "reason_journal_lost": ("控制器的日志丢失", "The controller lost its journal"),
    "reason_journal_unfinished": ("旧日志没有传完", "The old journal was not finished"),
    "reason_journal_forgotten": ("柜子已忘记的记录没有收到", "Records the cabinet has forgotten never came"),
    "reason_read_late": ("补读的记录，可能已经记过", "Read late: it may have been booked already"),
    "reason_session_unended": ("开柜记录没有结尾", "The end of a session never came"),
    "reason_other": ("需要有人看一下", "Somebody should look at this"),
}


def reason_text(say: Say, reason: str) -> str:
    """The sentence of a reason, a general one for a reason this version does not know."""
    key = f"reason_{reason}"
    return say(key if key in TEXTS else "reason_other")
