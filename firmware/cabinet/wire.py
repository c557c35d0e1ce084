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
import sys
from binascii import crc32
from collections import namedtuple

VERSION = 1
ROOT = "partsbay/1"
EVENT_BYTES_MAX = 4096  # one event line, without the line feed
PUBLISH_BYTES_MAX = 4096  # one PUBLISH on `event`: as many whole lines as fit
CONFIG_BYTES_MAX = 16384  # one `config` payload
PIECE_BYTES_MAX = 4096  # of a bundle in one `bundle` payload, without its first line
CERTIFICATE_BYTES_MAX = 2048  # one `certificate` payload
BINS_MAX = 64
INT_MAX = 9007199254740991  # 2^53 - 1: exact in every JSON reader

_BESIDE_BYTES = 512  # the longest `session_closed` without its rows is shorter
_CRC_BYTES = 18  # of an event line, behind its body
_ROWS_AT_ONCE = 4

_CABINET = "abcdefghijklmnopqrstuvwxyz0123456789-"  # stripped of these, nothing may be left
_EPOCH = "0123456789abcdef"

FROM_CONTROLLER = ("event", "live", "health", "state", "device", "want")
TO_CONTROLLER = ("journal_ack", "command", "time", "config", "bundle", "certificate")
RETAINED = ("state", "config")
MESSAGES = ("live", "health", "state", "device", "want", "journal_ack", "time", "bundle")  # one JSON object, no kinds

# Quality of a weighing in a row of bins.
SETTLED = 0
UNSETTLED = 1  # the best that could be had before the deadline
BLIND = 2  # the sensor gave an error: the weight is null

# The types of a field: (name, type, low, high). The limits are values for INT, bytes for TEXT, rows for ROWS;
# WORD has the tuple of its words in place of `low`, ROWS that of its columns.
INT = 0
TEXT = 1
WORD = 2
ROWS = 3
MAYBE_INT = 4  # in rows: an integer or null
OPTIONAL_INT = 5  # in objects: may be absent
OPTIONAL_ROWS = 6  # the same

# Every message, a line each: its name, then its fields in their order. Kept as text and read when asked for: as tables
# it would take a fifth of a controller's heap. `a..b` is an integer between limits, with ? an absent or null one,
# `ta..b` text of so many bytes, `x|y` one of these words, `[columns]n` at most n rows (with ? they may be
# absent); names in capitals come first.
_SPECS = """
COUNT 0..9007199254740991
MASS -2000000000..2000000000
NOISE 0..2000000000
BIN 1..64
DOOR 1..16
QUALITY 0..2
CHANGES [bin:BIN,before_mg:MASS?,before_noise_mg:NOISE,after_mg:MASS?,after_noise_mg:NOISE,quality:QUALITY]64
events boot:1..9007199254740991 up_ms:COUNT utc_ms:COUNT?
event journal_created reason:first|lost
event booted reset_cause:power_on|watchdog|hard|soft|unknown firmware:t1..32 board:t1..32 bins:BIN doors:DOOR session:COUNT
event badge_refused badge:t0..32 reason:unknown|no_list|list_expired|journal_full|busy|no_door|pin
event session_opened by:badge|command|forced badge:t0..32 person:t0..32 door:DOOR bins:[bin:BIN,mg:MASS?,noise_mg:NOISE,quality:QUALITY]64
event person_joined session:COUNT badge:t0..32 person:t0..32
event door_opened session:COUNT door:DOOR
event door_shut session:COUNT door:DOOR
event door_forced door:DOOR
event door_held_open session:COUNT door:DOOR open_ms:COUNT
event door_not_latched session:COUNT door:DOOR
event session_closed session:COUNT how:shut|not_opened|recovered missing:t0..64 open_ms:COUNT bins:CHANGES plateaus:[bin:BIN,at_ms:COUNT,mg:MASS,noise_mg:NOISE]64?
event tags_read session:COUNT pass:0..2 rounds:1..65535 seen:COUNT more:0..1 missing:t0..1600 came:t0..1600
event bins_changed bins:CHANGES
event bin_fault bin:BIN fault:no_answer|stuck|saturated|noisy|uncalibrated
event bin_well bin:BIN
event recalibrated bin:BIN mass_mg:NOISE zero_counts:-8388608..8388607 ng_per_count:-9007199254740991..9007199254740991
event config_taken version:1..9007199254740991
event config_refused version:COUNT reason:t1..96
event update_refused version:t0..32 reason:t1..96
event update_installed version:t1..32 before:t1..32
event update_confirmed version:t1..32
event update_returned version:t1..32 reason:t1..96
event certificate_taken serial:t1..64 not_after_ms:COUNT
event certificate_refused reason:t1..96
event command_done id:t1..32 result:done|refused|expired detail:t0..96
live v:1..255 up_ms:COUNT session:COUNT person:t0..32 doors:[door:DOOR,open:0..1,locked:0..1]16 bins:[bin:BIN,mg:MASS?,quality:QUALITY]64
health v:1..255 epoch:t16..16 boot:1..9007199254740991 up_ms:COUNT utc_ms:COUNT? firmware:t1..32 reset_cause:power_on|watchdog|hard|soft|unknown config_version:COUNT journal_first:COUNT journal_last:COUNT journal_through:COUNT journal_free_bytes:COUNT mem_free_bytes:COUNT mem_free_bytes_min:COUNT scan_ms_max:COUNT bins_blind:0..64 sensor_errors:COUNT connects:COUNT refused:COUNT left_out:COUNT? tags:COUNT? tag_failures:COUNT? tags_over:COUNT?
device v:1..255 firmware:t1..32 board:t1..32 micropython:t1..32 slot:a|b|none trial:0..1 installing:t0..32 got_bytes:COUNT of_bytes:COUNT locks:fail_secure|fail_safe tls:0..1 certificate:t0..64 not_after_ms:COUNT
want v:1..255 version:t1..32 offset:COUNT bytes:1..4096
state v:1..255 online:0..1 epoch:t16..16 boot:1..9007199254740991 journal_last:COUNT
journal_ack v:1..255 epoch:t16..16 through:COUNT in_cloud:COUNT again:0..1
time v:1..255 boot:1..9007199254740991 up_ms:COUNT utc_ms:COUNT
bundle v:1..255 version:t1..32 offset:COUNT
config v:1..255 cabinet:t1..32 version:1..9007199254740991 expires_utc_ms:COUNT badge_format:hex|hex_reversed|decimal|decimal_reversed badge_bits:8..80 people:0..300 pin_doors:0..65535?
commands v:1..255 id:t1..32 expires_utc_ms:COUNT?
command unlock door:DOOR person:t0..32
command light bin:BIN colour:off|white|green|amber|red|blue for_ms:0..3600000
command identify for_ms:0..600000
command recalibrate bin:BIN mass_mg:NOISE
command update version:t1..32 bytes:1..4194304 sha256:t64..64 downgrade:0..1
"""  # noqa: E501 - a line a message

