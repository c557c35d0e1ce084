"""The words of wiring pages and diagrams, in English and in Chinese."""

from hardware.pin_uses import Board

LANGUAGES = ("en", "zh")
_WORDS: dict[str, tuple[str, str]] = {
    "wiring of": ("Wiring of", "接线："),
    "front_end": ("Multiplexers and converters", "多路复用与称重转换"),
    "rs485": ("RS-485 transceiver", "RS-485 收发器"),
    "rs485 node": ("RS-485 transceiver, 3.3 V", "RS-485 收发器，3.3 V"),
    "address": ("Address jumpers, to ground", "地址跳线，接地"),
    "reader": ("PN532 reader, set to HSU", "PN532 读卡器，拨到 HSU"),
    "tags": ("R200 tag reader", "R200 标签读写器"),
    "lights": ("WS2812B lights, one a bin", "WS2812B 灯，每货位一颗"),
    "door": ("Door", "门"),
    "W5500": ("W5500 Ethernet", "W5500 以太网"),
    "LAN8720": ("Ethernet on the board", "板载以太网"),
    "nothing to wire": ("nothing to wire; these pins are taken", "不需接线，这些引脚不可他用"),
    "line": ("A, B and ground to the line; RE joined to DE", "A、B 与地接总线；RE 与 DE 相连"),
    "through shifter": ("through a 3.3 → 5 V level shifter", "经 3.3 → 5 V 电平转换"),
    "lock": ("lock coil: MOSFET, diode", "锁线圈：MOSFET、二极管"),
    "lock held": ("holding magnet: MOSFET, clamp", "磁力锁：MOSFET、钳位管"),
    "contact": ("contact, shut = ground", "门磁，关 = 接地"),
    "bolt": ("bolt, latched = ground", "锁舌，锁上 = 接地"),
    "bolt held": ("its contact, held = ground", "其触点，吸住 = 接地"),
    "bins": ("bins", "货位"),
    "bin": ("bin", "货位"),
    "branches": ("branches", "支线"),
    "at most": ("at most", "不超过"),
    "supplies": ("Supplies", "供电"),
    "ground": ("All grounds are joined at one point of the supply.", "所有地线在电源处汇于一点。"),
    "one bin": ("One bin", "一个货位"),
    "one lock": ("One lock", "一把锁"),
    "cell": ("Load cell", "称重传感器"),
    "cell note": ("Colours differ by maker: measure", "线色因厂而异：先测量"),
    "nodes": ("Shelf nodes in a row, the line terminated at both ends", "层板节点依次相连，总线两端接终端电阻"),
    "node": ("node", "节点"),
    "jumpers": ("jumpers", "跳线"),
    "none": ("none", "无"),
    "flyback": ("diode across the coil, ring to 12 V", "线圈并联二极管，色环端接 12 V"),
    "own supply": ("Its own supply", "板的供电"),
    "gives supply": ("5 V that the board gives", "板输出的 5 V"),
    "clamp": ("clamp from drain to ground, no diode", "漏极对地钳位管，不并二极管"),
    "gate": ("10 kΩ to ground", "10 kΩ 接地"),
    "coil": ("lock coil", "锁线圈"),
    "magnet": ("holding magnet", "磁力锁"),
    "pin": ("Pin", "引脚"),
    "to": ("To", "接至"),
    "terminal": ("Terminal", "端子"),
    "supply": ("Supply", "电源"),
    "volts": ("Volts", "电压"),
    "from": ("Fed by", "来自"),
    "peak": ("All peaks", "峰值合计"),
    "with margin": ("with a quarter to spare", "留四分之一余量"),
    "gives": ("Gives", "可供"),
    "what": ("What", "内容"),
    "limit": ("Limit", "上限"),
    "value": ("Value", "数值"),
    "scan": ("a scan of all bins", "扫描全部货位"),
    "scan worst": ("the same when nothing answers (watchdog)", "全无应答时（看门狗）"),
    "rise": ("edges of the I2C bus", "I2C 上升沿"),
    "capacitance": ("capacitance of the I2C bus, one branch open", "I2C 电容，一路支线接通"),
    "exchange": ("one shelf node asked and answered", "一个节点一问一答"),
    "drop": ("lost in the nodes' supply wires", "节点供电线压降"),
    "pins": ("Pins", "引脚"),
    "power": ("Power budget", "供电预算"),
    "bus": ("Bus budget", "总线预算"),
    "parts": ("Parts list with prices", "配件清单与价格"),
    "generated": (
        "Written by `partsbay hardware build` from the board file; not to be edited.",
        "由 `partsbay hardware build` 依板文件生成，请勿手改。",
    ),
    "micropython": ("Runs the stock MicroPython build", "使用官方 MicroPython 固件"),
    "other language": ("中文", "English"),
    "board only": ("on the board itself", "板载"),
    "guide": ("Before the first power-on", "首次通电前"),
}


def word(key: str, language: str) -> str:
    """A word or a sentence."""
    return _WORDS[key][LANGUAGES.index(language)]


def title(board: Board, language: str) -> str:
    """A board's name for people."""
    return str(board["title_zh"] if language == "zh" else board["title"])
