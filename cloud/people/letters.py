"""What mails say, in both languages at once: whoever is written to for the first time has not chosen one. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """A subject and a text."""

    subject: str
    text: str


def invitation_letter(dealer: str, inviter: str, link: str) -> Letter:
    """Come and join a dealer."""
    return Letter(
        f"{dealer} · Partsbay",
        f"{inviter} 邀请你加入 {dealer} 的 Partsbay。请在 7 天内打开这个链接（只能用一次）：\n"
        f"{inviter} invites you to {dealer} on Partsbay. Open this link within 7 days; it works once:\n\n{link}\n",
    )


def reset_letter(link: str) -> Letter:
    """Choose another password."""
    return Letter(
        "Partsbay · 重设密码 / New password",
        "有人要求重设你的 Partsbay 密码。请在 30 分钟内打开这个链接（只能用一次）：\n"
        "Somebody asked for a new password for your Partsbay account. Open this link within 30 minutes; it works "
        f"once:\n\n{link}\n\n"
        "如果不是你，请不用理会；密码不会改变。\nIf it was not you, do nothing: your password stays as it is.\n",
    )
