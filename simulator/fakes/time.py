"""`time` as a board has it, on virtual time: ticks wrap at 2^30, the epoch is 2000, and no battery keeps the date."""

import utime
import virtual_time

_PERIOD = 1 << 30
_MASK = _PERIOD - 1
_HALF = _PERIOD >> 1
_EPOCH_S = 946684800  # 2000-01-01 in seconds since 1970
_DAYS_2000 = 730426  # 2000-01-01 as `mktime` counts days

_ticks_start_ms = 0
_poller = None
_serve = None


def start(ticks_start_ms, poller, serve):
    """Set what `ticks_ms` says at power-on, and the world that goes on while the firmware sleeps."""
    global _ticks_start_ms, _poller, _serve
    _ticks_start_ms = ticks_start_ms
    _poller = poller
    _serve = serve


def ticks_ms():
    return (_ticks_start_ms + virtual_time.clock.now_us() // 1000) & _MASK


def ticks_us():
    return (_ticks_start_ms * 1000 + virtual_time.clock.now_us()) & _MASK


ticks_cpu = ticks_us


def ticks_add(ticks, delta):
    if not -_HALF < delta < _HALF:
        raise OverflowError("ticks interval overflow")
    return (ticks + delta) & _MASK


def ticks_diff(end, start):
    return ((end - start + _HALF) & _MASK) - _HALF


def sleep_us(us):
    if us > 0:
        virtual_time.pass_until(_poller, _serve, virtual_time.clock.now_us() + us)


def sleep_ms(ms):
    sleep_us(ms * 1000)


def sleep(seconds):
    sleep_us(int(seconds * 1000000))


def time_ns():
    return virtual_time.clock.now_us() * 1000


def time():
    return virtual_time.clock.now_us() // 1000000


def gmtime(seconds=None):
    return utime.gmtime((time() if seconds is None else seconds) + _EPOCH_S)


localtime = gmtime


def mktime(fields):
    # Counted here: the interpreter's own goes by the time zone of the machine it runs on, and a board has none.
    year, month, day, hour, minute, second = fields[:6]
    months = year * 12 + month - 3  # since a March: so the leap day is a year's last
    year, month = months // 12, months % 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day
    return ((days - _DAYS_2000) * 24 + hour) * 3600 + minute * 60 + second
