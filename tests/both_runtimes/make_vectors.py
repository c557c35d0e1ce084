"""Writes vectors.json: what the wire must look like, byte for byte, and what must be refused.

Independent of wire.py: every text below is written by hand, and the check of an event line is zlib's. The values to
encode are what a JSON reader finds in that text. After adding a vector: `python -m tests.both_runtimes.make_vectors`.
"""

import json
import zlib
from pathlib import Path
from typing import Any

CABINET = "cab-1"
EPOCH = "0123456789abcdef"
PATH = Path(__file__).with_name("vectors.json")
WEIGHED_64 = ",".join(f"[{number},{number}000,150,0]" for number in range(1, 65))
CHANGED_64 = ",".join(f"[{number},-2000000000,2000000000,2000000000,2000000000,1]" for number in range(1, 65))
STOOD_64 = ",".join(f"[{number},{number}00,-{number}000,150]" for number in range(1, 65))
EPCS_64 = " ".join(f"E28011700000020F8A5C{number:04X}" for number in range(1, 65))

EVENT_BODIES = [
    '{"kind":"journal_created","boot":1,"up_ms":0,"reason":"first"}',
    '{"kind":"journal_created","boot":7,"up_ms":12,"utc_ms":1795297388123,"reason":"lost"}',
    '{"kind":"booted","boot":2,"up_ms":5,"reset_cause":"power_on","firmware":"0.1.0","board":"esp32s3-w5500-24",'
    '"bins":24,"doors":2,"session":0}',
    '{"kind":"booted","boot":9007199254740991,"up_ms":9007199254740991,"utc_ms":9007199254740991,'
    '"reset_cause":"unknown","firmware":"f","board":"b","bins":64,"doors":16,"session":9007199254740991}',
    '{"kind":"badge_refused","boot":1,"up_ms":1,"badge":"04A2B3C4D5E680","reason":"unknown"}',
    '{"kind":"badge_refused","boot":1,"up_ms":1,"badge":"","reason":"no_door"}',
    '{"kind":"badge_refused","boot":1,"up_ms":1,"badge":"04A2B3C4D5E680","reason":"pin"}',
    '{"kind":"session_opened","boot":1,"up_ms":90210,"utc_ms":1795297388123,"by":"badge","badge":"DEADBEEF",'
    '"person":"张伟","door":1,"bins":[[1,1200500,150,0],[2,null,0,2],[3,-20,90,1]]}',
    '{"kind":"session_opened","boot":1,"up_ms":1,"by":"forced","badge":"","person":"","door":16,"bins":[]}',
    '{"kind":"session_opened","boot":1,"up_ms":1,"by":"command","badge":"","person":"p","door":2,'
    f'"bins":[{WEIGHED_64}]}}',
    '{"kind":"person_joined","boot":1,"up_ms":2,"session":17,"badge":"00","person":"li-na"}',
    '{"kind":"door_opened","boot":1,"up_ms":3,"session":17,"door":1}',
    '{"kind":"door_shut","boot":1,"up_ms":4,"session":17,"door":1}',
    '{"kind":"door_forced","boot":1,"up_ms":5,"door":2}',
    '{"kind":"door_held_open","boot":1,"up_ms":6,"session":17,"door":1,"open_ms":120000}',
    '{"kind":"door_not_latched","boot":1,"up_ms":7,"session":17,"door":1}',
    '{"kind":"session_closed","boot":1,"up_ms":8,"session":17,"how":"shut","missing":"","open_ms":15300,'
    '"bins":[[1,1200500,150,1175300,160,0],[2,null,0,null,0,2]]}',
    '{"kind":"session_closed","boot":1,"up_ms":8,"session":17,"how":"recovered",'
    '"missing":"weighing before the power was cut","open_ms":0,"bins":[]}',
    f'{{"kind":"session_closed","boot":1,"up_ms":8,"session":17,"how":"not_opened","missing":"",'
    f'"open_ms":0,"bins":[{CHANGED_64}]}}',
    '{"kind":"session_closed","boot":1,"up_ms":8,"session":17,"how":"shut","missing":"","open_ms":15300,'
    '"bins":[[1,1200500,150,1175300,160,0]],"plateaus":[[1,2400,950300,170],[64,9007199254740991,-2000000000,2000000000]]}',
    '{"kind":"session_closed","boot":1,"up_ms":8,"session":17,"how":"shut","missing":"","open_ms":15300,"bins":[],'
    '"plateaus":[]}',
    '{"kind":"session_closed","boot":1,"up_ms":8,"session":17,"how":"shut","missing":"","open_ms":15300,"bins":[],'
    f'"plateaus":[{STOOD_64}]}}',
    '{"kind":"tags_read","boot":1,"up_ms":8,"session":17,"pass":1,"rounds":12,"seen":31,"more":0,'
    '"missing":"E28011700000020F8A5C1B2D","came":""}',
    '{"kind":"tags_read","boot":1,"up_ms":8,"utc_ms":1795297388123,"session":0,"pass":0,"rounds":65535,'
    f'"seen":9007199254740991,"more":1,"missing":"{EPCS_64}","came":"{EPCS_64}"}}',
    '{"kind":"tags_read","boot":1,"up_ms":8,"session":17,"pass":2,"rounds":1,"seen":0,"more":0,"missing":"","came":""}',
    '{"kind":"bins_changed","boot":1,"up_ms":9,"bins":[[12,500,10,700,10,0]]}',
    '{"kind":"bin_fault","boot":1,"up_ms":10,"bin":3,"fault":"stuck"}',
    '{"kind":"bin_fault","boot":1,"up_ms":10,"bin":64,"fault":"uncalibrated"}',
    '{"kind":"bin_fault","boot":1,"up_ms":10,"bin":5,"fault":"noisy"}',
    '{"kind":"bin_well","boot":1,"up_ms":11,"bin":3}',
    '{"kind":"recalibrated","boot":1,"up_ms":12,"bin":1,"mass_mg":2000000,"zero_counts":-8388608,"ng_per_count":-1250}',
    '{"kind":"recalibrated","boot":1,"up_ms":12,"bin":1,"mass_mg":0,"zero_counts":8388607,'
    '"ng_per_count":9007199254740991}',
    '{"kind":"config_taken","boot":1,"up_ms":13,"version":42}',
    '{"kind":"config_refused","boot":1,"up_ms":14,"version":0,"reason":"expected an HMAC by this cabinet"}',
    '{"kind":"update_refused","boot":1,"up_ms":14,"version":"","reason":"expected a bundle, found something else"}',
    '{"kind":"update_refused","boot":1,"up_ms":14,"version":"0.3.0","reason":"expected version 0.2.1 or later"}',
    '{"kind":"update_installed","boot":8,"up_ms":14,"utc_ms":1795297388123,"version":"0.3.0","before":"0.2.0"}',
    '{"kind":"update_confirmed","boot":8,"up_ms":180000,"version":"0.3.0"}',
    '{"kind":"update_returned","boot":11,"up_ms":14,"version":"0.3.0","reason":"3 starts without proof"}',
    '{"kind":"certificate_taken","boot":1,"up_ms":14,"serial":"4f02","not_after_ms":1826833388000}',
    '{"kind":"certificate_refused","boot":1,"up_ms":14,"reason":"expected this cabinet\'s key, found another"}',
    '{"kind":"command_done","boot":1,"up_ms":15,"id":"c-1","result":"done","detail":""}',
    '{"kind":"command_done","boot":1,"up_ms":15,"id":"c","result":"refused",'
    '"detail":"a \\"quote\\", a back\\\\slash, \\u0000\\u0001\\u000a\\u001f, / and \u007f"}',
    '{"kind":"command_done","boot":1,"up_ms":15,"id":"指令","result":"expired","detail":"퟿ 🔧 货柜"}',
]

