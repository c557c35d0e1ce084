"""Every message between a controller and its gateway: topics, fields, units, limits, encode, decode.

One source for MicroPython and CPython; `docs/mqtt.md` describes it in prose and is checked against it.
This module never touches a socket, a file or a clock, and imports nothing of ours.

    WireError            a message is not what this module defines
     +- EnvelopeError    the fixed envelope of an event is broken: ask for the journal again
     +- BodyError        the envelope is sound, its body cannot be understood: quarantine it

An *event line* is one JSON object in one line of UTF-8, in exactly this byte layout:

    {"v":1,"cabinet":"cab-1","epoch":"0123456789abcdef","seq":17,"body":{...},"crc":"89abcdef"}

The envelope is read by its bytes alone, so that a body nobody understands still counts as received.
`crc` is the CRC-32 (IEEE 802.3, as in zlib) of all bytes before `,"crc":`.
"""

import json
from binascii import crc32
from collections import namedtuple

VERSION = 1
ROOT = "partsbay/1"
EVENT_BYTES_MAX = 4096  # one event line, without the line feed
PUBLISH_BYTES_MAX = 4096  # one PUBLISH on `event`: as many whole lines as fit
CONFIG_BYTES_MAX = 16384  # one `config` payload
BINS_MAX = 64
INT_MAX = 9007199254740991  # 2^53 - 1: exact in every JSON reader

FROM_CONTROLLER = ("event", "live", "health", "state")
TO_CONTROLLER = ("journal_ack", "command", "time", "config")
RETAINED = ("state", "config")

# Quality of a weighing in a row of bins.
SETTLED = 0
UNSETTLED = 1  # the best that could be had before the deadline
BLIND = 2  # the sensor gave an error: the weight is null

# A field is (name, type, low, high): the limits are values for INT, bytes for TEXT, rows for ROWS.
# WORD takes a tuple of the allowed words in place of `low`; ROWS takes its columns there.
INT = 0
TEXT = 1
WORD = 2
ROWS = 3
MAYBE_INT = 4  # in rows: an integer or null
OPTIONAL_INT = 5  # in objects: may be absent

_MASS = 2000000000  # mg: two tonnes
_SESSION = ("session", INT, 0, INT_MAX)
_DOOR = ("door", INT, 1, 16)
_BIN = ("bin", INT, 1, BINS_MAX)
_BADGE = ("badge", TEXT, 0, 32)
_PERSON = ("person", TEXT, 0, 32)
_EPOCH = ("epoch", TEXT, 16, 16)
_UTC = ("utc_ms", OPTIONAL_INT, 0, INT_MAX)
_BOOT = ("boot", INT, 1, INT_MAX)
_UP = ("up_ms", INT, 0, INT_MAX)
_V = ("v", INT, 1, 255)

_WEIGHED = (  # one weighing of a bin
    _BIN,
    ("mg", MAYBE_INT, -_MASS, _MASS),
    ("noise_mg", INT, 0, _MASS),
    ("quality", INT, SETTLED, BLIND),
)
_CHANGED = (  # two weighings of a bin
    _BIN,
    ("before_mg", MAYBE_INT, -_MASS, _MASS),
    ("before_noise_mg", INT, 0, _MASS),
    ("after_mg", MAYBE_INT, -_MASS, _MASS),
    ("after_noise_mg", INT, 0, _MASS),
    ("quality", INT, SETTLED, BLIND),
)
_WEIGHINGS = ("bins", ROWS, _WEIGHED, BINS_MAX)
_CHANGES = ("bins", ROWS, _CHANGED, BINS_MAX)

COMMON = (_BOOT, _UP, _UTC)  # after `kind`, before the fields of the kind

