"""Every sentence a technician reads, in Chinese and English."""

from collections.abc import Mapping

from page_kit.language import Language, Say, Texts

__all__ = ("Language", "say")

_LINE: Texts = {
    "port_missing": (
        "找不到串口 {port}。请检查 USB 线。本机现有串口：{ports}",
        "expected a board on {port}, found no such port: is the USB cable in? Ports here: {ports}",
    ),
    "port_busy": (
        "串口 {port} 正被别的程序占用，请先关闭它",
        "expected {port} to be free, found another program on it: close it first",
    ),
    "port_refused": ("串口 {port} 打不开：{error}", "expected to open {port}, found: {error}"),
    "port_silent": (
        "{port} 没有回答。控制板通电了吗？是不是这个串口？",
        "expected a board on {port}, found silence: does it have power, is this its port?",
    ),
    "port_stranger": (
        "{port} 上的设备不是 MicroPython：{said}",
        "expected MicroPython on {port}, found something else that says: {said}",
    ),
    "line_lost": (
        "与 {port} 上控制板的连接断了。接好电源和线，再用 --resume 继续",
        "expected an answer from {port}, found the line broken: put cable and power back, then go on with --resume",
    ),
    "board_error": ("控制板上出错：{error}", "expected the board to do it, found: {error}"),
}
_COMMAND: Texts = {
    "not_micropython": ("控制板上不是 MicroPython，而是 {found}", "expected MicroPython on the board, found {found}"),
    "old_micropython": (
        "需要 MicroPython 1.24 以上（mpy 6），现为 {found}：请先刷写 {build}",
        "expected MicroPython 1.24 or newer (mpy 6), found {found}: flash {build} first",
    ),
    "wrong_build": (
        "板型 {board} 需要 MicroPython「{expected}」，现为「{found}」",
        "expected MicroPython {expected} for board {board}, found {found}",
    ),
    "no_board": (
        "请用 --board 指明板型：{boards}",
        "expected --board, one of {boards}, found none and no board.json on the controller",
    ),
    "shelf_board": (
        "{board} 的称重单元在 RS-485 层板上，请逐个调试层板",
        "expected a board whose cells hang on its own I2C bus, found {board}: its shelf nodes are tested one by one",
    ),
    "no_identity": (
        "需要 --cabinet、--gateway 和 --code（或 --settings 文件），控制板里没有身份",
        "expected --cabinet, --gateway and --code (or --settings), found no identity on the controller either",
    ),
    "other_board": (
        "记录属于控制板 {expected}，现在接的是 {found}",
        "expected board {expected} of this record, found board {found}",
    ),
    "no_progress": ("{path} 里没有可继续的记录", "expected a record to go on with at {path}, found none"),
    "no_record": (
        "{path} 里没有这台货柜的记录，先做一次完整调试",
        "expected this cabinet's record at {path}, found none: commission it as a whole first",
    ),
    "no_bin": ("这块板有货位 1 到 {bins}，没有 {bin}", "expected a bin of 1 to {bins}, found {bin}"),
    "bad_masses": (
        "砝码写作「小克数,大克数」，例如 1000,2000，不超过 {most} g；现为 {found}",
        "expected two masses in grams, smaller first, at most {most} g in all, such as 1000,2000; found {found}",
    ),
    "lock_unknown": (
        "{door} 号门的锁 {part} 不在配件清单里：不知道线圈能通电多久",
        "expected a lock of the parts list on door {door}, found {part}: nobody knows how long its coil may be on",
    ),
    "lock_duty": (
        "{door} 号门要断电开锁（fail_safe），关门期间线圈一直通电；{part} 只能通电 {duty}% 的时间，会烧毁。"
        "请换可连续通电的锁（如 magnet-12v），或改用断电锁住（fail_secure）",
        "expected a coil for continuous duty on door {door}, whose lock is held while it is shut (fail_safe); found "
        "{part}, which may be on for {duty} % of the time and would burn: fit one such as magnet-12v, or take "
        "fail_secure",
    ),
    "lock_kind": (
        "{door} 号门应是 {wanted} 的锁，装的 {part} 却是 {kind}：请换锁，或改设置里的 locks",
        "expected a lock that is {wanted} on door {door}, found {part}, which is {kind}: fit another, or say so in the "
        "settings' locks",
    ),
    "bad_settings": ("{path} 不是货柜设置：{error}", "expected a cabinet's settings at {path}, found: {error}"),
    "enrol_failed": ("网关 {gateway} 没有发证书：{error}", "expected a certificate from {gateway}, found: {error}"),
    "no_partition": (
        "闪存里没有 romfs 分区：请刷写带该分区的 MicroPython",
        "expected a flash partition called romfs, found none: flash a build of MicroPython that has one",
    ),
    "no_bundle": (
        "需要 --bundle（签名的程序包）和 --keys（公钥文件）：见 docs/updates.md",
        "expected --bundle with a signed bundle and --keys with the release keys, found neither (docs/updates.md)",
    ),
    "differs": (
        "写入的 {path} 读回来不一样，闪存可能坏了",
        "expected {path} to read back as written, found otherwise: the flash may be worn",
    ),
    "no_start": ("固件没有启动：{said}", "expected the firmware to start, found: {said}"),
    "input_over": ("输入结束，还没有回答", "expected an answer, found the end of the input"),
}
_TERMINAL: Texts = {
    "title": ("货柜调试", "Commissioning a cabinet"),
    "step_board": ("认识控制板", "The board"),
    "step_install": ("安装程序", "The firmware"),
    "step_identity": ("身份与网络", "Identity and network"),
    "step_muxes": ("多路开关与转换器", "Multiplexers and converters"),
    "step_rest": ("空盘：称重元件静止时", "Load cells at rest"),
    "step_lights": ("货位灯", "Lights"),
    "step_door": ("{door} 号门：锁、锁舌、门磁", "Door {door}: lock, bolt, contact"),
    "step_badge": ("读卡器", "Badge reader"),
    "step_tags": ("标签读写器", "Tag reader"),
    "step_network": ("网线与网关", "Network"),
    "step_clock": ("时钟", "Clock"),
    "step_bin": ("货位 {bin}：校准", "Bin {bin}: calibration"),
    "step_write": ("写入校准", "Writing the calibration"),
    "step_start": ("启动", "Start"),
    "done_before": ("已完成", "done before"),
    "found_board": (
        "{machine}\nMicroPython {version}，编号 {unique_id}，"
        "闪存 {flash_kb} KB（空闲 {free_kb} KB），内存空闲 {heap_kb} KB",
        "{machine}\nMicroPython {version}, unique id {unique_id}, flash {flash_kb} KB ({free_kb} KB free), "
        "{heap_kb} KB of heap free",
    ),
    "other_cabinet": (
        "这块板原来是货柜 {found}。它的日志和校准会被删除。输入 {found} 确认，回车取消",
        "This board was cabinet {found}. Its journal and calibration will be deleted. Type {found} to agree",
    ),
    "not_agreed": ("没有改动控制板", "expected consent to delete cabinet {found} from the board, found none"),
    "wrote": ("写入 {path}", "{path}"),
    "installed": (
        "固件 {firmware}：{files} 个文件，{written} 个新写入，{removed} 个旧文件删除，全部核对",
        "Firmware {firmware}: {files} files, {written} written, {removed} old ones removed, all of them compared",
    ),
    "identified": ("货柜 {cabinet}，网关 {host}:{port}", "Cabinet {cabinet}, gateway {host}:{port}"),
    "enrolled": (
        "证书 {serial}，到 {until} 有效；本店 CA 指纹 {authority}（与网关显示的一致吗？）",
        "Certificate {serial}, good until {until}; the shop's authority: {authority} (as the gateway shows it?)",
    ),
    "do_empty": ("请清空全部托盘，不要碰货柜。好了按回车", "Empty all trays and keep your hands off. Then press Enter"),
    "do_empty_bin": (
        "请清空货位 {bin}，不要碰货柜。好了按回车",
        "Empty bin {bin} and keep your hands off. Then press Enter",
    ),
    "measuring": ("正在测量，请勿触碰", "Measuring. Hands off"),
    "muxes_fine": ("{muxes} 个多路开关、{bins} 个转换器都有回答", "{muxes} multiplexers and {bins} converters answer"),
    "converters_fine": ("{bins} 个转换器都有回答", "{bins} converters answer"),
    "rest_fine": ("{count} 个货位安静（最大噪声 {noise} g）", "{count} bins are quiet (noise {noise} g at most)"),
    "lights_ask": (
        "灯从货位 1 到 {bins} 依次亮了吗？是：回车；否：输入没亮或错位的货位号",
        "Did the lights come on in turn, bin 1 to bin {bins}? Yes: Enter. No: type the bins that did not",
    ),
    "lights_fine": ("{bins} 盏灯正常", "{bins} lights are well"),
    "do_shut": ("请关上 {door} 号门", "Shut door {door}"),
    "do_pull": ("听到咔哒声就拉开 {door} 号门", "Pull door {door} open when it clicks"),
    "door_fine": (
        "锁舌 {free_ms} ms 后打开，线圈通电 {on_ms} ms（上限 {max_ms} ms），关门后 {latch_ms} ms 锁上",
        "Bolt free after {free_ms} ms, coil on for {on_ms} ms (at most {max_ms}), latched {latch_ms} ms after shutting",
    ),
    "door_fine_held": (
        "断电后 {free_ms} ms 放开，断电共 {on_ms} ms（上限 {max_ms} ms），关门后 {latch_ms} ms 吸住",
        "Free {free_ms} ms after letting go, off for {on_ms} ms (at most {max_ms}), held {latch_ms} ms after shutting",
    ),
    "do_badge": ("请把一张工牌放到读卡器上", "Hold a badge to the reader"),
    "badge_fine": (
        "PN5{chip:02x} 固件 {version}.{revision}，读到 {uid}",
        "PN5{chip:02x}, firmware {version}.{revision}, read {uid}",
    ),
    "tags_fine": ("{name}", "{name}"),
    "network_fine": ("地址 {address}，网关 {host}:{port} 有回答", "Address {address}, gateway {host}:{port} answers"),
    "clock_fine": ("时钟走动", "The clock goes"),
    "do_load": ("请在货位 {bin} 放 {mass}", "Put {mass} on bin {bin}"),
    "do_load_all": ("请让货位 {bin} 上一共有 {mass}", "Have {mass} on bin {bin} in all"),
    "do_unload": ("请拿走货位 {bin} 上的砝码", "Take everything off bin {bin}"),
    "is_on": (
        "没有看到变化。砝码已经在货位 {bin} 上了吗？是：y；再等：回车",
        "Nothing has moved. Is the mass on bin {bin}? Yes: y. Wait again: Enter",
    ),
    "bin_fine": (
        "零点 {zero}，每码 {ng} ng；线性 {residual} g，重复 {repeat} g，回零 {back} g，噪声 {noise} g",
        "zero {zero}, {ng} ng a code; linearity {residual} g, repeat {repeat} g, zero again {back} g, noise {noise} g",
    ),
    "bin_skipped": ("前面已查出问题，先修好", "has a finding above; mend it first"),
    "written": (
        "{count} 个货位的校准已写入控制板并核对",
        "The calibration of {count} bins is on the board, and compared",
    ),
    "started": ("固件已启动", "The firmware has started"),
    "result_fine": ("全部合格。货柜可以使用", "All is well. The cabinet can be used"),
    "result_bad": (
        "有 {count} 处要处理。修好后再运行一次，加上 --resume，只重做这些",
        "To be mended: {count}. Then run it again with --resume, which does only these once more",
    ),
    "record_at": ("记录：{path}", "Record: {path}"),
    "stopped": ("已停下，进度已保存。继续：--resume", "Stopped; nothing is lost. Go on with --resume"),
}
_BENCH: Texts = {
    "not_commissioned": (
        "控制板里没有 board.json：先做 partsbay commission",
        "expected a commissioned board, found no board.json on it: commission it first",
    ),
    "bench_silent": ("货位 {bin} 没有读数", "expected codes of bin {bin}, found none"),
    "bench_uncalibrated": ("货位 {bin} 没有校准", "expected a calibration of bin {bin}, found none on the board"),
    "bench_no_door": ("没有 {door} 号门", "expected a door of the board, found door {door}"),
    "bench_step": ("{number} {do}", "{number} {do}"),
    "bench_found": ("{figures}", "{figures}"),
    "bench_load": ("请让货位 {bin} 上一共有 {mass}，好了按回车", "Have {mass} on bin {bin} in all, then press Enter"),
    "bench_fine": ("{steps} 步全部通过", "All {steps} steps passed"),
    "bench_bad": ("{steps} 步中 {failed} 步没有通过", "{failed} of {steps} steps did not pass"),
}
# A finding: what is wrong, then what to do about it. Their keys are causes in the record.
_CAUSES: Texts = {
    "mux_dead": (
        "{address}（货位 {first}–{last}）没有回答：检查供电、SDA/SCL 和地址焊点",
        "{address} (bins {first} to {last}) does not answer: check its supply, SDA, SCL and address pins",
    ),
    "mux_stuck": (
        "{address}（货位 {first}–{last}）卡在一个通道上：断电再试，还不行就更换",
        "{address} (bins {first} to {last}) hangs on one channel: cut the power, then replace it",
    ),
    "dead": (
        "转换器没有回答：检查到货位的插头和转换板供电",
        "its converter does not answer: check its plug and the converter board's supply",
    ),
    "rail": (
        "读数顶到头：称重元件的线断了或没插（查 E+、E−、S+、S−）",
        "its code is at a rail: a wire of the cell is off or broken (E+, E−, S+, S−)",
    ),
    "stuck": ("读数一直不变：更换转换板", "its code never changes: replace the converter board"),
    "adrift": (
        "读数到处乱跑：S+ 或 S− 断了",
        "its code wanders: S+ or S− is not connected",
    ),
    "noisy": (
        "噪声是这种元件的 {times} 倍：查屏蔽线、接头和附近的电机，托盘是否碰到别处",
        "{times} times as noisy as its class: check screen, plug and motors nearby, and that the tray touches nothing",
    ),
    "drifting": (
        "静止时一直在走（{drift} g）：托盘上有东西在动，或刚受热",
        "does not stand still at rest ({drift} g): something moves on the tray, or it has just been warmed",
    ),
    "reversed": (
        "加重反而变轻：S+ 和 S− 接反了（或 E+ 和 E−），对调即可",
        "gets lighter when loaded: S+ and S− (or E+ and E−) are exchanged; swap the two wires",
    ),
    "swapped": (
        "放在这里的砝码显示在货位 {other}：两根传感器线插反了，对调即可",
        "a mass on it shows on bin {other}: the plugs of the two are exchanged; swap them",
    ),
    "no_response": (
        "放上砝码没有反应：托盘架在别处，或元件没有装好",
        "does not feel the mass: the tray rests on something else, or the cell is not mounted",
    ),
    "gain": (
        "灵敏度是应有的 {percent} %：量程不对的元件，或 E 与 S 两对线接反",
        "shows {percent} % of what its class would: a cell of another capacity, or the pairs E and S exchanged",
    ),
    "loose": (
        "拿走砝码后不回零（差 {back} g）：螺丝松了，或托盘碰到别处",
        "does not come back to zero ({back} g off): a loose screw, or the tray touches something",
    ),
    "not_repeating": (
        "同一砝码两次相差 {repeat} g：螺丝松了，或托盘放得不平",
        "the same mass weighs {repeat} g more or less the second time: a loose screw or a tray that rocks",
    ),
    "not_linear": (
        "线性误差 {residual} g：托盘在中途碰到了东西，或砝码不对",
        "is {residual} g off a straight line: the tray touches something on its way, or a mass is wrong",
    ),
    "light_wrong": (
        "灯没亮或错位：查灯带接线和顺序",
        "its light did not come on in its turn: check the chain of lights",
    ),
    "door_not_shut": (
        "门关上了，门磁却说开着：磁铁太远，或线断了",
        "its contact says open though it is shut: the magnet is too far off, or a wire is broken",
    ),
    "bolt_unseen": (
        "门关上了，锁舌开关没有反应：查锁舌开关的线",
        "its bolt does not latch, or its sensor's wire is off",
    ),
    "lock_dead": (
        "线圈通电后锁舌不动：查 12 V、MOSFET 和线圈插头",
        "its bolt does not move when the coil is on: check 12 V, the MOSFET and the coil's plug",
    ),
    "contact_dead": (
        "锁开了，门磁没有看到门打开：查门磁的线（或没有拉门）",
        "its contact did not see it open: check the contact's wires, or nobody pulled",
    ),
    "not_latched": (
        "关上后没有锁住：调整锁扣位置",
        "does not latch when it is shut: adjust the strike",
    ),
    "not_held": (
        "门关上了、线圈通电，却没有吸住：查 12 V、MOSFET、线圈插头、吸板间隙和锁状态触点",
        "is not held though it is shut and its coil is on: check 12 V, MOSFET, the coil's plug, the armature's gap and "
        "the contact that says it holds",
    ),
    "still_held": (
        "线圈断电后还锁着：查 MOSFET 是否击穿，线圈上不要并二极管，锁是否为断电开型",
        "stays locked when its coil is let go: check the MOSFET, that no diode is across the coil, and that the lock "
        "is one that opens without power",
    ),
    "reader_dead": (
        "没有回答：拨码是否在 HSU，TX/RX 是否接反，5 V 是否有",
        "does not answer: its switches at HSU, TX and RX crossed, 5 V there?",
    ),
    "no_card": ("没有读到卡：换一张卡，或检查天线", "read no card: try another, or look at its antenna"),
    "tags_dead": (
        "没有回答：查供电、TX/RX 和帧头字节",
        "does not answer: check its supply, TX and RX, and the first byte of its frames",
    ),
    "no_link": (
        "没有网络：查网线、交换机和 W5500 的中断线",
        "no link or no address: check cable, switch and the interrupt wire",
    ),
    "no_gateway": (
        "连不上网关 {host}:{port}（{error}）：查地址和防火墙",
        "the gateway {host}:{port} does not answer ({error}): check its address and its firewall",
    ),
    "clock_stands": ("时钟不走", "does not go"),
}
_RECORD: Texts = {
    "locks": ("断电时门锁", "Doors without power"),
    "fail_secure": ("锁住", "stay shut"),
    "fail_safe": ("打开", "open"),
    "record": ("货柜调试与校准记录", "Commissioning and calibration record"),
    "cabinet": ("货柜", "Cabinet"),
    "board": ("板型", "Board"),
    "unique_id": ("控制板编号", "Controller"),
    "micropython": ("MicroPython", "MicroPython"),
    "firmware": ("固件", "Firmware"),
    "when": ("日期", "Date"),
    "who": ("校准人", "By"),
    "temperature": ("温度", "Temperature"),
    "cell_class": ("传感器等级", "Class of cells"),
    "masses": ("砝码", "Masses"),
    "certificate": ("证书号 {number}", "certificate {number}"),
    "bin": ("货位", "Bin"),
    "bins": ("货位校准", "Bins"),
    "zero": ("零点（码）", "Zero (codes)"),
    "ng": ("ng / 码", "ng a code"),
    "readings": ("读数（码）", "Readings (codes)"),
    "residual": ("线性 (g)", "Linearity (g)"),
    "repeat": ("重复 (g)", "Repeat (g)"),
    "back": ("回零 (g)", "Back to zero (g)"),
    "noise": ("噪声 (g)", "Noise (g)"),
    "parts": ("各部件", "Parts"),
    "passed": ("合格", "passed"),
    "failed": ("待处理", "to be mended"),
    "finding": ("问题", "Findings"),
    "signature": ("签名", "Signature"),
    "verdict_fine": ("全部合格", "All is well"),
    "verdict_bad": ("{count} 处待处理", "{count} to be mended"),
    "limits": (
        "允许：线性、重复、回零各 {limit} g（在 {mass} 时）",
        "Allowed: linearity, repeat and return to zero {limit} g each (at {mass})",
    ),
    "earlier": ("以前的校准", "Earlier calibrations"),
    "at_bin": ("货位 {bin}", "Bin {bin}"),
    "at_door": ("{door} 号门", "Door {door}"),
    "at_badge": ("读卡器", "Badge reader"),
    "at_tags": ("标签读写器", "Tag reader"),
    "at_network": ("网络", "Network"),
    "at_clock": ("时钟", "Clock"),
    "at_mux": ("多路开关 {mux}", "Multiplexer {mux}"),
}
_SAYS: Mapping[Language, Say] = {
    language: Say(language, _LINE, _COMMAND, _TERMINAL, _BENCH, _CAUSES, _RECORD) for language in ("zh", "en")
}


def say(language: Language) -> Say:
    """The sentences of a language."""
    return _SAYS[language]
