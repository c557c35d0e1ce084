"""What the actions of the audit trail are called. An action without words is shown as it is written. Pure."""

from cloud.rights import RIGHTS, ROLES
from page_kit.language import Say, Texts

TEXTS: Texts = {
    "kind_member": ("人员", "Member"),
    "kind_invitation": ("邀请", "Invitation"),
    "kind_token": ("令牌", "Token"),
    "kind_gateway": ("网关", "Gateway"),
    "kind_cabinet": ("货柜", "Cabinet"),
    "kind_shop": ("店铺", "Shop"),
    "kind_dealer": ("配件商", "Dealer"),
    "kind_operator": ("平台运营", "Operator"),
    "did_member_changed": ("改了角色", "Role changed"),
    "did_member_ended": ("移除人员", "Member removed"),
    "did_member_lock_out_lifted": ("解除锁定", "Lock-out lifted"),
    "did_invitation_made": ("发出邀请", "Invited"),
    "did_invitation_withdrawn": ("撤回邀请", "Invitation withdrawn"),
    "did_invitation_accepted": ("接受邀请", "Invitation accepted"),
    "did_password_changed": ("改了密码", "Password changed"),
    "did_password_asked": ("要求重设密码", "New password asked for"),
    "did_password_link_made": ("生成重设密码链接", "Link to a new password made"),
    "did_password_reset": ("重设了密码", "Password chosen anew"),
    "did_name_changed": ("改了姓名", "Name changed"),
    "did_sign_in_ended": ("退出一台设备", "A device signed out"),
    "did_sign_in_all_ended": ("退出其他设备", "Other devices signed out"),
    "did_token_made": ("新建令牌", "Token made"),
    "did_token_withdrawn": ("撤回令牌", "Token withdrawn"),
    "did_gateway_registered": ("登记网关", "Gateway registered"),
    "did_gateway_key_replaced": ("更换网关密钥", "Gateway's key replaced"),
    "did_gateway_withdrawn": ("停用网关", "Gateway withdrawn"),
    "did_gateway_code_made": ("生成入网码", "Code for a gateway made"),
    "did_gateway_code_withdrawn": ("作废入网码", "Code for a gateway withdrawn"),
    "did_device_revoked": ("吊销设备证书", "Device's certificate revoked"),
    "did_shop_made": ("新开店铺", "Shop opened"),
    "did_shop_changed": ("改了店铺资料", "Shop changed"),
    "did_dealer_made": ("新建配件商", "Dealer made"),
    "did_dealer_renamed": ("配件商改名", "Dealer renamed"),
    "did_dealer_closed": ("关闭配件商", "Dealer closed"),
    "did_dealer_reopened": ("重开配件商", "Dealer opened again"),
    "kind_part": ("配件", "Part"),
    "kind_model": ("VIN 车型", "VIN model"),
    "kind_robot": ("机器人", "Robot"),
    "kind_alert": ("提醒", "Alert"),
    "kind_alert_way": ("通知方式", "Way of telling"),
    "did_part_made": ("新建配件", "Part made"),
    "did_part_changed": ("改了配件", "Part changed"),
    "did_part_withdrawn": ("停售配件", "Part withdrawn"),
    "did_part_numbers_added": ("添加号码", "Numbers added"),
    "did_part_number_taken": ("移除号码", "Number removed"),
    "did_part_fitment_added": ("添加适用车型", "Fitment added"),
    "did_part_fitment_taken": ("移除适用车型", "Fitment removed"),
    "did_part_price_set": ("设定价格", "Price set"),
    "did_model_added": ("添加 VIN 车型", "VIN model added"),
    "did_model_taken": ("移除 VIN 车型", "VIN model removed"),
    "did_robot_made": ("新建聊天机器人", "Chat robot made"),
    "did_robot_withdrawn": ("撤回聊天机器人", "Chat robot withdrawn"),
    "did_alert_taken": ("接手提醒", "Alert taken on"),
    "did_alert_given_back": ("交还提醒", "Alert given back"),
    "did_alert_way_made": ("添加通知方式", "Way of telling added"),
    "did_alert_way_changed": ("改了通知方式", "Way of telling changed"),
    "did_alert_way_withdrawn": ("删除通知方式", "Way of telling removed"),
    "kind_release": ("固件", "Firmware"),
    "kind_rollout": ("固件升级", "Rollout"),
    "did_release_made": ("上传固件", "Firmware put up"),
    "did_release_described": ("改了固件说明", "Firmware described"),
    "did_release_withdrawn": ("撤回固件", "Firmware withdrawn"),
    "did_rollout_begun": ("开始升级", "Rollout begun"),
    "did_rollout_paused": ("暂停升级", "Rollout paused"),
    "did_rollout_went_on": ("继续升级", "Rollout went on"),
    "did_rollout_stopped": ("停下升级", "Rollout stopped"),
    "did_rollout_taken_back": ("退回升级", "Rollout taken back"),
    "did_rollout_ended": ("结束升级", "Rollout ended"),
    "did_rollout_left_out": ("有货柜不参加", "Cabinets left out"),
    "did_rollout_taken_in": ("货柜重新参加", "Cabinets taken in again"),
    "did_operator_made": ("新增平台运营", "Operator made"),
}


_KINDS = (
    "member", "invitation", "token", "gateway", "shop", "dealer", "operator", "part", "model", "robot", "alert",
    "alert_way", "cabinet", "release",
    "rollout",
)  # fmt: skip


def target_name(say: Say, target: str) -> str:
    """What was changed, its kind in the page's language."""
    kind, _, name = target.partition(" ")
    return f"{say(f'kind_{kind}')} {name}" if kind in _KINDS else target


def value_words(say: Say, value: str) -> str:
    """What it was or is: roles and rights as people say them, everything else as it is written."""
    return " ".join(_word(say, word) for word in value.split(" "))


def _word(say: Say, word: str) -> str:
    for kind, known in (("role", ROLES), ("right", RIGHTS)):
        if word in known:
            return say(f"{kind}_{word}")
    return word


def action_name(say: Say, action: str) -> str:
    """An action as people say it."""
    key = f"did_{action.replace('.', '_')}"
    return say(key) if key in TEXTS else action