MESSAGES = [
    ("live", '{"v":1,"up_ms":5,"session":0,"person":"","doors":[[1,0,1]],"bins":[[1,1000,0],[2,null,2]]}'),
    ("live", '{"v":1,"up_ms":5,"session":17,"person":"张伟","doors":[],"bins":[]}'),
    (
        "health",
        '{"v":1,"epoch":"0123456789abcdef","boot":3,"up_ms":60000,"utc_ms":1795297388123,"firmware":"0.1.0",'
        '"reset_cause":"watchdog","config_version":42,"journal_first":1,"journal_last":900,"journal_through":890,'
        '"journal_free_bytes":400000,"mem_free_bytes":61000,"mem_free_bytes_min":48000,"scan_ms_max":71,'
        '"bins_blind":1,"sensor_errors":3,"connects":2,"refused":0,"left_out":7}',
    ),
    (
        "health",
        '{"v":1,"epoch":"0123456789abcdef","boot":3,"up_ms":60000,"firmware":"0.1.0","reset_cause":"hard",'
        '"config_version":42,"journal_first":1,"journal_last":900,"journal_through":890,"journal_free_bytes":400000,'
        '"mem_free_bytes":61000,"mem_free_bytes_min":48000,"scan_ms_max":71,"bins_blind":0,"sensor_errors":0,'
        '"connects":2,"refused":0,"tags":118,"tag_failures":2,"tags_over":0}',
    ),
    (
        "health",
        '{"v":1,"epoch":"ffffffffffffffff","boot":1,"up_ms":0,"firmware":"f","reset_cause":"soft",'
        '"config_version":0,"journal_first":0,"journal_last":0,"journal_through":0,"journal_free_bytes":0,'
        '"mem_free_bytes":0,"mem_free_bytes_min":0,"scan_ms_max":0,"bins_blind":64,"sensor_errors":0,"connects":0,'
        '"refused":0}',
    ),
    ("state", '{"v":1,"online":1,"epoch":"0123456789abcdef","boot":3,"journal_last":900}'),
    ("state", '{"v":1,"online":0,"epoch":"0123456789abcdef","boot":3,"journal_last":0}'),
    (
        "device",
        '{"v":1,"firmware":"0.2.0","board":"esp32s3-w5500-24","micropython":"1.29.0/6.3","slot":"a","trial":1,'
        '"installing":"","got_bytes":0,"of_bytes":0,"locks":"fail_secure","tls":0,"certificate":"","not_after_ms":0}',
    ),
    (
        "device",
        '{"v":1,"firmware":"0.2.0","board":"b","micropython":"1.29.0/6.3","slot":"none","trial":0,'
        '"installing":"0.3.0","got_bytes":4096,"of_bytes":67112,"locks":"fail_safe","tls":1,"certificate":"4f02",'
        '"not_after_ms":1826833388000}',
    ),
    ("want", '{"v":1,"version":"0.3.0","offset":0,"bytes":1}'),
    ("want", '{"v":1,"version":"0.3.0-rc.1","offset":65536,"bytes":4096}'),
    ("journal_ack", '{"v":1,"epoch":"0123456789abcdef","through":890,"in_cloud":640,"again":0}'),
    ("journal_ack", '{"v":1,"epoch":"0123456789abcdef","through":0,"in_cloud":0,"again":1}'),
    ("time", '{"v":1,"boot":3,"up_ms":60000,"utc_ms":1795297388123}'),
]