EVENT = "event"  # families of messages that have a `kind`
COMMAND = "command"
_read = {}  # specifications read so far
# A board reads again rather than keep, but for one that is short: `live` comes again and again.
_READ_MAX, _CHARACTERS_MAX = (64, 1000) if sys.implementation.name == "cpython" else (1, 140)

Envelope = namedtuple("Envelope", ("v", "cabinet", "epoch", "seq", "body"))


class WireError(ValueError):
    """A message is not what this module defines; the text says what was expected and what was found."""


class EnvelopeError(WireError):
    """The envelope of an event line is broken: nothing in the line can be trusted."""


class BodyError(WireError):
    """The envelope is sound but the body cannot be understood."""


def fields(name):
    """The fields of a message as (name, type, low, high), in their order; None when there is no such message.

    `name` is a last level of a topic (`health`), the fields all events or commands share (`events`, `commands`), or
    a family and a kind (`event booted`, `command light`).
    """
    found = _read.get(name)
    if found is None:
        line = _spec(name)
        if line is None:
            return None
        found = tuple([_field(word) for word in line.split(" ")])
        if len(line) <= _CHARACTERS_MAX:
            if len(_read) >= _READ_MAX:
                _read.clear()
            _read[name] = found
    return found


def kinds(family):
    """The kinds of a family (`EVENT`, `COMMAND`), in the order they are declared."""
    return [line.split(" ")[1] for line in _SPECS.split("\n") if line.startswith(family + " ")]


def _spec(name):
    start = _SPECS.find("\n" + name + " ")
    if start < 0:
        return None
    start += len(name) + 2
    return _SPECS[start : _SPECS.find("\n", start)]


def _field(word):
    name, shape = word.split(":", 1)
    maybe = shape.endswith("?")
    if maybe:
        shape = shape[:-1]
    if "A" <= shape[0] <= "Z":
        shape = _spec(shape)
    if shape[0] == "[":
        columns, rows_max = shape[1:].split("]")
        columns = tuple([_column(column) for column in columns.split(",")])
        return name, OPTIONAL_ROWS if maybe else ROWS, columns, int(rows_max)
    if "|" in shape:
        return name, WORD, tuple(shape.split("|")), 0
    kind = OPTIONAL_INT if maybe else INT
    if shape[0] == "t":
        kind = TEXT
        shape = shape[1:]
    low, high = shape.split("..")
    return name, kind, int(low), int(high)


