"""World manufacturer identifiers (the first three characters of a VIN): whose they are. Facts, collected by hand.

Trucks, vans and buses first, in China, Europe, Japan and America; of cars the makers a mixed shop sees. The keys are
those of `part_words.make_key`. An entry of two characters is of every identifier that begins so.
"""

from typing import Final

_BY_MAKE: Final[dict[str, str]] = {
    # China
    "jiefang": "LFW LFN LFB LFP LFT",
    "sinotruk": "LZZ",
    "shacman": "LZG",
    "dongfeng": "LGA LGB LGC LGD LGF LGG LGH LGJ",
    "foton": "LVA LVB LVC LRD",
    "jac": "LJ1 LJC",
    "jmc": "LEF LJX",
    "isuzu": "LET LWL JAA JAB JAC JAL JAM JAN LZE MPA MP1 4NU 4KL 54D 4S2 PAD NNA",
    "hongyan": "LZF",
    "beiben": "LBZ",
    "xcmg": "LXG",
    "dayun": "LG6",
    "yutong": "LZY",
    "king_long": "LA6 LKL LL3",
    "maxus": "LSK LSH SEY",
    "byd": "LGX LC0",
    "geely": "L6T LB3 LMP",
    "great_wall": "LGW",
    "chery": "LVV LVT LVM",
    "changan": "LS4 LS5 LSC",
    "wuling": "LZW",
    # Europe
    "mercedes": "WDB WDC WDD WDF W1K W1N W1T W1V W1W WD3 WD4 WDP WDR WDY WDZ W2W W2Y WEB VSA NLE NMB 9BM 8AB 8AC 4JG"
    " 55S TAW LE4 LBA MBR WMX WDA",
    "man": "WMA VAN LZM 6AB WAG 953",
    "scania": "YS2 YS4 XLE VLU 9BS",
    "volvo": "YV1 YV2 YV3 YV4 YV5 LYV LVY 4V1 4V2 4V3 4V4 4V5 4V6 4VA 4VE 4VL 4VM 4VZ 93K MHP MC2 XLB",
    "daf": "XLR XLA",
    "iveco": "ZCF WJM ZCN VNE VSB LNV 93Z 8AT ZFC",
    "renault": "VF1 VF2 VF6 VF8 VNV VN1 X7L 93Y 8A1 9FB KNM MEE VS5 VNU",
    "ford": "1FA 1FB 1FC 1FD 1FM 1FT 1F1 1F6 1ZV 2FA 2FB 2FC 2FM 2FT 3FA 3FD 3FE 3FM 3FN 3FR 3FT WF0 NM0 VS6 SFA 6FP"
    " AFA AFB MAJ MNB 8AF 9BF LVS LVR XLC X9F PE1 MNA NLR",
    "volkswagen": "WVW WVG WV1 WV2 WV3 WV4 1VW 1V2 2V4 2V8 3VW 3VV 9BW 8AW LFV LSV LSW AAV XW8 VWV YBW",
    "audi": "WAU WA1 WUA TRU 93U 93V",
    "bmw": "WBA WBS WBX WBY WB1 5UX 5YM 4US LBV X4X MMF PM9",
    "opel": "W0L W0V SED SKF VSX VXK",
    "peugeot": "VF3 VR3 SDB 936 8AD 8GD",
    "citroen": "VF7 VR7 VS7 935 LDC",
    "fiat": "ZFA 9BD 8AP SUF MCA NM4 3C3",
    "kamaz": "XTC",
    "tatra": "TNU TMT",
    # Japan and Korea
    "toyota": "JT2 JT3 JT4 JT5 JT6 JT7 JT8 JTA JTB JTD JTE JTF JTG JTH JTJ JTK JTL JTM JTN JT 1NX 2T1 2T2 2T3 3TM 3TY"
    " 4T1 4T3 4T4 5T 5TB 5TD 5TE 5TF 5TY 58A SB1 VNK TW1 NMT AHT LTV LFM LVG MBJ MHF MR0 MR1 MR2 6T1 9BR 8AJ PN1 93R",
    "hino": "JHA JHB JHD JHF JHH 5PV 2AY LHW",
    "nissan": "JN1 JN3 JN6 JN8 JN 1N4 1N6 3N1 3N6 5N1 5BZ SJN VSK VWA 94D MDH MNT 6F4",
    "ud": "JNA JNB JND JPC",
    "mitsubishi": "JA3 JA4 JA7 JMB JMY JMA 4A3 4A4 6MM MMB MMC MMA MMT XMC 93X MA7 LL6",
    "fuso": "JL5 JL6 JL7 JLF JW6 JW7 TYA TYB",
    "honda": "JHG JHL JHM 1HG 19U 19X 2HG 2HJ 2HK 3HG 5F 5FN 5FP 5J6 5J8 SHH SHS LHG LVH LUC MAK MLH MRH NLA 93H",
    "mazda": "JM0 JM1 JM2 JM3 JM6 JM7 JMZ 1YV 3MZ 4F2 4F4 7MM YCM PE3 MM6 MM7 MM8",
    "suzuki": "JS1 JS2 JS3 JS4 JSA JS TSM VSE MA3 MBH MLC 8AK",
    "subaru": "JF1 JF2 JF 4S3 4S4 4S6",
    "hyundai": "KMC KMF KMH KMJ KM8 KM 5NM 5NP 2HM X7M TMA LBE MAL NLH AC5 ADD Z94 9BH",
    "kia": "KNA KNC KND KNE KNH KN 5XX 5XY 3KP U5Y U6Y LJD XWE",
    # America
    "freightliner": "1FU 1FV 2FU 2FV 3AK 3AL 1FY 4UZ 2FZ 4YD",
    "kenworth": "1XK 1NK 2NK 2XK 3BK 3WK 5KK 6F5",
    "peterbilt": "1XP 1NP 1XR 2NP 2XP 3BP",
    "mack": "1M1 1M2 1M3 1M4 2M2 VG6",
    "international": "1HS 1HT 1HV 2HS 2HT 3HA 3HC 3HS 3HT 3HV 4DR",
    "western_star": "2WK 2WL 2WM 5KJ 5KC",
    "chevrolet": "1G1 1GA 1GB 1GC 1GN 2G1 2GC 2GN 3G1 3GC 3GN KL1 KL7 KL8 8AG 8GG 9BG 54C MMM",
    "gmc": "1GD 1GJ 1GK 1GT 2GD 2GK 2GT 3GK 3GT 54E",
    "buick": "1G4 2G4 3G4 5GA KL4 LRB",
    "dodge": "1B3 1B4 1B6 1B7 1D3 1D4 1D7 1D8 2B3 2B4 2B6 2B7 2C3 2C4 2D3 2D4 3B6 3B7 3C6 3C7 3D2 3D3 3D4 3D6 3D7 1C6",
    "jeep": "1C4 1J4 1J8 1JC",
    "tesla": "5YJ 7SA 7G2 LRW XP7",
    # India and others
    "tata": "MAT",
    "ashok_leyland": "MB1",
}
# Makers that are sold in a shop's parts but have no row in `trade_words.py`
_BY_NAME: Final[dict[str, str]] = {
    "Acura": "JH4 19V",
    "Alfa Romeo": "ZAR",
    "Beijing Automotive": "LNB LHB",
    "Brilliance": "LSY",
    "Cadillac": "1G6 1GY",
    "Chrysler": "1C3 2A4 3C4",
    "Dacia": "UU1",
    "Daihatsu": "JDA JD",
    "Dongfeng Sokon": "LVZ",
    "GAC": "LMG",
    "GAZ": "X96 XTH",
    "Haima": "LH1",
    "Harley-Davidson": "1HD",
    "Irizar": "VS9",
    "Jaguar": "SAJ",
    "Lada": "XTA",
    "Land Rover": "SAL",
    "Li Auto": "HLX LW4",
    "Lincoln": "1LN 2LM 5LM",
    "Mahindra": "MA1 MAB MAC",
    "MG": "LSJ SDP",
    "MINI": "WMW",
    "Neoplan": "WAG",
    "NIO": "LJN",
    "Nova Bus": "2NV 4RK",
    "Pontiac": "1G2 1GM 2G2 3G2",
    "Porsche": "WP0 WP1",
    "SAIC-GM": "LSG",
    "Saab": "YS3 YTN",
    "SEAT": "VSS",
    "Skoda": "TMB",
    "smart": "TCC WME",
    "Solaris": "SUU",
    "SsangYong": "KPA KPT",
    "UAZ": "XTT",
    "Van Hool": "YE2",
    "Xpeng": "L1N LMV",
    "Yuejin": "LNY",
    "ZAZ": "Y6D",
    "Zhongtong": "LDY",
    "Zotye": "LJ8",
}