EVENTS = {
    "journal_created": (("reason", WORD, ("first", "lost"), 0),),
    "booted": (
        ("reset_cause", WORD, ("power_on", "watchdog", "hard", "soft", "unknown"), 0),
        ("firmware", TEXT, 1, 32),
        ("board", TEXT, 1, 32),
        ("bins", INT, 1, BINS_MAX),
        ("doors", INT, 1, 16),
        _SESSION,
    ),
    "badge_refused": (
        _BADGE,
        ("reason", WORD, ("unknown", "no_list", "list_expired", "journal_full", "busy", "no_door"), 0),
    ),
    "session_opened": (
        ("by", WORD, ("badge", "command", "forced"), 0),
        _BADGE,
        _PERSON,
        _DOOR,
        _WEIGHINGS,
    ),
    "person_joined": (_SESSION, _BADGE, _PERSON),
    "door_opened": (_SESSION, _DOOR),
    "door_shut": (_SESSION, _DOOR),
    "door_forced": (_DOOR,),
    "door_held_open": (_SESSION, _DOOR, ("open_ms", INT, 0, INT_MAX)),
    "door_not_latched": (_SESSION, _DOOR),
    "session_closed": (
        _SESSION,
        ("how", WORD, ("shut", "not_opened", "recovered"), 0),
        ("missing", TEXT, 0, 64),
        ("open_ms", INT, 0, INT_MAX),
        _CHANGES,
    ),
    "bins_changed": (_CHANGES,),
    "bin_fault": (_BIN, ("fault", WORD, ("no_answer", "stuck", "saturated", "uncalibrated"), 0)),
    "bin_well": (_BIN,),
    "recalibrated": (
        _BIN,
        ("mass_mg", INT, 0, _MASS),
        ("zero_counts", INT, -8388608, 8388607),
        ("ng_per_count", INT, -INT_MAX, INT_MAX),
    ),
    "config_taken": (("version", INT, 1, INT_MAX),),
    "config_refused": (("version", INT, 0, INT_MAX), ("reason", TEXT, 1, 96)),
    "command_done": (
        ("id", TEXT, 1, 32),
        ("result", WORD, ("done", "refused", "expired"), 0),
        ("detail", TEXT, 0, 96),
    ),
}

MESSAGES = {  # by the last level of the topic; not journaled
    "live": (
        _V,
        _UP,
        _SESSION,
        _PERSON,
        ("doors", ROWS, (_DOOR, ("open", INT, 0, 1), ("locked", INT, 0, 1)), 16),
        ("bins", ROWS, (_BIN, ("mg", MAYBE_INT, -_MASS, _MASS), ("quality", INT, 0, BLIND)), BINS_MAX),
    ),
    "health": (
        _V,
        _EPOCH,
        _BOOT,
        _UP,
        _UTC,
        ("firmware", TEXT, 1, 32),
        ("reset_cause", WORD, ("power_on", "watchdog", "hard", "soft", "unknown"), 0),
        ("config_version", INT, 0, INT_MAX),
        ("journal_first", INT, 0, INT_MAX),
        ("journal_last", INT, 0, INT_MAX),
        ("journal_through", INT, 0, INT_MAX),
        ("journal_free_bytes", INT, 0, INT_MAX),
        ("mem_free_bytes", INT, 0, INT_MAX),
        ("mem_free_bytes_min", INT, 0, INT_MAX),
        ("scan_ms_max", INT, 0, INT_MAX),
        ("bins_blind", INT, 0, BINS_MAX),
        ("sensor_errors", INT, 0, INT_MAX),
        ("connects", INT, 0, INT_MAX),
        ("refused", INT, 0, INT_MAX),
    ),
    "state": (_V, ("online", INT, 0, 1), _EPOCH, _BOOT, ("journal_last", INT, 0, INT_MAX)),
    "journal_ack": (
        _V,
        _EPOCH,
        ("through", INT, 0, INT_MAX),
        ("in_cloud", INT, 0, INT_MAX),
        ("again", INT, 0, 1),
    ),
    "time": (_V, _BOOT, _UP, ("utc_ms", INT, 0, INT_MAX)),
}

COMMANDS = {  # on `command`, after `v`, `id`, `kind` and the optional `expires_utc_ms`
    "unlock": (_DOOR, _PERSON),
    "light": (
        _BIN,
        ("colour", WORD, ("off", "white", "green", "amber", "red", "blue"), 0),
        ("for_ms", INT, 0, 3600000),
    ),
    "identify": (("for_ms", INT, 0, 600000),),
    "recalibrate": (_BIN, ("mass_mg", INT, 0, _MASS)),
}
_COMMAND_ID = ("id", TEXT, 1, 32)
_COMMAND_EXPIRY = ("expires_utc_ms", OPTIONAL_INT, 0, INT_MAX)