COMMANDS = [
    '{"kind":"unlock","v":1,"id":"c-1","door":1,"person":"张伟"}',
    '{"kind":"unlock","v":1,"id":"c-2","expires_utc_ms":1795297398123,"door":2,"person":""}',
    '{"kind":"light","v":1,"id":"c-3","bin":12,"colour":"amber","for_ms":3600000}',
    '{"kind":"identify","v":1,"id":"c-4","for_ms":600000}',
    '{"kind":"recalibrate","v":1,"id":"c-5","bin":1,"mass_mg":0}',
    '{"kind":"update","v":1,"id":"c-6","version":"0.3.0","bytes":67112,'
    f'"sha256":"{"0123456789abcdef" * 4}","downgrade":0}}',
]

CONFIG_HEADERS = [
    '{"v":1,"cabinet":"cab-1","version":42,"expires_utc_ms":1795383788123,"badge_format":"hex","badge_bits":80,'
    '"people":2}',
    '{"v":1,"cabinet":"a-0","version":1,"expires_utc_ms":0,"badge_format":"decimal_reversed","badge_bits":8,'
    '"people":300}',
    '{"v":1,"cabinet":"cab-1","version":43,"expires_utc_ms":1795383788123,"badge_format":"hex","badge_bits":80,'
    '"people":2,"pin_doors":32770}',
]

