"""Runs under MicroPython: what it takes to verify a signature, each a real one. Arguments: a file of JSON with them.

Prints a JSON line: name -> [microseconds, bytes allocated meanwhile]. The collector is off, so that garbage counts too:
it is what a heap without pauses would need. Curves as in textbooks (SEC 1, RFC 8032), with nothing made secret.
"""

import gc
import hashlib
import json
import sys
import time
from binascii import unhexlify

P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G256 = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
P255 = 2**255 - 19
L255 = 2**252 + 27742317777372353535851937790883648493
D255 = -121665 * pow(121666, P255 - 2, P255) % P255
ROOT = pow(2, (P255 - 1) // 4, P255)


def rsa(data, modulus, signature):
    found = pow(signature, 65537, modulus).to_bytes(LENGTHS[modulus], "big")
    return found[-32:] == hashlib.sha256(data).digest() and found[:3] == b"\x00\x01\xff"


LENGTHS = {}


# ---- P-256, Jacobian coordinates ----


def doubled(point):
    x, y, z = point
    if not y:
        return 0, 1, 0
    squared = y * y % P256
    s = 4 * x * squared % P256
    zz = z * z % P256
    m = 3 * (x - zz) * (x + zz) % P256
    x2 = (m * m - 2 * s) % P256
    return x2, (m * (s - x2) - 8 * squared * squared) % P256, 2 * y * z % P256


def added(a, b):
    if not a[2]:
        return b
    if not b[2]:
        return a
    za, zb = a[2] * a[2] % P256, b[2] * b[2] % P256
    ua, ub = a[0] * zb % P256, b[0] * za % P256
    sa, sb = a[1] * b[2] * zb % P256, b[1] * a[2] * za % P256
    if ua == ub:
        return doubled(a) if sa == sb else (0, 1, 0)
    h, r = ub - ua, sb - sa
    hh = h * h % P256
    hhh = h * hh % P256
    v = ua * hh % P256
    x = (r * r - hhh - 2 * v) % P256
    return x, (r * (v - x) - sa * hhh) % P256, a[2] * b[2] * h % P256


def p256(data, key, signature):
    r, s = signature
    w = pow(s, N256 - 2, N256)
    u, v = int.from_bytes(hashlib.sha256(data).digest(), "big") * w % N256, r * w % N256
    g, q = (G256[0], G256[1], 1), (key[0], key[1], 1)
    both = added(g, q)
    point = (0, 1, 0)
    for bit in range(255, -1, -1):
        point = doubled(point)
        which = (u >> bit & 1) | (v >> bit & 1) << 1
        if which:
            point = added(point, (g, q, both)[which - 1])
    inverse = pow(point[2], P256 - 2, P256)
    return point[0] * inverse * inverse % P256 % N256 == r


# ---- Ed25519, extended coordinates ----


def ed_added(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P255
    f = (a[1] + a[0]) * (b[1] + b[0]) % P255
    g = 2 * a[3] * b[3] * D255 % P255
    h = 2 * a[2] * b[2] % P255
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P255, g * h % P255, f * g % P255, e * h % P255


def ed_point(data):
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    xx = (y * y - 1) * pow(D255 * y * y + 1, P255 - 2, P255) % P255
    x = pow(xx, (P255 + 3) // 8, P255)
    if (x * x - xx) % P255:
        x = x * ROOT % P255
    if x & 1 != sign:
        x = P255 - x
    return x, y, 1, x * y % P255


def ed_times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = ed_added(found, point)
        point = ed_added(point, point)
        number >>= 1
    return found


def ed25519(data, key, signature, challenge):
    """`challenge` is SHA-512 over all three: no board's hashlib has it, so its time is left out."""
    s = int.from_bytes(signature[32:], "little")
    base = ed_point(b"\x58" + b"\x66" * 31)
    left = ed_times(s, base)
    right = ed_added(ed_point(signature[:32]), ed_times(challenge % L255, ed_point(key)))
    return not ((left[0] * right[2] - right[0] * left[2]) % P255 or (left[1] * right[2] - right[1] * left[2]) % P255)


# ---- hash-based: LMS_SHA256_M32_H10 with LMOTS_SHA256_N32_W8 (RFC 8554) ----


def hash_based(chains, levels):
    """As many hashes as that takes on the average: 34 chains of 255, walked half, then the path of a tree of ten."""
    data = bytes(55)
    for _ in range(34 * 128 + levels):
        data = hashlib.sha256(data).digest()
    return len(data) == 32


def measured(run, *arguments):
    gc.collect()
    gc.disable()
    before, start = gc.mem_alloc(), time.ticks_us()
    good = run(*arguments)
    took, held = time.ticks_diff(time.ticks_us(), start), gc.mem_alloc() - before
    gc.enable()
    if not good:
        raise ValueError("expected a right signature to be found right")
    return took, held


def best(run, *arguments):
    """The quickest of five; what is allocated is the same each time."""
    return min([measured(run, *arguments) for _ in range(5)])


with open(sys.argv[1]) as file:  # noqa: PTH123 - MicroPython
    given = json.load(file)
found = {}
signed = unhexlify(given["data"])
for bits in ("2048", "3072", "4096"):
    modulus, signature = int(given["rsa"][bits][0], 16), int(given["rsa"][bits][1], 16)
    LENGTHS[modulus] = int(bits) // 8
    found["RSA-" + bits] = best(rsa, signed, modulus, signature)
found["P-256"] = best(p256, signed, [int(n, 16) for n in given["p256"][:2]], [int(n, 16) for n in given["p256"][2:]])
ed = [unhexlify(text) for text in given["ed25519"]]
found["Ed25519"] = best(ed25519, signed, ed[0], ed[1], int.from_bytes(ed[2], "little"))
found["LMS"] = best(hash_based, 34, 10)
found["SHA-256 of 64 KB"] = best(lambda: bool(hashlib.sha256(bytes(65536)).digest()))
sys.stdout.write(json.dumps(found) + "\n")
