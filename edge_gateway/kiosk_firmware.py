"""What the status page says of a cabinet's firmware: nothing when all is well, else what is under way or wrong."""

from edge_gateway.upload_format import CabinetFirmware
from page_kit.firmware_reasons import TEXTS as REASONS
from page_kit.firmware_reasons import firmware_reason
from page_kit.language import Say, Texts
from page_kit.look import badge, box, text

TEXTS: Texts = {
    **REASONS,
    "update_waiting": ("等待更新到 {version}", "Waiting to be updated to {version}"),
    "update_loading": ("正在接收 {version}：{percent}%", "Receiving {version}: {percent} %"),
    "update_installed": ("{version} 试运行中，几分钟后确认", "{version} is on trial, for some minutes"),
    "update_returned": ("{version} 试运行未通过，已恢复 {running}", "{version} failed its trial: back to {running}"),
    "update_refused": ("{version} 未被接受，继续运行 {running}", "{version} was refused: {running} goes on"),
    "update_too_old": (
        "控制器太旧，不能远程更新：请技术员现场更新",
        "Too old to be updated by network: ask a technician",
    ),
}
_WRONG = ("returned", "refused", "too_old")


def draw_update(say: Say, firmware: CabinetFirmware | None) -> None:
    """A line, and the controller's reason where there is one."""
    if firmware is None or f"update_{firmware.state}" not in TEXTS:
        return
    got, of = max(firmware.got_bytes, 0), max(firmware.of_bytes, 1)
    words = say(
        f"update_{firmware.state}",
        version=firmware.wanted,
        running=firmware.firmware or "—",
        percent=100 * got // of,
    )
    with box("pb-gap-above"):
        badge(words, "is-wrong" if firmware.state in _WRONG else "")
        if firmware.reason and firmware.state in _WRONG:
            text(firmware_reason(say, firmware.reason), "pb-soft pb-small")
