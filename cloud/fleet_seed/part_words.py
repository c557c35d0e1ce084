"""What parts a dealer of truck parts sells: names, weights, prices and how often they are needed. Texts only."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of part; `need` is how often it is taken beside the others, `season` when most."""

    category: str
    zh: str
    en: str
    grams: int
    yuan: int
    need: float
    pack: int = 1
    season: str = ""  # summer | winter | ""
    unit: str = "piece"


KINDS: tuple[Kind, ...] = (
    Kind("wearing", "机油滤清器", "Oil filter", 820, 48, 10, 12),
    Kind("wearing", "柴油滤清器", "Fuel filter", 760, 62, 9, 12),
    Kind("wearing", "油水分离器滤芯", "Water separator element", 540, 75, 6, 6),
    Kind("wearing", "空气滤清器", "Air filter", 2100, 160, 5, 4, "summer"),
    Kind("wearing", "空调滤清器", "Cabin air filter", 260, 38, 5, 10, "summer"),
    Kind("wearing", "前刹车片", "Front brake pad set", 6400, 280, 5, 2),
    Kind("wearing", "后刹车片", "Rear brake pad set", 6900, 290, 4, 2),
    Kind("wearing", "刹车蹄片", "Brake shoe", 4800, 150, 3, 4),
    Kind("wearing", "雨刮片 600 毫米", "Wiper blade 600 mm", 310, 28, 6, 10, "summer"),
    Kind("wearing", "雨刮片 700 毫米", "Wiper blade 700 mm", 350, 32, 4, 10, "summer"),
    Kind("wearing", "干燥罐", "Air dryer cartridge", 1650, 190, 3, 4, "winter"),
    Kind("wearing", "尿素滤芯", "AdBlue filter", 180, 66, 4, 10),
    Kind("wearing", "离合器片", "Clutch disc", 5200, 620, 1.2),
    Kind("wearing", "轮毂油封", "Hub oil seal", 120, 24, 4, 20),
    Kind("wearing", "油底壳放油螺栓垫片", "Drain plug washer", 6, 2, 7, 100),
    Kind("wearing", "变速箱油 4 升", "Gear oil 4 l", 3700, 210, 3, 4),
    Kind("wearing", "冷却液 4 公斤", "Coolant 4 kg", 4100, 68, 3, 4, "winter"),
    Kind("wearing", "黄油", "Grease cartridge", 430, 22, 5, 12),
    Kind("wearing", "扎带", "Cable tie", 4, 1, 6, 100),
    Kind("wearing", "M8 螺栓", "Bolt M8", 18, 1, 4, 1000, "", "gram"),
    Kind("wearing", "M12 螺母", "Nut M12", 16, 1, 3, 1000, "", "gram"),
    Kind("engine", "多楔带", "V-ribbed belt", 310, 85, 4, 5),
    Kind("engine", "张紧轮", "Belt tensioner", 980, 240, 2, 2),
    Kind("engine", "水泵", "Water pump", 4600, 520, 1.2, 1, "summer"),
    Kind("engine", "节温器", "Thermostat", 240, 95, 1.6, 4, "winter"),
    Kind("engine", "喷油器", "Injector", 560, 1450, 0.8),
    Kind("engine", "喷油器铜垫", "Injector washer", 5, 3, 4, 50),
    Kind("engine", "气门室盖垫", "Rocker cover gasket", 190, 58, 2, 4),
    Kind("engine", "涡轮增压器", "Turbocharger", 11200, 3200, 0.25),
    Kind("engine", "机油泵", "Oil pump", 3900, 680, 0.3),
    Kind("engine", "起动机齿轮", "Starter pinion", 410, 130, 0.5),
    Kind("engine", "曲轴前油封", "Crankshaft front seal", 110, 45, 1.5, 5),
    Kind("engine", "曲轴后油封", "Crankshaft rear seal", 210, 88, 1.2, 5),
    Kind("engine", "高压油管", "Injection line", 380, 110, 1),
    Kind("engine", "硅油风扇离合器", "Fan clutch", 5600, 780, 0.3, 1, "summer"),
    Kind("engine", "活塞环组", "Piston ring set", 320, 260, 0.5),
    Kind("chassis", "推力杆胶芯", "Torque rod bush", 1900, 95, 2.5, 4),
    Kind("chassis", "转向拉杆球头", "Tie rod end", 2600, 180, 1.8, 2),
    Kind("chassis", "减振器", "Shock absorber", 5100, 320, 1.5, 2),
    Kind("chassis", "气囊", "Air spring", 6200, 410, 0.9),
    Kind("chassis", "钢板销", "Leaf spring pin", 1300, 42, 1.6, 4),
    Kind("chassis", "轮毂轴承", "Hub bearing", 3300, 360, 1.4, 2),
    Kind("chassis", "刹车分泵", "Brake chamber", 4700, 260, 1.5, 2, "winter"),
    Kind("chassis", "刹车调整臂", "Slack adjuster", 2200, 170, 1.2, 2),
    Kind("chassis", "尼龙气管 12 毫米", "Air hose 12 mm", 140, 9, 3, 20),
    Kind("chassis", "快插接头", "Push-in fitting", 45, 12, 4, 20),
    Kind("chassis", "十字轴", "Universal joint", 2900, 150, 1.1, 2),
    Kind("chassis", "传动轴吊架", "Propshaft bearing", 3100, 230, 0.7),
    Kind("chassis", "轮胎螺栓", "Wheel bolt", 620, 16, 3, 10),
    Kind("electrical", "H7 灯泡", "Bulb H7", 28, 18, 6, 10, "winter"),
    Kind("electrical", "H1 灯泡", "Bulb H1", 24, 15, 4, 10, "winter"),
    Kind("electrical", "21W 灯泡", "Bulb 21 W", 9, 4, 6, 10, "winter"),
    Kind("electrical", "保险丝 10A", "Blade fuse 10 A", 2, 1, 6, 100),
    Kind("electrical", "保险丝 20A", "Blade fuse 20 A", 2, 1, 6, 100),
    Kind("electrical", "继电器 24V", "Relay 24 V", 38, 26, 3, 10),
    Kind("electrical", "氮氧传感器", "NOx sensor", 420, 1350, 1),
    Kind("electrical", "轮速传感器", "Wheel speed sensor", 190, 160, 1.3, 2),
    Kind("electrical", "发电机碳刷", "Alternator brushes", 60, 35, 1.2, 5),
    Kind("electrical", "火焰预热塞", "Glow plug", 70, 85, 1.2, 4, "winter"),
    Kind("electrical", "刹车灯开关", "Brake light switch", 55, 42, 1.4, 5),
    Kind("electrical", "示廓灯", "Marker lamp", 130, 22, 2.2, 10),
    Kind("electrical", "蓄电池接线柱", "Battery terminal", 140, 18, 1.8, 10, "winter"),
    Kind("appearance", "左后视镜片", "Mirror glass left", 640, 75, 1.6, 2),
    Kind("appearance", "右后视镜片", "Mirror glass right", 640, 75, 1.8, 2),
    Kind("appearance", "下视镜", "Kerb mirror", 900, 120, 0.7),
    Kind("appearance", "前大灯左", "Headlamp left", 3900, 680, 0.5),
    Kind("appearance", "前大灯右", "Headlamp right", 3900, 680, 0.6),
    Kind("appearance", "后尾灯", "Rear lamp", 1700, 190, 1.1, 2),
    Kind("appearance", "车门把手", "Door handle", 290, 65, 0.9, 2),
    Kind("appearance", "踏板", "Step plate", 2400, 160, 0.5),
    Kind("appearance", "挡泥板", "Mudguard", 2600, 110, 0.6),
    Kind("appearance", "反光条", "Reflective tape", 350, 30, 2.5, 10),
)

BRANDS: dict[str, tuple[str, ...]] = {
    "wearing": ("曼牌 MANN", "弗列加 Fleetguard", "菲罗多 Ferodo", "博世 Bosch", "平原 Pingyuan"),
    "engine": ("盖茨 Gates", "马勒 MAHLE", "博世 Bosch", "潍柴 Weichai", "海拉 Hella"),
    "chassis": ("采埃孚 ZF", "克诺尔 Knorr", "威伯科 WABCO", "富华 Fuwa", "人本 C&U"),
    "electrical": ("欧司朗 Osram", "飞利浦 Philips", "海拉 Hella", "大陆 Continental", "博世 Bosch"),
    "appearance": ("海拉 Hella", "星宇 Xingyu", "宏达 Hongda", "明芳 Mingfang"),
}