PIECE_HEADERS = ['{"v":1,"version":"0.3.0","offset":0}', '{"v":1,"version":"0.3.0","offset":1048575}']

ACCESS_ROWS = [
    (["04A2B3C4D5E680", "zhang-wei", "mechanic"], '["04A2B3C4D5E680","zhang-wei","mechanic"]'),
    (["00", "张\\伟", '"r"\n'], '["00","张\\\\伟","\\"r\\"\\u000a"]'),
]

TOPICS = [("partsbay/1/cab-1/event", "cab-1", "event"), ("partsbay/1/a/journal_ack", "a", "journal_ack")]
TOPICS += [(f"partsbay/1/{'z' * 32}/{leaf}", "z" * 32, leaf) for leaf in ("live", "health", "state", "config", "time")]
BAD_TOPICS = [
    ("partsbay/2/cab-1/event", "expected a topic partsbay/1/<cabinet>/<leaf>"),
    ("partsbay/1/cab-1", "expected a topic"),
    ("partsbay/1/cab-1/event/x", "expected a topic"),
    ("", "expected a topic"),
    ("/partsbay/1/cab-1/event", "expected a topic"),
    ("partsbay/1//event", "expected a cabinet id of 1 to 32"),
    ("partsbay/1/Cab-1/event", "expected a cabinet id of 1 to 32"),
    ("partsbay/1/cab 1/event", "expected a cabinet id of 1 to 32"),
    ("partsbay/1/cab_1/event", "expected a cabinet id of 1 to 32"),
    ("partsbay/1/柜/event", "expected a cabinet id of 1 to 32"),
    (f"partsbay/1/{'z' * 33}/event", "expected a cabinet id of 1 to 32"),
    ("partsbay/1/+/event", "expected a cabinet id of 1 to 32"),
    ("partsbay/1/cab-1/events", "expected a known last level"),
    ("partsbay/1/cab-1/#", "expected a known last level"),
]


def crc_of(head: bytes) -> bytes:
    return b"%08x" % zlib.crc32(head)


def line(body: str, seq: str = "17", v: str = "1", cabinet: str = CABINET, epoch: str = EPOCH) -> bytes:
    """An event line with a right check around anything."""
    head = f'{{"v":{v},"cabinet":"{cabinet}","epoch":"{epoch}","seq":{seq},"body":{body}'.encode()
    return head + b',"crc":"' + crc_of(head) + b'"}'


