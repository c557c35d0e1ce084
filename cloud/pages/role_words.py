"""What roles and rights are called, and why a change of people was refused. Pure but for its texts."""

from cloud.identity import LockedOutError, WrongPasswordError
from cloud.people.rules import NotYoursToGiveError, RefusedError
from cloud.tenancy import NotFoundError
from page_kit.language import Say, Texts

TEXTS: Texts = {
    "role_admin": ("管理员", "Admin"),
    "role_clerk": ("业务员", "Clerk"),
    "role_restocker": ("补货员", "Restocker"),
    "role_shop_owner": ("店主", "Shop owner"),
    "role_mechanic": ("维修工", "Mechanic"),
    "role_brand": ("品牌方", "Brand"),
    "role_operator": ("平台运营", "Operator"),
    "role_admin_what": ("看和改一切，管理人员和网关", "Sees and changes everything, people and gateways too"),
    "role_clerk_what": ("库存、目录、价格、车辆、对账单", "Stock, catalogue, prices, vehicles, statements"),
    "role_restocker_what": ("送货、装车、库存", "Rounds, loading, stock"),
    "role_shop_owner_what": ("自己店铺的一切", "Everything of their own shops"),
    "role_mechanic_what": ("自己店铺的库存、车辆和工单", "Stock, vehicles and jobs of their own shops"),
    "role_brand_what": ("按月汇总的品牌用量，看不到店铺", "Totals of a brand by month, no shops"),
    "role_operator_what": ("开通和关闭配件商", "Opens and closes dealers"),
    "right_see_stock": ("看库存", "See stock"),
    "right_see_sessions": ("看开柜记录", "See sessions"),
    "right_see_consumption": ("看用量", "See consumption"),
    "right_see_prices": ("看价格", "See prices"),
    "right_see_vehicles": ("看车辆和工单", "See vehicles and jobs"),
    "right_see_catalogue": ("看目录", "See the catalogue"),
    "right_see_statements": ("看对账单", "See statements"),
    "right_close_statements": ("结清对账单", "Close statements"),
    "right_see_totals": ("看品牌用量", "See totals by brand"),
    "right_see_audit": ("看操作记录", "See the audit trail"),
    "right_edit_catalogue": ("改目录", "Edit the catalogue"),
    "right_edit_planogram": ("改陈列图", "Edit planograms"),
    "right_edit_jobs": ("开工单、管车辆", "Open jobs, keep vehicles"),
    "right_edit_people": ("管店里的维修工", "Keep a shop's mechanics"),
    "right_see_planning": ("看预测、策略和指标", "See forecasts, policies and gauges"),
    "right_edit_policy": ("改补货策略", "Change policies"),
    "right_plan_visits": ("安排送货和采购", "Plan rounds and purchases"),
    "right_load_visits": ("装车和送货", "Load vans and bring"),
    "right_see_alerts": ("看提醒", "See alerts"),
    "right_manage_alerts": ("管理提醒发给谁", "Keep who is told of alerts"),
    "right_resolve": ("处理差异、盘点、调拨", "Resolve, count, transfer"),
    "right_manage_people": ("管理登录人员", "Manage who signs in"),
    "right_manage_gateways": ("管理店铺和网关", "Manage shops and gateways"),
    "right_operate": ("运营平台", "Run the cloud"),
    "why_address": ("请填写正确的邮箱。", "Please enter an email address."),
    "why_member": ("这个邮箱已经是成员了，请直接改角色。", "This email is a member already: change the role instead."),
    "why_shop": ("店主和维修工至少要选一个店铺。", "A shop owner or mechanic needs at least one shop."),
    "why_brand": ("品牌方要填写品牌。", "The role brand needs its brand."),
    "why_last_admin": (
        "至少要留一个管理员。请先让别人当管理员。",
        "One admin has to remain: make somebody else admin first.",
    ),
    "why_elsewhere": (
        "这个人还属于别的配件商，只能自己用邮箱重设密码。",
        "They belong to another dealer, too: only they can ask for a new password, by email.",
    ),
    "why_rights": ("不能给出自己没有的权限。", "Nobody gives rights they do not have."),
    "why_gone": ("它刚刚不在了，页面会更新。", "It is gone meanwhile; the page will follow."),
    "why_name": ("名称要 1 到 64 个字符。", "A name has 1 to 64 characters."),
    "why_password": (
        "密码要 10 到 200 个字符，不能是邮箱本身，也不能太简单。",
        "A password has 10 to 200 characters, is not the email, and is not too simple.",
    ),
    "why_wrong_password": ("现在的密码不对。", "The present password is wrong."),
    "why_wait": ("试得太多了，请过几分钟再试。", "Too many attempts: please wait a few minutes."),
    "why_gateway": ("这个店铺已经有网关了。", "This shop has a gateway already."),
    "why_dealer": ("这个编号已经用了。", "This id is taken."),
    "why_dealer_id": ("编号只用 a-z、0-9 和 -，最多 32 个字符。", "An id is a-z, 0-9 and -, at most 32 characters."),
    "why_has_admin": ("它已经有管理员了。", "It has an admin already."),
    "why_place": ("请检查位置：纬度和经度都要填。", "Please check the place: both latitude and longitude."),
    "why_zone": ("没有这个时区。", "There is no such time zone."),
    "why_van_full": ("这辆车装不下这么重。", "That is too heavy for this van."),
    "why_round_long": ("这样一天送不完。", "The round would not end in time."),
    "why_no_drive": ("这辆车那天不出车。", "The van does not drive on that day."),
    "why_shop_shut": ("店里那天不收货。", "The shop takes no deliveries on that day."),
    "why_goes_there": ("这辆车那天已经去这家店了。", "The van goes to that shop already that day."),
    "why_gone_on": ("它刚刚变了，页面会更新。", "It has gone on meanwhile; the page will follow."),
    "why_stood_still": ("安排时有人改了送货，请再按一次。", "Somebody changed rounds meanwhile: please press again."),
    "why_other": ("没有做成：{sentence}", "Not done: {sentence}"),
}
_SAID = (  # what a refusal's sentence contains, and how it is told
    ("kg on this van", "why_van_full"),
    ("ends in time", "why_round_long"),
    ("a day on which the shop is open", "why_shop_shut"),
    ("a day on which", "why_no_drive"),
    ("does not go to this shop", "why_goes_there"),
    ("a visit that is", "why_gone_on"),
    ("rounds that stand still", "why_stood_still"),
    ("an e-mail address", "why_address"),
    ("no member yet", "why_member"),
    ("no member of", "why_member"),
    ("at least one shop", "why_shop"),
    ("a brand for", "why_brand"),
    ("another admin", "why_last_admin"),
    ("this dealer alone", "why_elsewhere"),
    ("a name", "why_name"),
    ("shop's name", "why_name"),
    ("a password of", "why_password"),
    ("a password that", "why_password"),
    ("without a gateway", "why_gateway"),
    ("no dealer has yet", "why_dealer"),
    ("an id of", "why_dealer_id"),
    ("without an admin", "why_has_admin"),
    ("latitude", "why_place"),
    ("on earth", "why_place"),
    ("time zone", "why_zone"),
)


def role_name(say: Say, role: str) -> str:
    """A role as people say it."""
    return say(f"role_{role}") if role else ""


def why(say: Say, error: Exception) -> str:
    """A refusal as somebody at a page is told it."""
    if isinstance(error, NotFoundError):
        return say("why_gone")
    if isinstance(error, NotYoursToGiveError):
        return say("why_rights")
    if isinstance(error, WrongPasswordError):
        return say("why_wrong_password")
    if isinstance(error, LockedOutError):
        return say("why_wait")
    sentence = str(error)
    key = next((key for mark, key in _SAID if mark in sentence), "")
    return say(key) if key else say("why_other", sentence=sentence)


REFUSALS = (RefusedError, NotYoursToGiveError, NotFoundError, WrongPasswordError, LockedOutError)