_REGIONS: Final = (
    ("A", "C", "南部非洲", "southern Africa"),
    ("D", "H", "非洲", "Africa"),
    ("J", "J", "日本", "Japan"),
    ("K", "K", "韩国", "Korea"),
    ("L", "L", "中国", "China"),
    ("M", "M", "印度和东南亚", "India and South-East Asia"),
    ("N", "R", "亚洲", "Asia"),
    ("S", "S", "英国和中欧", "Britain and Central Europe"),
    ("T", "T", "瑞士和中欧", "Switzerland and Central Europe"),
    ("U", "U", "北欧和东欧", "northern and eastern Europe"),
    ("V", "V", "法国、西班牙和奥地利", "France, Spain and Austria"),
    ("W", "W", "德国", "Germany"),
    ("X", "X", "荷兰、俄罗斯和东欧", "the Netherlands, Russia and eastern Europe"),
    ("Y", "Y", "北欧", "northern Europe"),
    ("Z", "Z", "意大利", "Italy"),
    ("1", "1", "美国", "United States"),
    ("2", "2", "加拿大", "Canada"),
    ("3", "3", "墨西哥", "Mexico"),
    ("4", "5", "美国", "United States"),
    ("6", "6", "澳大利亚", "Australia"),
    ("7", "7", "美国和新西兰", "United States and New Zealand"),
    ("8", "9", "南美洲", "South America"),
)

_MAKES: Final = {code: make for make, codes in _BY_MAKE.items() for code in codes.split()}
_NAMES: Final = {code: name for name, codes in _BY_NAME.items() for code in codes.split() if code not in _MAKES}


def maker_of(wmi: str) -> str:
    """The maker's key, or its name where it has no key; "" when it is not known."""
    for code in (wmi, wmi[:2]):
        if code in _MAKES or code in _NAMES:
            return _MAKES.get(code) or _NAMES[code]
    return ""


def region_of(wmi: str) -> tuple[str, str]:
    """Where a VIN was given out, in Chinese and English."""
    return next(((zh, en) for first, last, zh, en in _REGIONS if first <= wmi[:1] <= last), ("", ""))


def known_codes() -> frozenset[str]:
    """Every identifier of the table."""
    return frozenset((*_MAKES, *_NAMES))