def _column(word):
    name, kind, low, high = _field(word)
    return name, MAYBE_INT if kind == OPTIONAL_INT else kind, low, high


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
    if not isinstance(cabinet, str) or not 1 <= len(cabinet) <= 32 or cabinet.strip(_CABINET):
        raise WireError("expected a cabinet id of 1 to 32 of a-z, 0-9 and -, found %s" % _shown(cabinet))


def check_epoch(epoch):
    """Refuse an epoch that is not 16 lower-case hexadecimal digits."""
    if not isinstance(epoch, str) or len(epoch) != 16 or epoch.strip(_EPOCH):
        raise WireError("expected an epoch of 16 lower-case hex digits, found %s" % _shown(epoch))


def crc(data):
    """CRC-32 of `data` as eight lower-case hex digits."""
    return "%08x" % (crc32(data) & 0xFFFFFFFF)


# ---- events ----


def encode_event(cabinet, epoch, seq, body):
    """One event line as bytes. `body` holds `kind`, the fields all events share and those of its kind."""
    return b"".join(event_pieces(cabinet, epoch, seq, body))


def event_pieces(cabinet, epoch, seq, body):
    """The same line, at most some rows at a time: no controller has to find room for it whole."""
    check_cabinet(cabinet)
    check_epoch(epoch)
    _check_int("seq", seq, 1, INT_MAX)
    head = '{"v":%d,"cabinet":"%s","epoch":"%s","seq":%d,"body":' % (VERSION, cabinet, epoch, seq)
    data = head.encode()
    length = found = 0
    for text in _kind_texts(body, EVENT):
        yield data
        length += len(data)
        found = crc32(data, found)
        data = text.encode()
    yield data
    length += len(data) + _CRC_BYTES
    if length > EVENT_BYTES_MAX:
        raise WireError("expected an event of at most %d bytes, found %d" % (EVENT_BYTES_MAX, length))
    yield b',"crc":"%08x"}' % (crc32(data, found) & 0xFFFFFFFF)


def room(rows):
    """How many bytes more fit into an event that carries these rows."""
    return EVENT_BYTES_MAX - _BESIDE_BYTES - sum([len(text) for text in _row_texts(rows)])


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
        return _decode_kind(envelope.body, EVENT)
    except WireError as error:
        raise BodyError(str(error))


# ---- the other messages ----


def encode(leaf, message):
    """The payload of a leaf in `MESSAGES`; `v` is filled in."""
    return _encode_fields(message, _message_fields(leaf))


def decode(leaf, payload):
    """Such a message as a dict; `WireError` when it is not one."""
    message = _load(payload)
    _check_version(message)
    return _check_fields(message, _message_fields(leaf), leaf)


def encode_command(command):
    """The payload of a command: `id`, `kind`, the fields of its kind, perhaps `expires_utc_ms`."""
    return "".join(_kind_texts(command, COMMAND)).encode()


def decode_command(payload):
    """A command as a dict; `WireError` when it is not one."""
    _check_version(_load(payload))
    return _decode_kind(payload, COMMAND)


def encode_config_header(header):
    """The first line of a `config` payload, without the line feed; `v` is filled in."""
    return _encode_fields(header, fields("config"))


def decode_config_header(line):
    """The first line of a `config` payload as a dict; `WireError` when it is not one."""
    header = _load(line)
    _check_version(header)
    check_cabinet(header.get("cabinet"))
    return _check_fields(header, fields("config"), "config")


def encode_access_row(badge, person, role):
    """One line of the access list in a `config` payload, without the line feed."""
    return ("[%s,%s,%s]" % (_text(badge), _text(person), _text(role))).encode()


# ---- encoding ----


def _kind_texts(body, family):
    """The JSON of an event or a command, piece by piece."""
    kind = body.get("kind")
    fields = _kind_fields(family, kind)
    yield '{"kind":"%s"' % kind
    yield from _field_texts(body, fields, ",", 1)


def _kind_fields(family, kind):
    """The fields of a kind, those of its family first."""
    is_word = isinstance(kind, str) and " " not in kind  # a space would reach into the specification behind the kind
    own = fields(family + " " + kind) if is_word else None
    if own is None:
        raise WireError("expected a known kind, found %s" % _shown(kind))
    return fields(family + "s") + own


def _message_fields(leaf):
    if leaf not in MESSAGES:
        raise WireError("expected one of %s, found %r" % (", ".join(MESSAGES), leaf))
    return fields(leaf)


