"""Runs on CPython and on MicroPython: every vector against the wire, and a verdict for each.

`verdicts(vectors)` is a list of [name, what is wrong or null]. As a program: firmware folder and vectors.json as
arguments, a verdict a line on the output.
"""

import json
import sys
from binascii import unhexlify


def verdicts(vectors):
    """A verdict for every vector."""
    found = []
    for group, check in CHECKS:
        for number, vector in enumerate(vectors[group]):
            name = f"{group} {number} {name_of(vector)}"
            try:
                problem = check(vectors, vector)
            except Exception as error:  # whatever else is raised is the finding
                problem = f"raised {type(error).__name__}: {str(error)[:200]}"
            found.append([name, problem])
    return found


def name_of(vector):
    if "name" in vector:
        return vector["name"]
    if "body" in vector:
        return vector["body"]["kind"]
    return vector.get("leaf") or vector.get("topic") or ""


def check_event(vectors, vector):
    line = unhexlify(vector["line"])
    made = wire.encode_event(vectors["cabinet"], vectors["epoch"], vector["seq"], vector["body"])
    if made != line:
        return f"expected {line!r}, encoded {made!r}"
    envelope = wire.decode_envelope(line)
    if envelope[:4] != (1, vectors["cabinet"], vectors["epoch"], vector["seq"]):
        return f"decoded the envelope as {envelope[:4]!r}"
    return equal(vector["body"], wire.decode_body(envelope))


def check_message(vectors, vector):
    payload = vector["payload"].encode()
    encode, decode = coders(vector["leaf"])
    made = encode(vector["message"])
    if made != payload:
        return f"expected {payload!r}, encoded {made!r}"
    found = decode(payload)
    if found.pop("v") != 1:
        return "expected version 1"
    return equal(vector["message"], found)


def coders(leaf):
    if leaf == "command":
        return wire.encode_command, wire.decode_command
    if leaf == "config":
        return wire.encode_config_header, wire.decode_config_header
    return lambda message: wire.encode(leaf, message), lambda payload: wire.decode(leaf, payload)


def check_row(vectors, vector):
    return equal(vector["line"].encode(), wire.encode_access_row(*vector["row"]))


def check_topic(vectors, vector):
    if wire.topic(vector["cabinet"], vector["leaf"]) != vector["topic"]:
        return "made another topic"
    return equal((vector["cabinet"], vector["leaf"]), wire.split_topic(vector["topic"]))


def check_bad_topic(vectors, vector):
    return refused(wire.WireError, vector["says"], lambda: wire.split_topic(vector["topic"]))


def check_bad_envelope(vectors, vector):
    line = unhexlify(vector["line"])
    return refused(wire.EnvelopeError, vector["says"], lambda: wire.decode_envelope(line))


def check_bad_body(vectors, vector):
    envelope = wire.decode_envelope(unhexlify(vector["line"]))
    return refused(wire.BodyError, vector["says"], lambda: wire.decode_body(envelope))


def check_bad_message(vectors, vector):
    payload = unhexlify(vector["payload"])
    return refused(wire.WireError, vector["says"], lambda: coders(vector["leaf"])[1](payload))


def check_bad_to_encode(vectors, vector):
    message = vector["message"]
    if vector["leaf"] == "event":
        return refused(wire.WireError, vector["says"], lambda: wire.encode_event("cab-1", "0" * 16, 1, message))
    return refused(wire.WireError, vector["says"], lambda: coders(vector["leaf"])[0](message))


def equal(expected, found):
    return None if found == expected else f"expected {expected!r}, found {found!r}"


def refused(kind, says, call):
    try:
        found = call()
    except kind as error:
        if type(error) is not kind:
            return f"expected {kind.__name__}, raised {type(error).__name__}"
        if len(str(error)) > 400:
            return f"expected a short sentence, found one of {len(str(error))} characters"
        return None if says in str(error) else f"expected the sentence to say {says!r}, it says {str(error)!r}"
    return f"expected a refusal, found {found!r}"


CHECKS = (
    ("events", check_event),
    ("messages", check_message),
    ("access_rows", check_row),
    ("topics", check_topic),
    ("bad_topics", check_bad_topic),
    ("bad_envelopes", check_bad_envelope),
    ("bad_bodies", check_bad_body),
    ("bad_messages", check_bad_message),
    ("bad_to_encode", check_bad_to_encode),
)

if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from cabinet import wire

    with open(sys.argv[2]) as file:  # noqa: PTH123 - MicroPython has no pathlib
        loaded = json.load(file)
    for verdict in verdicts(loaded):
        sys.stdout.write(json.dumps(verdict) + "\n")
else:
    from cabinet import wire
