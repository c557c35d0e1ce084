"""What a cabinet's locks do without power, and what is wrong with its access list, in a visitor's language. Only texts.

The kiosk and the dealer's pages say it alike. Why a list was refused is the controller's sentence
(`firmware/cabinet/access.py`).
"""

from page_kit.language import Say, Texts

TEXTS: Texts = {
    "locks_fail_secure": (
        "停电或着火时门保持锁着；里面没有人，人不会被关住。钥匙可以开。",
        "In a power cut or a fire the doors stay locked; nobody can be inside. The key opens them.",
    ),
    "locks_fail_safe": (
        "停电、着火或控制器重启时门会打开：谁都能拿，拿走的之后会记为差异。",
        "In a power cut, a fire or a restart the doors are open: anybody can take, and what is gone shows as a "
        "discrepancy afterwards.",
    ),
    "access_key": ("名单密钥", "List key"),
    "list_days": ("名单有效天数", "List good for, in days"),
    "access_key_age": ("密钥启用", "Key in use"),
    "list_other_key": (
        "货柜用的是另一把名单密钥，不接受新名单：请重新配置货柜（partsbay commission）。",
        "The cabinet holds another list key and refuses its new list: commission it again.",
    ),
    "list_refused": ("货柜拒绝新名单：{why}", "The cabinet refuses its new list: {why}"),
    "pin_doors_many": ("要密码的门：{doors}", "Doors that ask for a PIN: {doors}"),
    "pin_doors_old": (
        "控制器太旧，不认识要密码的门：现在刷卡开不了任何门。请升级固件。",
        "The controller is too old for doors that ask for a PIN: no badge opens any door. Update its firmware.",
    ),
}


def list_trouble(say: Say, refused: str) -> str:
    """Why a cabinet refuses its newest access list; "" when it does not."""
    if "HMAC" in refused:
        return say("list_other_key")
    return say("list_refused", why=refused) if refused else ""