CONFIG_HEADER = (  # the first line of `config`; docs/mqtt.md describes the lines that follow
    _V,
    ("cabinet", TEXT, 1, 32),
    ("version", INT, 1, INT_MAX),
    ("expires_utc_ms", INT, 0, INT_MAX),
    ("badge_format", WORD, ("hex", "hex_reversed", "decimal", "decimal_reversed"), 0),
    ("badge_bits", INT, 8, 80),
    ("people", INT, 0, 300),
)

Envelope = namedtuple("Envelope", ("v", "cabinet", "epoch", "seq", "body"))


class WireError(ValueError):
    """A message is not what this module defines; the text says what was expected and what was found."""


class EnvelopeError(WireError):
    """The envelope of an event line is broken: nothing in the line can be trusted."""


class BodyError(WireError):
    """The envelope is sound but the body cannot be understood."""


def topic(cabinet, leaf):
    """`partsbay/1/<cabinet>/<leaf>`."""
    check_cabinet(cabinet)
    return ROOT + "/" + cabinet + "/" + leaf


def split_topic(name):
    """The (cabinet, leaf) of a topic; `WireError` when it is not one of ours."""
    parts = name.split("/")
    if len(parts) != 4 or parts[0] + "/" + parts[1] != ROOT:
        raise WireError("expected a topic %s/<cabinet>/<leaf>, found %r" % (ROOT, name[:80]))
    check_cabinet(parts[2])
    if parts[3] not in FROM_CONTROLLER and parts[3] not in TO_CONTROLLER:
        raise WireError("expected a known last level in the topic, found %r" % parts[3][:40])
    return parts[2], parts[3]


def check_cabinet(cabinet):
    """Refuse a cabinet id that is not `[a-z0-9-]{1,32}`."""
    if isinstance(cabinet, str) and 1 <= len(cabinet) <= 32:
        for character in cabinet:
            if not ("a" <= character <= "z" or "0" <= character <= "9" or character == "-"):
                break
        else:
            return
    raise WireError("expected a cabinet id of 1 to 32 of a-z, 0-9 and -, found %r" % (cabinet,))


def check_epoch(epoch):
    """Refuse an epoch that is not 16 lower-case hexadecimal digits."""
    if isinstance(epoch, str) and len(epoch) == 16:
        for character in epoch:
            if character not in "0123456789abcdef":
                break
        else:
            return
    raise WireError("expected an epoch of 16 lower-case hex digits, found %r" % (epoch,))


def crc(data):
    """CRC-32 of `data` as eight lower-case hex digits."""
    return "%08x" % (crc32(data) & 0xFFFFFFFF)


# ---- events ----


def encode_event(cabinet, epoch, seq, body):
    """One event line as bytes. `body` holds `kind`, the fields of `COMMON` and those of its kind."""
    check_cabinet(cabinet)
    check_epoch(epoch)
    _check_int("seq", seq, 1, INT_MAX)
    head = '{"v":%d,"cabinet":"%s","epoch":"%s","seq":%d,"body":%s' % (
        VERSION,
        cabinet,
        epoch,
        seq,
        _encode_kind(body, EVENTS, COMMON),
    )
    data = head.encode()
    line = data + b',"crc":"' + crc(data).encode() + b'"}'
    if len(line) > EVENT_BYTES_MAX:
        raise WireError("expected an event of at most %d bytes, found %d" % (EVENT_BYTES_MAX, len(line)))
    return line


