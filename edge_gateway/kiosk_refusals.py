"""Why the gateway would not do what was asked, as a mechanic reads it at the kiosk.

Only texts, one per refusal of `kiosk_seam.Refusal`; a test holds the two together.
"""

from edge_gateway.kiosk_seam import ActionError
from page_kit.language import Say, Texts

TEXTS: Texts = {
    "refusal_no_document": ("店铺资料还没有从云端送到", "The shop's data has not come from the cloud yet"),
    "refusal_unknown_person": ("您不在本店的人员名单里", "You are not on this shop's list of people"),
    "refusal_unknown_job": ("这张工单已经不在了", "This job is no longer there"),
    "refusal_nothing_to_charge": ("已经记在这张工单上，没有别的可记", "All of it is on this job already"),
    "refusal_same_quantity": ("数量没有变", "The count is the same as before"),
    "refusal_more_than_held": (
        "台账上这个货位没有这么多；请提出异议，再数一下货位",
        "The books do not hold that many in this bin; contest it and count the bin",
    ),
    "refusal_already_answered": ("这条差异已经有人处理了", "Somebody has answered this already"),
    "refusal_part_changed": ("这个货位已换成别的配件", "This bin has been given to another part"),
    "refusal_job_without_name": ("请填车牌或名称", "Give it a plate or a title"),
    "refusal_order_gone": ("这个盘点任务已经完成或撤回了", "This count is done already, or was withdrawn"),
    "refusal_nobody_restocks": ("请先在货柜上刷卡开门", "Badge at the cabinet and open it first"),
    "refusal_no_broker": (
        "网关暂时连不上货柜，请稍后再试",
        "The gateway cannot reach the cabinets; try again in a moment",
    ),
    "refusal_cannot_write": (
        "网关的磁盘写不进去，这一笔没有记下；腾出空间后请再试",
        "The gateway cannot write to its disk, so this was not booked; try again when there is room",
    ),
    "refusal_updating": ("网关正在升级，请过几分钟再试", "The gateway is being updated; try again in a few minutes"),
    "refusal_batches_disagree": ("几次称重对不上，请重新数一遍", "The batches do not agree; count them again"),
    "refusal_unknown_part": ("本店资料里没有这个配件", "This part is not among this shop's parts"),
    "refusal_part_without_gtin": (
        "经销商目录里这个配件没有条形码（GTIN），不能写标签",
        "The dealer's catalogue has no bar code (GTIN) for this part, so no tag can be written",
    ),
    "refusal_wrong_pin": ("密码不对", "That PIN is wrong"),
    "refusal_no_pin": (
        "还没有密码：请配件商允许您设一个",
        "There is no PIN yet: ask the dealer to let you choose one",
    ),
    "refusal_pin_wait": ("错得太多，请等一会儿再试", "Wrong too often: wait a while and try again"),
    "refusal_bad_pin": ("密码要 4 到 8 位数字，不能全是同一个", "A PIN has 4 to 8 digits that are not all the same"),
    "refusal_badge_again": ("请再刷一次卡", "Badge again at the cabinet"),
    "refusal_other": ("网关拒绝：{sentence}", "The gateway refused: {sentence}"),
}


def refusal_text(say: Say, error: ActionError) -> str:
    """What to tell the person who asked; the gateway's own sentence where none was written for people."""
    if error.refusal == "other":
        return say("refusal_other", sentence=error)
    return say(f"refusal_{error.refusal}")
