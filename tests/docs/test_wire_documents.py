"""docs/mqtt.md and docs/asyncapi.yaml against the wire: every topic, kind, field in order, type, limit and example."""

import hashlib
import hmac
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from cabinet import wire

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "mqtt.md").read_text(encoding="utf-8")
ASYNCAPI: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = ASYNCAPI["components"]["schemas"]
TYPES = {
    wire.INT: "integer",
    wire.TEXT: "text",
    wire.WORD: "word",
    wire.ROWS: "rows",
    wire.MAYBE_INT: "integer or null",
    wire.OPTIONAL_INT: "integer, optional",
    wire.OPTIONAL_ROWS: "rows, optional",
}
AT_MOST_ONCE = ("live", "health", "device", "want", "time", "bundle")  # QoS 0, as the link and the gateway send them
LEAVES = (*wire.FROM_CONTROLLER, *wire.TO_CONTROLLER)
KINDS = [("event", kind) for kind in wire.kinds(wire.EVENT)] + [("command", kind) for kind in wire.kinds(wire.COMMAND)]

ALL_ROWS = (wire.ROWS, wire.OPTIONAL_ROWS)

Rows = list[tuple[str, ...]]


def section(title: str) -> str:
    """The text below a heading, up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"expected a section {title!r} in mqtt.md"
    return found[1]


def tables(text: str) -> list[Rows]:
    """The tables of a text, without their heads; cells without backquotes."""
    found: list[Rows] = []
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [tuple(cell.strip() for cell in line.strip("|\n ").split(" | ")) for line in block.splitlines()]
        found.append([tuple(cell.replace("`", "") for cell in row) for row in rows[2:]])
    return found


def limits(field: tuple[Any, ...]) -> str:
    _, kind, low, high = field
    if kind == wire.TEXT:
        return f"{low}..{high} bytes"
    if kind == wire.WORD:
        return " ".join(low)
    if kind in ALL_ROWS:
        return f"0..{high} rows of " + ", ".join(column[0] for column in low)
    return f"{low}..{high}"


def expected_tables(fields: tuple[Any, ...]) -> list[Rows]:
    """What the page must say of these fields, meaning left out: one table, and one for each field of rows."""
    of_rows = [field[2] for field in fields if field[1] in ALL_ROWS]
    return [[(field[0], TYPES[field[1]], limits(field)) for field in each] for each in [fields, *of_rows]]


def stated_tables(title: str) -> list[Rows]:
    stated = tables(section(title))
    for rows in stated:
        assert all(len(row) == 4 and row[3] for row in rows), f"expected four cells a row in {title}"
    return [[row[:3] for row in rows] for rows in stated]


# ---- mqtt.md ----


def test_the_page_lists_the_topics() -> None:
    """Direction and retention by the wire; QoS as the link and the gateway send."""
    expected = []
    for leaf in LEAVES:
        ends = ("controller", "gateway") if leaf in wire.FROM_CONTROLLER else ("gateway", "controller")
        qos = "0" if leaf in AT_MOST_ONCE else "1"
        expected.append((leaf, *ends, qos, "yes" if leaf in wire.RETAINED else "no"))
    assert [row[:5] for row in tables(section("Topics"))[0]] == expected
    assert f"`{wire.ROOT}/<cabinet>/<leaf>`" in section("Topics")


@pytest.mark.parametrize(("family", "kind"), KINDS)
def test_the_page_describes_a_kind(family: str, kind: str) -> None:
    assert stated_tables(f"{family} `{kind}`") == expected_tables(wire.fields(f"{family} {kind}"))


@pytest.mark.parametrize(
    ("title", "name"),
    [(f"message `{name}`", name) for name in (*wire.MESSAGES, "config")]
    + [("The body", "events"), ("message `command`", "commands")],
)
def test_the_page_describes_a_message(title: str, name: str) -> None:
    assert stated_tables(title) == expected_tables(wire.fields(name))


def test_the_page_describes_nothing_that_is_not_there() -> None:
    stated = re.findall(r"^#+ (event|command) `(\w+)`$", PAGE, re.MULTILINE)
    assert stated == KINDS
    assert set(re.findall(r"^#+ message `(\w+)`$", PAGE, re.MULTILINE)) == {
        *wire.MESSAGES,
        "config",
        "command",
    }


def test_the_page_states_the_limits() -> None:
    assert f"at most {wire.EVENT_BYTES_MAX} bytes without its line feed" in PAGE
    assert f"at most {wire.PUBLISH_BYTES_MAX} bytes together" in PAGE
    assert f"Retained, at most {wire.CONFIG_BYTES_MAX} bytes" in PAGE
    assert f"At most {wire.INT_MAX} (2^53 - 1)" in PAGE
    assert f"then the bytes as they are, at most {wire.PIECE_BYTES_MAX}." in PAGE
    assert f"in DER, at most {wire.CERTIFICATE_BYTES_MAX} bytes" in PAGE


def examples(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)


def check_example(leaf: str, payload: bytes) -> None:
    """The example is read, and written again it has the same bytes."""
    if leaf == "event":
        envelope = wire.decode_envelope(payload)
        body = wire.decode_body(envelope)
        assert wire.encode_event(envelope.cabinet, envelope.epoch, envelope.seq, body) == payload
    elif leaf == "command":
        assert wire.encode_command(wire.decode_command(payload)) == payload
    else:
        assert wire.encode(leaf, wire.decode(leaf, payload)) == payload


@pytest.mark.parametrize("leaf", ["event", "command", *wire.MESSAGES])
def test_an_example_of_each_message_is_read_and_written(leaf: str) -> None:
    found = examples(leaf)
    assert found
    for example in found:
        check_example(leaf, example.encode())


def test_the_sample_exchange_is_read_and_keeps_the_rules() -> None:
    arrived = []
    for line in examples("exchange")[0].splitlines():
        direction, leaf, payload = line.split(" ", 2)
        assert leaf in (wire.FROM_CONTROLLER if direction == ">" else wire.TO_CONTROLLER)
        check_example(leaf, payload.encode())
        if leaf == "event":
            arrived.append(wire.decode_envelope(payload.encode()).seq)
    assert sorted(set(arrived)) == [1, 2, 3, 4, 5, 6]


def test_the_worked_check_is_right() -> None:
    example = examples("event")[0].encode()
    length, covered, check = re.findall(r"Example, (\d+) bytes, .* first (\d+) and is `(\w+)`", PAGE)[0]
    assert (len(example), f"{zlib.crc32(example[: int(covered)]):08x}") == (int(length), check)
    assert example[int(covered) :].startswith(b',"crc":')


def test_the_worked_access_list_is_right() -> None:
    payload = examples("config")[0].encode()
    key, length, covered = re.findall(r"Access key `(\w+)`; (\d+) bytes, .* first (\d+),", PAGE)[0]
    body, code = payload[: int(covered)], payload[int(covered) :]
    assert len(payload) == int(length)
    assert body.endswith(b"\n")
    assert hmac.new(bytes.fromhex(key), body, hashlib.sha256).hexdigest() == code.decode()
    header, *rows = body.splitlines()
    assert wire.encode_config_header(wire.decode_config_header(header)) == header
    assert wire.decode_config_header(header)["people"] == len(rows)


def test_the_worked_badges_are_right() -> None:
    uid = bytes.fromhex("04A2B3C4")
    low = [int.from_bytes(order, "big") & 0xFFFFFF for order in (uid, uid[::-1])]
    text = " ".join(section("message `config`").split())
    assert f"is `{uid.hex().upper()}`, `{uid[::-1].hex().upper()}`, and with 24 bits `{low[0]}` and `{low[1]}`" in text


# ---- asyncapi.yaml ----


def stated_field(name: str, schema: dict[str, Any], required: bool) -> tuple[Any, ...]:
    """A property of a schema as the wire would declare it."""
    kind = schema["type"]
    if kind == ["integer", "null"]:
        return name, wire.MAYBE_INT, schema["minimum"], schema["maximum"]
    if kind == "integer":
        return name, wire.INT if required else wire.OPTIONAL_INT, schema["minimum"], schema["maximum"]
    if kind == "array":
        items = schema["items"]
        columns = tuple(stated_field(column["title"], column, True) for column in items["items"])
        assert items["minItems"] == items["maxItems"] == len(columns)
        return name, wire.ROWS if required else wire.OPTIONAL_ROWS, columns, schema["maxItems"]
    if "enum" in schema:
        return name, wire.WORD, tuple(schema["enum"]), 0
    return name, wire.TEXT, schema["x-bytes-min"], schema["x-bytes-max"]


def stated_fields(schema: dict[str, Any]) -> tuple[Any, ...]:
    assert schema["additionalProperties"] is False
    required = set(schema["required"])
    return tuple(
        stated_field(name, each, name in required) for name, each in schema["properties"].items() if name != "kind"
    )


def test_asyncapi_has_the_topics_with_direction_quality_and_retention() -> None:
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    assert {name: each["address"] for name, each in ASYNCAPI["channels"].items()} == {
        leaf: f"{wire.ROOT}/{{cabinet}}/{leaf}" for leaf in LEAVES
    }
    stated = {
        each["channel"]["$ref"].rsplit("/", 1)[1]: (each["action"], *list(each["bindings"]["mqtt"].values())[:2])
        for each in ASYNCAPI["operations"].values()
    }
    assert stated == {
        leaf: (
            "send" if leaf in wire.FROM_CONTROLLER else "receive",
            0 if leaf in AT_MOST_ONCE else 1,
            leaf in wire.RETAINED,
        )
        for leaf in LEAVES
    }


@pytest.mark.parametrize(("family", "kind"), KINDS)
def test_asyncapi_describes_a_kind(family: str, kind: str) -> None:
    schema = SCHEMAS[f"{family}_{kind}"]
    assert schema["properties"]["kind"] == {"type": "string", "const": kind}
    assert "kind" in schema["required"]
    assert stated_fields(schema) == wire.fields(f"{family}s") + wire.fields(f"{family} {kind}")


@pytest.mark.parametrize(
    ("schema", "name"),
    [(name, name) for name in wire.MESSAGES] + [("config_header", "config")],
)
def test_asyncapi_describes_a_message(schema: str, name: str) -> None:
    assert stated_fields(SCHEMAS[schema]) == wire.fields(name)


def test_asyncapi_lists_all_kinds_and_points_nowhere_else() -> None:
    refs = [each["$ref"] for each in SCHEMAS["event_line"]["properties"]["body"]["oneOf"]]
    refs += [each["$ref"] for each in SCHEMAS["command"]["oneOf"]]
    assert refs == [f"#/components/schemas/{family}_{kind}" for family, kind in KINDS]
    for ref in re.findall(r"\$ref: '?(#[^'\s]+)", (DOCS / "asyncapi.yaml").read_text(encoding="utf-8")):
        found: Any = ASYNCAPI
        for part in ref[2:].split("/"):
            found = found[part]
        assert found


def test_asyncapi_states_the_limits() -> None:
    assert SCHEMAS["event_line"]["x-bytes-max"] == wire.EVENT_BYTES_MAX
    assert SCHEMAS["event_lines"]["x-bytes-max"] == wire.PUBLISH_BYTES_MAX
    assert SCHEMAS["config_lines"]["x-bytes-max"] == wire.CONFIG_BYTES_MAX
    assert SCHEMAS["bundle_piece"]["x-bytes-max"] == wire.PIECE_BYTES_MAX
    assert SCHEMAS["certificate_bytes"]["x-bytes-max"] == wire.CERTIFICATE_BYTES_MAX