def bad_envelopes() -> list[tuple[str, bytes, str]]:
    good = line('{"kind":"bin_well","boot":1,"up_ms":11,"bin":3}')
    head = good[: good.rindex(b',"crc":')]
    ends = 'expected a line that ends in ,"crc":"<8 hex digits>"}'
    cases = [
        ("nothing", b"", ends),
        ("empty object", b"{}", ends),
        ("truncated by one byte", good[:-1], ends),
        ("truncated to half", good[: len(good) // 2], ends),
        ("a line feed behind it", good + b"\n", ends),
        ("a space before the check", good.replace(b',"crc":', b', "crc":'), ends),
        ("wrong crc", good[:-10] + b"00000000" + good[-2:], "expected crc"),
        ("crc in capitals", head + b',"crc":"' + crc_of(head).upper() + b'"}', "expected crc"),
        ("one bit turned in the body", good.replace(b'"bin":3', b'"bin":2'), "expected crc"),
        ("one bit turned in seq", good.replace(b'"seq":17', b'"seq":16'), "expected crc"),
        ("seq 0", line("{}", seq="0"), "expected seq as an integer from 1 to 9007199254740991, found 0"),
        ("seq with a leading zero", line("{}", seq="017"), "expected a number at byte"),
        ("seq below zero", line("{}", seq="-1"), "expected a number at byte"),
        ("seq as text", line("{}", seq='"17"'), "expected a number at byte"),
        ("seq as a float", line("{}", seq="1.5"), 'expected ,"body": after seq'),
        ("seq too large", line("{}", seq="9007199254740992"), "expected seq as an integer"),
        ("seq of 18 digits", line("{}", seq="1" * 18), 'expected ,"body": after seq'),
        ("seq missing", line("{}", seq=""), "expected a number at byte"),
        ("version 0", line("{}", v="0"), "expected v as an integer from 1 to 255, found 0"),
        ("version 256", line("{}", v="256"), "expected v as an integer from 1 to 255, found 256"),
        ("a cabinet in capitals", line("{}", cabinet="CAB-1"), "expected a cabinet id of 1 to 32"),
        ("a cabinet with a space", line("{}", cabinet="cab 1"), "expected a cabinet id of 1 to 32"),
        ("a cabinet with an escape", line("{}", cabinet="cab\\u0031"), "expected a cabinet id of 1 to 32"),
        ("an empty cabinet", line("{}", cabinet=""), "expected a cabinet id of 1 to 32"),
        ("a cabinet of 33", line("{}", cabinet="c" * 33), "expected text of at most 32 bytes"),
        ("an epoch in capitals", line("{}", epoch="0123456789ABCDEF"), "expected an epoch of 16"),
        ("an epoch of 15", line("{}", epoch="0123456789abcde"), "expected an epoch of 16"),
        ("an epoch of 17", line("{}", epoch="0123456789abcdef0"), "expected text of at most 16 bytes"),
        ("invalid UTF-8 in the cabinet", resealed(head.replace(b"cab-1", b"cab\xff1")), "expected UTF-8 at byte"),
        ("fields in another order", resealed(swapped(head)), 'expected b\',\\"cabinet\\":\\"\' at byte'),
        ("spaces as in pretty JSON", resealed(head.replace(b'{"v":1', b'{"v": 1')), "expected a number at byte"),
        ("a line of 4097 bytes", line('{"kind":"' + "x" * 4000 + '"}'), "expected an event of at most 4096 bytes"),
    ]
    assert len(cases[-1][1]) == 4097
    return [(name, data, says.replace('\\"', '"')) for name, data, says in cases]


def resealed(head: bytes) -> bytes:
    return head + b',"crc":"' + crc_of(head) + b'"}'


def swapped(head: bytes) -> bytes:
    return head.replace(
        b'"cabinet":"cab-1","epoch":"0123456789abcdef"', b'"epoch":"0123456789abcdef","cabinet":"cab-1"'
    )


def bad_bodies() -> list[tuple[str, bytes, str]]:
    well = '{"kind":"bin_well","boot":1,"up_ms":11,"bin":%s}'
    rows = '{"kind":"bins_changed","boot":1,"up_ms":9,"bins":%s}'
    text = '{"kind":"person_joined","boot":1,"up_ms":2,"session":1,"badge":"","person":%s}'
    closed = (
        '{"kind":"session_closed","boot":1,"up_ms":8,"session":17,"how":"shut","missing":"","open_ms":1,"bins":[],'
        '"plateaus":%s}'
    )
    tags = (
        '{"kind":"tags_read","boot":1,"up_ms":8,"session":17,"pass":1,"rounds":1,"seen":0,"more":0,'
        '"missing":"%s","came":""}'
    )
    bin_range = "expected bin as an integer from 1 to 64, found "
    return [
        ("a version to come", line(well % 3, v="2"), "expected version 1 or the one before, found 2"),
        ("an unknown kind", line('{"kind":"from_tomorrow","boot":1,"up_ms":1}'), "expected a known kind, found 'from_"),
        (
            "a kind that reaches into the specification",
            line('{"kind":"door_opened session:COUNT","boot":1,"up_ms":1,"door":1}'),
            "expected a known kind",
        ),
        ("no kind", line('{"boot":1,"up_ms":1}'), "expected a known kind, found None"),
        ("a kind that is a list", line('{"kind":[],"boot":1,"up_ms":1}'), "expected a known kind, found []"),
        (
            "a missing field",
            line('{"kind":"bin_well","boot":1,"up_ms":11}'),
            "expected a field bin in bin_well, found none",
        ),
        ("a missing common field", line('{"kind":"bin_well","up_ms":11,"bin":1}'), "expected a field boot in bin_well"),
        (
            "one field too many",
            line('{"kind":"bin_well","boot":1,"up_ms":11,"bin":3,"door":1}'),
            "expected only declared fields in bin_well, found ['door']",
        ),
        ("a float", line(well % "3.0"), bin_range + "3.0"),
        ("a number in exponent form", line(well % "3e0"), bin_range + "3.0"),
        ("a bool", line(well % "true"), bin_range + "True"),
        ("null", line(well % "null"), bin_range + "None"),
        ("a number as text", line(well % '"3"'), bin_range + "'3'"),
        ("below the range", line(well % "0"), bin_range + "0"),
        ("above the range", line(well % "65"), bin_range + "65"),
        ("a number of 300 digits", line(well % ("9" * 300)), bin_range + "9999"),
        ("boot 0", line('{"kind":"bin_well","boot":0,"up_ms":11,"bin":3}'), "expected boot as an integer from 1"),
        (
            "utc_ms null",
            line('{"kind":"bin_well","boot":1,"up_ms":1,"utc_ms":null,"bin":3}'),
            "expected utc_ms as an int",
        ),
        (
            "an unknown word",
            line('{"kind":"journal_created","boot":1,"up_ms":0,"reason":"again"}'),
            "expected reason to be one of first, lost, found 'again'",
        ),
        (
            "a word that is a number",
            line('{"kind":"journal_created","boot":1,"up_ms":0,"reason":1}'),
            "expected reason",
        ),
        ("text of 33 bytes", line(text % f'"{"张" * 11}"'), "expected person of 0 to 32 bytes of text"),
        ("text that is a number", line(text % "5"), "expected person of 0 to 32 bytes of text, found 5"),
        ("half a surrogate pair", line(text % '"\\ud800"'), "expected person of 0 to 32 bytes of text"),
        ("rows that are an object", line(rows % "{}"), "expected bins as a list of at most 64 rows, found {}"),
        ("65 rows", line(rows % f"[{','.join(['[1,1,1,1,1,0]'] * 65)}]"), "expected bins as a list of at most 64 rows"),
        ("a row too short", line(rows % "[[1,1,1,1,1]]"), "expected rows of 6 columns in bins, found [1, 1, 1, 1, 1]"),
        ("a row too long", line(rows % "[[1,1,1,1,1,0,0]]"), "expected rows of 6 columns in bins"),
        ("a row that is a number", line(rows % "[1]"), "expected rows of 6 columns in bins, found 1"),
        ("null where no null may be", line(rows % "[[1,1,null,1,1,0]]"), "expected before_noise_mg as an integer"),
        ("a float in a row", line(rows % "[[1,1.5,1,1,1,0]]"), "expected before_mg as an integer"),
        (
            "65 plateaus",
            line(closed % f"[{','.join(['[1,1,1,1]'] * 65)}]"),
            "expected plateaus as a list of at most 64 rows",
        ),
        ("a plateau without a weight", line(closed % "[[1,1,null,1]]"), "expected mg as an integer"),
        ("a plateau before its session", line(closed % "[[1,-1,1,1]]"), "expected at_ms as an integer from 0"),
        ("a plateau too short", line(closed % "[[1,1,1]]"), "expected rows of 4 columns in plateaus, found [1, 1, 1]"),
        ("plateaus that are null", line(closed % "null"), "expected plateaus as a list of at most 64 rows, found None"),
        ("65 tags missing", line(tags % f"{EPCS_64} {EPCS_64[:24]}"), "expected missing of 0 to 1600 bytes of text"),
        ("a third pass", line((tags % "").replace('"pass":1', '"pass":3')), "expected pass as an integer from 0 to 2"),
        ("no rounds", line((tags % "").replace('"rounds":1', '"rounds":0')), "expected rounds as an integer from 1"),
        ("a quality of 3", line(rows % "[[1,1,1,1,1,3]]"), "expected quality as an integer from 0 to 2, found 3"),
        ("two tonnes and a milligram", line(rows % "[[1,2000000001,1,1,1,0]]"), "expected before_mg as an integer"),
        ("a list for a body", line("[]"), "expected a JSON object"),
        ("nothing for a body", line(""), "expected JSON in UTF-8"),
        ("half a body", line('{"kind":"bin_well"'), "expected JSON in UTF-8"),
        ("two bodies", line((well % 3) * 2), "expected JSON in UTF-8"),
        (
            "a body that is not UTF-8",
            resealed(line(text % '"?"')[:-18].replace(b"?", b"\xff")),
            "expected JSON in UTF-8",
        ),
        ("nested 1900 deep", line(well % ("[" * 1900 + "]" * 1900)), "expected "),
        ("nested 300 deep", line(well % ("[" * 300 + "]" * 300)), "expected bin as an integer"),
        ("nested and never closed", line(well % ("[" * 3900)), "expected JSON in UTF-8"),
    ]


def bad_messages() -> list[tuple[str, str, bytes, str]]:
    ack = '{"v":%s,"epoch":"%s","through":%s,"in_cloud":0,"again":%s}'
    return [
        ("journal_ack", "nothing", b"", "expected JSON in UTF-8"),
        ("journal_ack", "not UTF-8", b"\xff\xfe", "expected JSON in UTF-8"),
        ("journal_ack", "a list", b"[]", "expected a JSON object"),
        ("journal_ack", "no version", b"{}", "expected version 1 or the one before, found None"),
        (
            "journal_ack",
            "version 0",
            (ack % (0, EPOCH, 1, 0)).encode(),
            "expected version 1 or the one before, found 0",
        ),
        (
            "journal_ack",
            "version 2",
            (ack % (2, EPOCH, 1, 0)).encode(),
            "expected version 1 or the one before, found 2",
        ),
        ("journal_ack", "version true", (ack % ("true", EPOCH, 1, 0)).encode(), "expected version 1"),
        ("journal_ack", "epoch of 15", (ack % (1, EPOCH[1:], 1, 0)).encode(), "expected epoch of 16 to 16 bytes"),
        ("journal_ack", "through below 0", (ack % (1, EPOCH, -1, 0)).encode(), "expected through as an integer"),
        ("journal_ack", "again 2", (ack % (1, EPOCH, 1, 2)).encode(), "expected again as an integer from 0 to 1"),
        ("time", "no utc_ms", b'{"v":1,"boot":3,"up_ms":1}', "expected a field utc_ms in time, found none"),
        (
            "state",
            "an extra field",
            b'{"v":1,"online":1,"epoch":"0123456789abcdef","boot":3,"journal_last":9,"x":1}',
            "expected only declared fields in state, found ['x']",
        ),
        (
            "live",
            "a door of two columns",
            b'{"v":1,"up_ms":5,"session":0,"person":"","doors":[[1,0]],"bins":[]}',
            "expected rows of 3 columns in doors",
        ),
        (
            "command",
            "an unknown kind",
            b'{"kind":"open_all","v":1,"id":"c"}',
            "expected a known kind, found 'open_all'",
        ),
        ("command", "no id", b'{"kind":"identify","v":1,"for_ms":1}', "expected a field id in identify, found none"),
        ("command", "an empty id", b'{"kind":"identify","v":1,"id":"","for_ms":1}', "expected id of 1 to 32 bytes"),
        (
            "command",
            "an event",
            b'{"kind":"bin_well","v":1,"id":"c","bin":1}',
            "expected a known kind, found 'bin_well'",
        ),
        ("command", "no version", b'{"kind":"identify","id":"c","for_ms":1}', "expected version 1"),
        (
            "command",
            "an unknown colour",
            b'{"kind":"light","v":1,"id":"c","bin":1,"colour":"pink","for_ms":1}',
            "expected colour to be one of off, white, green, amber, red, blue, found 'pink'",
        ),
        (
            "config",
            "a cabinet in capitals",
            CONFIG_HEADERS[0].replace("cab-1", "CAB-1").encode(),
            "expected a cabinet id",
        ),
        (
            "config",
            "a seventeenth door",
            CONFIG_HEADERS[2].replace("32770", "65536").encode(),
            "expected pin_doors as an integer",
        ),
        ("want", "nothing wanted", b'{"v":1,"version":"0.3.0","offset":0,"bytes":0}', "expected bytes as an integer"),
        ("want", "too much", b'{"v":1,"version":"0.3.0","offset":0,"bytes":4097}', "expected bytes as an integer"),
        ("bundle", "no version", b'{"v":1,"offset":0}', "expected a field version in bundle, found none"),
        ("bundle", "an offset below 0", b'{"v":1,"version":"0.3.0","offset":-1}', "expected offset as an integer"),
        (
            "command",
            "half a digest",
            COMMANDS[-1].replace("0123456789abcdef" * 2, "").encode(),
            "expected sha256 of 64 to 64 bytes",
        ),
        ("config", "301 people", CONFIG_HEADERS[1].replace("300", "301").encode(), "expected people as an integer"),
    ]


def bad_to_encode() -> list[tuple[str, str, Any, str]]:
    well = json.loads('{"kind":"bin_well","boot":1,"up_ms":11,"bin":3}')
    detail = json.loads(EVENT_BODIES[-1])
    return [
        ("event", "a float", well | {"bin": 3.0}, "expected bin as an integer from 1 to 64, found 3.0"),
        ("event", "a bool", well | {"bin": True}, "expected bin as an integer from 1 to 64, found True"),
        ("event", "an extra field", well | {"x": 1}, "expected only declared fields, found ['x']"),
        ("event", "a missing field", {k: v for k, v in well.items() if k != "bin"}, "expected a field bin, found none"),
        ("event", "an unknown kind", well | {"kind": "bin"}, "expected a known kind, found 'bin'"),
        ("event", "97 bytes of detail", detail | {"detail": "x" * 97}, "expected detail of 0 to 96 bytes"),
        ("state", "a missing field", {"online": 1}, "expected a field epoch, found none"),
        ("command", "an empty id", {"kind": "identify", "id": "", "for_ms": 1}, "expected id of 1 to 32 bytes"),
        ("config", "no people", {"cabinet": "a", "version": 1}, "expected a field expires_utc_ms, found none"),
    ]


def without_v(text: str) -> Any:
    found = json.loads(text)
    found.pop("v", None)
    return found


def build() -> dict[str, Any]:
    return {
        "cabinet": CABINET,
        "epoch": EPOCH,
        "events": [
            {"seq": seq, "body": json.loads(body), "line": line(body, str(seq)).hex()}
            for seq, body in enumerate(EVENT_BODIES, 17)
        ],
        "messages": [{"leaf": leaf, "message": without_v(text), "payload": text} for leaf, text in MESSAGES]
        + [{"leaf": "command", "message": without_v(text), "payload": text} for text in COMMANDS]
        + [{"leaf": "config", "message": without_v(text), "payload": text} for text in CONFIG_HEADERS]
        + [{"leaf": "bundle", "message": without_v(text), "payload": text} for text in PIECE_HEADERS],
        "access_rows": [{"row": row, "line": text} for row, text in ACCESS_ROWS],
        "topics": [{"topic": topic, "cabinet": cabinet, "leaf": leaf} for topic, cabinet, leaf in TOPICS],
        "bad_topics": [{"topic": topic, "says": says} for topic, says in BAD_TOPICS],
        "bad_envelopes": [{"name": name, "line": data.hex(), "says": says} for name, data, says in bad_envelopes()],
        "bad_bodies": [{"name": name, "line": data.hex(), "says": says} for name, data, says in bad_bodies()],
        "bad_messages": [
            {"leaf": leaf, "name": name, "payload": data.hex(), "says": says}
            for leaf, name, data, says in bad_messages()
        ],
        "bad_to_encode": [
            {"leaf": leaf, "name": name, "message": message, "says": says}
            for leaf, name, message, says in bad_to_encode()
        ],
    }


def text_of(vectors: dict[str, Any]) -> str:
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text_of(build()), encoding="utf-8")
