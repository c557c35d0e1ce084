"""TLS under the link: the socket wrapped, and what went wrong put into words.

The broker must show a certificate of the shop's own authority for its name, and is shown this cabinet's. Everything is
read from flash at each connection, so what has been replaced there counts from the next one on. The handshake is done
by whoever writes first, a piece at a time; the longest piece is the arithmetic, for which everything else waits.
"""

import hashlib
from binascii import hexlify

import tls

_CAUSES = (  # what mbedtls says of the broker's certificate, and what is told
    ("starts in the future", "the broker's certificate is not valid yet, by the date here"),
    ("has expired", "the broker's certificate has expired, by the date here"),
    ("correctly signed", "the broker's certificate is signed by a foreign CA"),
    ("does not match", "the broker's certificate is for another name"),
)
# EIO, EPIPE, ECONNABORTED, ECONNRESET; alerts: fatal, closing; the end of the connection
_BROKEN_OFF = (5, 32, 103, 104, -0x7780, -0x7880, -0x7280)
_NO_TLS = (-0x7200,)  # a record that is none


class OwnError(ValueError):
    """This cabinet's own files cannot be used."""


def wrap(sock, names: dict):
    """The socket with TLS around it, which has said nothing yet; it closes the socket with itself.

    `names`: `ca`, `cert` and `key` as files in DER, and `server_name`.
    """
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    _load(context, names)
    wrapped = context.wrap_socket(sock, server_hostname=names["server_name"], do_handshake_on_connect=False)
    wrapped.setblocking(False)
    return wrapped


def _load(context, names):
    context.verify_mode = tls.CERT_REQUIRED
    try:
        context.load_verify_locations(_read(names["ca"]))
        context.load_cert_chain(_read(names["cert"]), _read(names["key"]))
    except (ValueError, OSError) as error:
        found = (names["ca"], names["cert"], names["key"], error)
        raise OwnError("expected certificates and a key in %s, %s and %s, found %r" % found)


def client_id(settings: dict) -> str:
    """This cabinet as a client: for another of the same id a broker ends a connection, so nobody may guess it."""
    secret = hashlib.sha256(b"client id " + settings["access_key"]).digest()
    return "partsbay-%s-%s" % (settings["cabinet"], hexlify(secret[:8]).decode())


def why(error: Exception) -> str:
    """Why a connection did not come about, for a person to read."""
    if isinstance(error, OwnError):
        return str(error)
    if isinstance(error, MemoryError):
        return "not enough memory for a handshake"
    if isinstance(error, ValueError):
        for said, cause in _CAUSES:
            if said in str(error):
                return cause
    number = error.errno if isinstance(error, OSError) else None
    if number in _BROKEN_OFF:
        return "the broker broke the handshake off: it may not know this cabinet's certificate (%r)" % error
    if number in _NO_TLS:
        return "the broker does not speak TLS on this port"
    return repr(error)


def _read(path):
    with open(path, "rb") as file:
        return file.read()