def _encode_fields(message, fields):
    return "".join(_field_texts(message, fields, "{", 0)).encode()


def _field_texts(message, fields, before, known):
    """The JSON of these fields and the object's end; `before` stands before the first, and it has `known` others."""
    for field in fields:
        name = field[0]
        if name == "v":
            known += name in message
            yield before + '"v":%d' % VERSION
        elif name in message:
            known += 1
            value = message[name]
            _check_value(field, value)
            yield before + '"%s":' % name
            yield from _value_texts(field[1], value)
        elif field[1] < OPTIONAL_INT:
            raise WireError("expected a field %s, found none" % name)
        else:
            continue
        before = ","
    if known != len(message):
        raise WireError("expected only declared fields, found %r" % _unknown(message, fields))
    yield "}"


def _value_texts(kind, value):
    if kind == TEXT or kind == WORD:
        yield _text(value)
    elif kind == ROWS or kind == OPTIONAL_ROWS:
        yield from _row_texts(value)
    else:
        yield "%d" % value


def _row_texts(rows):
    """Integers and null: the same bytes on both runtimes."""
    yield "["
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        text = json.dumps(rows[first : first + _ROWS_AT_ONCE], separators=(",", ":"))
        yield "," + text[1:-1] if first else text[1:-1]
    yield "]"


def _text(value):
    """A text in quotes; not character by character, because MicroPython keeps each it has seen in ever larger pools."""
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    if value and min(value.encode()) < 32:
        for code in range(32):
            text = text.replace(chr(code), "\\u%04x" % code)
    return '"' + text + '"'


# ---- decoding ----


def _load(payload):
    try:
        message = json.loads(str(payload, "utf-8"))
    except (ValueError, TypeError, RuntimeError) as error:  # nested too deeply; or a list as a key, on MicroPython
        raise WireError("expected JSON in UTF-8, found %r (%s)" % (payload[:40], error))
    if not isinstance(message, dict):
        raise WireError("expected a JSON object, found %r" % payload[:40])
    return message


def _decode_kind(payload, family):
    message = _load(payload)
    kind = message.pop("kind", None)
    _check_fields(message, _kind_fields(family, kind), kind)
    message["kind"] = kind
    return message


def _check_version(message):
    version = message.get("v")
    if type(version) is not int or version < 1 or not VERSION - 1 <= version <= VERSION:
        raise WireError("expected version %d or the one before, found %s" % (VERSION, _shown(version)))


def _check_fields(message, fields, where):
    known = 0
    for field in fields:
        name = field[0]
        if name in message:
            known += 1
            _check_value(field, message[name])
        elif field[1] < OPTIONAL_INT:
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
        if not isinstance(value, str) or not low <= _text_bytes(value) <= high:
            raise WireError("expected %s of %d to %d bytes of text, found %s" % (name, low, high, _shown(value)))
    elif kind == WORD:
        if not isinstance(value, str) or value not in low:
            raise WireError("expected %s to be one of %s, found %s" % (name, ", ".join(low), _shown(value)))
    else:
        _check_rows(name, low, high, value)


def _check_rows(name, columns, rows_max, value):
    if not isinstance(value, (list, tuple)) or len(value) > rows_max:
        raise WireError("expected %s as a list of at most %d rows, found %s" % (name, rows_max, _shown(value)))
    for row in value:
        if not isinstance(row, (list, tuple)) or len(row) != len(columns):
            raise WireError("expected rows of %d columns in %s, found %s" % (len(columns), name, _shown(row)))
        for i in range(len(columns)):
            column = columns[i]
            cell = row[i]
            if type(cell) is int and column[2] <= cell <= column[3]:  # no call for what is nearly always so
                continue
            if cell is not None or column[1] != MAYBE_INT:
                _check_int(column[0], cell, column[2], column[3])


def _check_int(name, value, low, high):
    if type(value) is not int or not low <= value <= high:
        raise WireError("expected %s as an integer from %d to %d, found %s" % (name, low, high, _shown(value)))


def _text_bytes(value):
    """The length of a text in UTF-8; -1 for half a surrogate pair, which JSON can write and UTF-8 cannot."""
    try:
        data = value.encode()
    except ValueError:
        return -1
    at = data.find(b"\xed")  # MicroPython does encode them, as ED A0..BF xx
    while at >= 0:
        if data[at + 1] >= 0xA0:
            return -1
        at = data.find(b"\xed", at + 1)
    return len(data)


def _shown(value):
    """A value as an error's sentence shows it: short, whatever it is."""
    try:
        text = repr(value)
    except RuntimeError:
        text = "something nested too deeply"
    return text if len(text) <= 80 else text[:77] + "..."


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