def decode_envelope(line):
    """The `Envelope` of an event line, its `body` still as bytes; `EnvelopeError` when it is broken."""
    if len(line) > EVENT_BYTES_MAX:
        raise EnvelopeError("expected an event of at most %d bytes, found %d" % (EVENT_BYTES_MAX, len(line)))
    if line[-18:-10] != b',"crc":"' or line[-2:] != b'"}':
        raise EnvelopeError('expected a line that ends in ,"crc":"<8 hex digits>"}, found %r' % line[-18:])
    found = line[-10:-2]
    expected = crc(line[:-18]).encode()
    if found != expected:
        raise EnvelopeError("expected crc %r, found %r" % (expected, found))
    version, at = _number_after(line, 0, b'{"v":')
    cabinet, at = _text_after(line, at, b',"cabinet":"', 32)
    epoch, at = _text_after(line, at, b',"epoch":"', 16)
    seq, at = _number_after(line, at, b',"seq":')
    if line[at : at + 8] != b',"body":':
        raise EnvelopeError('expected ,"body": after seq, found %r' % line[at : at + 8])
    try:
        check_cabinet(cabinet)
        check_epoch(epoch)
        _check_int("v", version, 1, 255)
        _check_int("seq", seq, 1, INT_MAX)
    except WireError as error:
        raise EnvelopeError(str(error))
    return Envelope(version, cabinet, epoch, seq, line[at + 8 : -18])


def decode_body(envelope):
    """The body of a sound envelope as a dict; `BodyError` when it cannot be understood."""
    if not VERSION - 1 <= envelope.v <= VERSION:
        raise BodyError("expected version %d or the one before, found %d" % (VERSION, envelope.v))
    try:
        return _decode_kind(envelope.body, EVENTS, COMMON)
    except WireError as error:
        raise BodyError(str(error))


# ---- the other messages ----


def encode(leaf, message):
    """The payload of a message of `MESSAGES`; `v` is filled in."""
    return _encode_fields(message, MESSAGES[leaf]).encode()


def decode(leaf, payload):
    """A message of `MESSAGES` as a dict; `WireError` when it is not one."""
    message = _load(payload)
    _check_version(message)
    return _check_fields(message, MESSAGES[leaf], leaf)


def encode_command(command):
    """The payload of a command: `id`, `kind`, the fields of its kind, perhaps `expires_utc_ms`."""
    return _encode_kind(command, COMMANDS, (_V, _COMMAND_ID, _COMMAND_EXPIRY)).encode()


def decode_command(payload):
    """A command as a dict; `WireError` when it is not one."""
    _check_version(_load(payload))
    return _decode_kind(payload, COMMANDS, (_V, _COMMAND_ID, _COMMAND_EXPIRY))


def encode_config_header(header):
    """The first line of a `config` payload, without the line feed; `v` is filled in."""
    return _encode_fields(header, CONFIG_HEADER).encode()


def decode_config_header(line):
    """The first line of a `config` payload as a dict; `WireError` when it is not one."""
    header = _load(line)
    _check_version(header)
    check_cabinet(header.get("cabinet"))
    return _check_fields(header, CONFIG_HEADER, "config")


def encode_access_row(badge, person, role):
    """One line of the access list in a `config` payload, without the line feed."""
    return ("[%s,%s,%s]" % (_text(badge), _text(person), _text(role))).encode()


# ---- encoding ----


def _encode_kind(body, table, common):
    kind = body.get("kind")
    if kind not in table:
        raise WireError("expected a known kind, found %r" % (kind,))
    fields = _encode_fields(body, common + table[kind], 1)
    return '{"kind":"%s",%s' % (kind, fields[1:])


def _encode_fields(message, fields, extra=0):
    parts = []
    known = extra
    for field in fields:
        name = field[0]
        if name == "v":
            parts.append('"v":%d' % VERSION)
            known += name in message
            continue
        if name not in message:
            if field[1] == OPTIONAL_INT:
                continue
            raise WireError("expected a field %s, found none" % name)
        known += 1
        value = message[name]
        _check_value(field, value)
        parts.append('"%s":%s' % (name, _encode_value(field[1], value)))
    if known != len(message):
        raise WireError("expected only declared fields, found %r" % _unknown(message, fields))
    return "{" + ",".join(parts) + "}"


def _encode_value(kind, value):
    if kind == TEXT or kind == WORD:
        return _text(value)
    if kind == ROWS:
        return "[" + ",".join([_row(row) for row in value]) + "]"
    return "%d" % value


def _row(row):
    return "[" + ",".join(["null" if value is None else "%d" % value for value in row]) + "]"


def _text(value):
    out = []
    for character in value:
        if character == '"' or character == "\\":
            out.append("\\" + character)
        elif character < " ":
            out.append("\\u%04x" % ord(character))
        else:
            out.append(character)
    return '"' + "".join(out) + '"'


# ---- decoding ----


def _load(payload):
    try:
        message = json.loads(str(payload, "utf-8"))
    except (ValueError, RuntimeError) as error:  # RuntimeError: nested too deeply
        raise WireError("expected JSON in UTF-8, found %r (%s)" % (payload[:40], error))
    if not isinstance(message, dict):
        raise WireError("expected a JSON object, found %r" % payload[:40])
    return message


def _decode_kind(payload, table, common):
    message = _load(payload)
    kind = message.pop("kind", None)
    if not isinstance(kind, str) or kind not in table:
        raise WireError("expected a known kind, found %r" % (kind,))
    _check_fields(message, common + table[kind], kind)
    message["kind"] = kind
    return message


def _check_version(message):
    version = message.get("v")
    if type(version) is not int or version < 1 or not VERSION - 1 <= version <= VERSION:
        raise WireError("expected version %d or the one before, found %r" % (VERSION, version))


def _check_fields(message, fields, where):
    known = 0
    for field in fields:
        name = field[0]
        if name in message:
            known += 1
            _check_value(field, message[name])
        elif field[1] != OPTIONAL_INT:
            raise WireError("expected a field %s in %s, found none" % (name, where))
    if known != len(message):
        raise WireError("expected only declared fields in %s, found %r" % (where, _unknown(message, fields)))
    return message


def _unknown(message, fields):
    names = [field[0] for field in fields]
    return sorted([str(name)[:32] for name in message if name not in names and name != "kind"])


def _check_value(field, value):
    name, kind, low, high = field
    if kind == INT or kind == OPTIONAL_INT:
        _check_int(name, value, low, high)
    elif kind == TEXT:
        if not isinstance(value, str) or not low <= len(value.encode()) <= high:
            raise WireError("expected %s of %d to %d bytes of text, found %r" % (name, low, high, value))
    elif kind == WORD:
        if not isinstance(value, str) or value not in low:
            raise WireError("expected %s to be one of %s, found %r" % (name, ", ".join(low), value))
    else:
        _check_rows(name, low, high, value)


def _check_rows(name, columns, rows_max, value):
    if not isinstance(value, (list, tuple)) or len(value) > rows_max:
        raise WireError("expected %s as a list of at most %d rows, found %r" % (name, rows_max, value))
    for row in value:
        if not isinstance(row, (list, tuple)) or len(row) != len(columns):
            raise WireError("expected rows of %d columns in %s, found %r" % (len(columns), name, row))
        for i in range(len(columns)):
            column = columns[i]
            if row[i] is None and column[1] == MAYBE_INT:
                continue
            _check_int(column[0], row[i], column[2], column[3])


def _check_int(name, value, low, high):
    if type(value) is not int or not low <= value <= high:
        raise WireError("expected %s as an integer from %d to %d, found %r" % (name, low, high, value))


def _number_after(line, at, prefix):
    start = at + len(prefix)
    if line[at:start] != prefix:
        raise EnvelopeError("expected %r at byte %d, found %r" % (prefix, at, line[at:start]))
    end = start
    while end < len(line) and end - start < 17 and 48 <= line[end] <= 57:
        end += 1
    if end == start or (line[start] == 48 and end - start > 1):
        raise EnvelopeError("expected a number at byte %d, found %r" % (start, line[start : start + 8]))
    return int(line[start:end]), end


def _text_after(line, at, prefix, length_max):
    start = at + len(prefix)
    if line[at:start] != prefix:
        raise EnvelopeError("expected %r at byte %d, found %r" % (prefix, at, line[at:start]))
    end = line.find(b'"', start)
    if end < 0 or end - start > length_max:
        raise EnvelopeError("expected text of at most %d bytes at byte %d" % (length_max, start))
    try:
        return str(line[start:end], "utf-8"), end + 1
    except ValueError:
        raise EnvelopeError("expected UTF-8 at byte %d, found %r" % (start, line[start:end]))
