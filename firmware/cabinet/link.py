"""The link: carries the journal to the gateway and brings its messages, over any MQTT broker that may lose or repeat.

Sends events in order from the first that is not acknowledged, and again when acknowledgements stand still. A PUBACK
lets nothing be forgotten; only `journal_ack` does. Whatever goes wrong ends the connection and a new one is tried:
nothing here blocks without bound, and no failure of the network or of a message leaves `run`.
Never decides what a message means: `command`, `time` and `config` are handed to the owner as they came; `config`, which
may be larger than the memory there is, in pieces.
"""

import asyncio
import gc
import os
import socket
import sys
import time

from . import mqtt, wire

WINDOW = 8  # publishes on their way at one time
BATCH_BYTES = 1024  # of events in one publish; a larger event goes alone
RETRY_MS_MIN = 5000  # no progress for so long: start again; doubles up to
RETRY_MS_MAX = 60000
AGAIN_MS = 200  # one gap may make a gateway ask several times; it is answered once
FIRST_ACK_MS = 2000  # after connecting, how long the gateway may take to say where it stands
BACKOFF_MS_MIN = 1000
BACKOFF_MS_MAX = 30000
_KEEPALIVE_S = 120
PING_MS = 90000  # nothing sent or nothing heard for so long: ask
DOUBT_MS = 5000  # events sent, and nothing heard since for so long: ask at once
ANSWER_MS = 10000  # a connection, CONNACK, SUBACK, PINGRESP, and room in the socket
QUEUE_MAX = 8  # acknowledgements waiting for the socket
PACKET_BYTES_MAX = 1 << 20  # read to its end, though refused: a retained one comes with every connection
_READ_BYTES = 512
_POLL_MS = 20
_NEEDED = 4  # of the leaves subscribed to: what the first release had
_HUNG_UP_MS = 3000  # a broker that allows no `device` may hang up on it: so soon, and twice, that is why
_IN_PROGRESS = (115, 119, 36)  # EINPROGRESS on Linux, on lwIP, on BSD


class Window:
    """Which events are on their way: a few publishes in order, from the first event not acknowledged."""

    def __init__(self, journal):
        self._journal = journal
        self._retry_ms = RETRY_MS_MIN
        self._again = (-1, 0)  # what was last asked for again, and when
        self.go_back(0)

    def go_back(self, now):
        """Start again after the last acknowledged event."""
        self._ends = []  # the last seq of each publish on its way
        self._next = self._journal.through + 1
        self._since = now

    def take(self, now):
        """The payload of the next publish, or None when the window is full or nothing is left to send."""
        if len(self._ends) >= WINDOW:
            return None
        seq = max(self._next, self._journal.first)
        lines = self._journal.lines_from(seq, BATCH_BYTES)
        if not lines:
            return None
        if not self._ends:
            self._since = now
        self._next = seq + len(lines)
        self._ends.append(self._next - 1)
        return lines[0] if len(lines) == 1 else b"\n".join(lines)  # a large event goes alone: it is not copied

    def acknowledge(self, ack, now):
        """Take a `journal_ack`; False when it is about another epoch."""
        before = self._journal.through
        if not self._journal.acknowledge(ack["epoch"], ack["through"], ack["in_cloud"]):
            return False
        through = self._journal.through
        if through > before:
            self._retry_ms = RETRY_MS_MIN
            self._again = (-1, 0)
            self._since = now
            self._next = max(self._next, through + 1)
            while self._ends and self._ends[0] <= through:
                self._ends.pop(0)
        if through < before or (ack["again"] and not self._was_asked(through, now)):
            self.go_back(now)
        return True

    def _was_asked(self, through, now):
        asked, at = self._again
        if asked == through and 0 <= time.ticks_diff(now, at) < AGAIN_MS:
            return True
        self._again = (through, now)
        return False

    def go_back_if_stuck(self, now):
        """Start again when acknowledgements have stood still, each time after a longer wait."""
        if self._ends and time.ticks_diff(now, self._since) >= self._retry_ms:
            self._retry_ms = min(2 * self._retry_ms, RETRY_MS_MAX)
            self.go_back(now)

    def idle_ms(self, now):
        """How long nothing will be due, if nothing comes in."""
        if not self._ends:
            return PING_MS
        return max(0, self._retry_ms - time.ticks_diff(now, self._since))


class Link:
    """One cabinet's connection. The owner sets `boot` and `on_online`, and calls `wake` after each append.

    `on_message(leaf, payload)` gets a buffer that is the owner's to keep. A leaf in `receivers` comes in pieces:
    `receivers[leaf]()` makes a receiver for each message; it gets `write(data)` any number of times, then `end()`, or
    `abandon()` when the rest will not come. `on_online()` is called on each connection when the gateway can be heard;
    it publishes `health`. `is_bad_moment()` says that nothing may stand still just now: a handshake waits for that.
    `trouble` says why the link was last lost or a message was refused.

    With `tls` in the settings the broker is spoken to by certificates and no password is said (`secure.py`).
    """

    def __init__(self, settings, journal, on_message, boot=1):
        self.boot = boot
        self.on_online = None
        self.is_bad_moment = None
        self.receivers = {}
        self.online = False
        self.connects = 0  # connections that came up
        self.refused = 0  # connections refused by the broker, and messages refused here
        self.trouble = ""
        self._settings = settings
        self._journal = journal
        self._on_message = on_message
        self._prefix = wire.topic(settings["cabinet"], "")
        self._window = Window(journal)
        self._wake = asyncio.Event()
        self._packet_id = 0
        self._backoff_ms = BACKOFF_MS_MIN
        self._receiver = None  # of the message that is coming in pieces
        self._receiving = ""  # its topic
        self.tls = settings.get("tls")
        self.errors = 0  # connections in a row that ended as soon as `device` was sent: after two it is not
        self._doubts_clock = False  # the last handshake failed: perhaps by a wrong date
        self._begin()

    def _begin(self):
        """What is known of a connection before its first byte."""
        self._since = None  # when `device` was last sent on this connection
        self._queue = []  # acknowledgements
        self._news = {}  # the newest `live` and `health` that have not been sent, by leaf
        self._failure = None
        self._answer = None  # the CONNACK or SUBACK last heard
        self._may_send = False  # the gateway has said where it stands, or has had time to
        self._pinged_at = self._unheard_at = None  # when we asked; when we sent what is to be answered
        self._heard_at = self._sent_at = 0

    def wake(self):
        """Something was appended to the journal."""
        self._wake.set()

    def publish(self, leaf, payload):
        """Send `live`, `health`, `device` or `want` at QoS 0, once: the newest counts; not when offline."""
        if self.online and (leaf != "device" or self.errors < 2):
            self._news[leaf] = payload
            self._wake.set()

    async def run(self):
        """Be connected, for ever."""
        while True:
            try:
                await self._connection()
            except Exception as error:
                self.trouble = self._why(error)
                if self._since is not None:
                    is_soon = time.ticks_diff(time.ticks_ms(), self._since) < _HUNG_UP_MS
                    self.errors = self.errors + 1 if is_soon else 0
            self.online = False
            await asyncio.sleep_ms(self._backoff())

    def _why(self, error):
        """What was the matter, in words; a failed handshake makes the clock doubtful."""
        self._doubts_clock = self.tls is not None and not self._answer
        if not self._doubts_clock:
            return "lost: %r" % error
        from cabinet import secure  # noqa: PLC0415 - only for a cabinet with certificates

        return "lost: " + secure.why(error)

    def _backoff(self):
        """The next wait: doubling, the upper half of it by chance, so that a shop's cabinets come back one by one."""
        wait_ms = self._backoff_ms
        self._backoff_ms = min(2 * wait_ms, BACKOFF_MS_MAX)
        chance = int.from_bytes(os.urandom(2), "big")
        return wait_ms // 2 + chance * (wait_ms // 2) // 65536

    # ---- one connection ----

    async def _connection(self):
        self._begin()
        if self.tls:
            await self._prepare()
        gc.collect()  # a heap in pieces refuses a connection that would fit
        sock = socket.socket()
        reader = None
        try:
            self._dial(sock)
            if self.tls:
                from cabinet import secure  # noqa: PLC0415 - only for a cabinet with certificates

                sock = secure.wrap(sock, self.tls)
            stream = asyncio.StreamReader(sock)
            await self._introduce(stream)
            gc.collect()
            reader = asyncio.create_task(self._read(stream))
            await self._greet(stream)
            await self._converse(stream)
        finally:
            if reader:
                reader.cancel()
            sock.close()
            self._abandon()

    async def _prepare(self):
        """Before a handshake: the date by which certificates are judged, and a moment in which it may take its time."""
        if "time_port" in self._settings:
            from cabinet import date  # noqa: PLC0415 - seldom needed

            await date.have(self._settings, self._doubts_clock)
            del date, sys.modules["cabinet.date"], sys.modules["cabinet"].date
        while self.is_bad_moment and self.is_bad_moment():
            await asyncio.sleep_ms(_POLL_MS)

    def _dial(self, sock):
        """Begin to connect, without blocking; the host is an address, so that no name is looked up."""
        address = socket.getaddrinfo(
            self._settings["broker_host"], self._settings["broker_port"], 0, socket.SOCK_STREAM
        )[0][-1]
        sock.setblocking(False)
        try:
            sock.connect(address)
        except OSError as error:
            if error.errno not in _IN_PROGRESS:
                raise

    async def _introduce(self, stream):
        """Say CONNECT as soon as the socket takes it: then it is connected, and the handshake, if any, is done."""
        stream.out_buf = self._connect_packet()
        await asyncio.wait_for_ms(stream.drain(), ANSWER_MS)

    async def _greet(self, stream):
        self._heard_at = self._sent_at = time.ticks_ms()
        answer = await self._answer_to("CONNECT", mqtt.Connack)
        if answer.code:
            self.refused += 1
            raise mqtt.MqttError("expected the broker to accept, found refusal %d" % answer.code)
        self.connects += 1
        topics = [self._prefix + leaf for leaf in wire.TO_CONTROLLER]
        state = mqtt.publish(self._prefix + "state", self._state(1), 1, self._next_packet_id(), retain=True)
        await self._send(stream, state + mqtt.subscribe(self._next_packet_id(), topics))
        answer = await self._answer_to("SUBSCRIBE", mqtt.Suback)
        if mqtt.SUBSCRIPTION_REFUSED in answer.codes[:_NEEDED]:  # a broker of before may not know the others
            self.refused += 1
            raise mqtt.MqttError("expected to be subscribed, found %r" % answer.codes)
        self.online = True
        if self.on_online:
            self.on_online()

    def _connect_packet(self):
        settings = self._settings
        will = self._prefix + "state", self._state(0)
        if self.tls:
            from cabinet import secure  # noqa: PLC0415 - only for a cabinet with certificates

            return mqtt.connect(secure.client_id(settings), _KEEPALIVE_S, None, None, *will)
        name = "partsbay-" + settings["cabinet"]
        return mqtt.connect(name, _KEEPALIVE_S, settings["username"], settings["password"], *will)

    def _state(self, online):
        journal = self._journal
        message = {"online": online, "epoch": journal.epoch, "boot": self.boot, "journal_last": journal.last}
        return wire.encode("state", message)

    async def _answer_to(self, question, kind):
        started = time.ticks_ms()
        while not isinstance(self._answer, kind):
            left_ms = ANSWER_MS - time.ticks_diff(time.ticks_ms(), started)
            if left_ms <= 0:
                raise OSError("expected an answer to %s within %d ms, found none" % (question, ANSWER_MS))
            await self._wait(left_ms)
            if self._failure is not None and not isinstance(self._answer, kind):  # one that refuses closes at once
                raise self._failure
        return self._answer

    async def _converse(self, stream):
        started = time.ticks_ms()
        self._window.go_back(started)
        while True:
            now = time.ticks_ms()
            first_ack_ms = FIRST_ACK_MS - time.ticks_diff(now, started)
            self._may_send = self._may_send or first_ack_ms <= 0
            packet = self._next_packet(now)
            if packet:
                await self._send(stream, packet)
                packet = None  # it may be large; it must not live through the pause
            else:
                idle_ms = self._idle_ms(now)
                await self._pause(idle_ms if self._may_send else min(idle_ms, first_ack_ms))

    def _next_packet(self, now):
        """What to send now: what waits, then events, then a ping; None when nothing is due."""
        if self._queue:
            return self._queue.pop(0)
        if self._news:
            leaf, payload = self._news.popitem()
            if leaf == "device":
                self._since = now
            return mqtt.publish(self._prefix + leaf, payload)
        self._window.go_back_if_stuck(now)
        payload = self._window.take(now) if self._may_send else None
        if payload:
            if self._unheard_at is None:
                self._unheard_at = now
            return mqtt.publish(self._prefix + "event", payload, 1, self._next_packet_id())
        if self._pinged_at is None and self._ping_in_ms(now) <= 0:
            self._pinged_at = now
            return mqtt.PINGREQ
        return None

    def _ping_in_ms(self, now):
        """Seldom while all is answered: a broker that closes says so. Soon when events seem to go nowhere."""
        in_ms = PING_MS - max(time.ticks_diff(now, self._heard_at), time.ticks_diff(now, self._sent_at))
        if self._unheard_at is not None:
            in_ms = min(in_ms, DOUBT_MS - time.ticks_diff(now, self._unheard_at))
        return in_ms

    def _idle_ms(self, now):
        """How long to wait for something to happen; raises when the other side has gone silent."""
        if self._pinged_at is None:
            due_ms = self._ping_in_ms(now)
        else:
            due_ms = ANSWER_MS - time.ticks_diff(now, self._pinged_at)
            if due_ms <= 0:
                raise OSError("expected PINGRESP within %d ms, found none" % ANSWER_MS)
        return min(due_ms, self._window.idle_ms(now))

    def _next_packet_id(self):
        self._packet_id = self._packet_id % 65535 + 1
        return self._packet_id

    async def _send(self, stream, packet):
        """One write, so that the packet leaves in one piece; bounded, since a dead peer stops reading."""
        stream.write(packet)
        if stream.out_buf:
            await asyncio.wait_for_ms(stream.drain(), ANSWER_MS)
        self._sent_at = time.ticks_ms()

    async def _pause(self, ms):
        """Wait to be woken, at most `ms`; raises what the reader met."""
        await self._wait(ms)
        if self._failure is not None:
            raise self._failure

    async def _wait(self, ms):
        if self._failure is None:
            try:
                await asyncio.wait_for_ms(self._wake.wait(), max(1, ms))
            except asyncio.TimeoutError:
                pass
        self._wake.clear()

    # ---- reading ----

    async def _read(self, stream):
        """Take bytes as they come; a frame is put together in the parser, so that none is lost by waiting."""
        parser = mqtt.Parser(PACKET_BYTES_MAX)
        try:
            while True:
                data = await stream.read(_READ_BYTES)
                if not data:
                    raise OSError("expected more from the broker, found the end of the connection")
                self._heard_at = time.ticks_ms()
                for packet in parser.feed(data):
                    self._on_packet(packet)
                self._wake.set()
                while len(self._queue) > QUEUE_MAX:  # what is to be answered first
                    await asyncio.sleep_ms(_POLL_MS)
        except Exception as error:
            self._failure = error
            self._wake.set()

    def _on_packet(self, packet):
        self._pinged_at = self._unheard_at = None  # whatever it is, the broker is there
        if isinstance(packet, mqtt.PublishPiece):
            if self._receiver:
                self._attempt(self._receiver.write, packet.data)
        elif isinstance(packet, (mqtt.Publish, mqtt.PublishBegin)):
            self._receiving = packet.topic
            self._attempt(self._on_publish, packet)
        elif isinstance(packet, mqtt.PublishEnd):
            self._attempt(self._end_message)
        elif isinstance(packet, (mqtt.Connack, mqtt.Suback)):
            self._answer = packet
        if isinstance(packet, (mqtt.Publish, mqtt.PublishEnd)) and packet.qos:
            self._queue.append(mqtt.puback(packet.packet_id))

    def _attempt(self, step, *arguments):
        """Take a message, or some of it. One that cannot be taken costs itself and nothing else."""
        try:
            step(*arguments)
        except Exception as error:
            self._abandon()
            self.refused += 1
            self.trouble = "refused %s: %r" % (self._receiving[:80], error)

    def _on_publish(self, packet):
        cabinet, leaf = wire.split_topic(packet.topic)
        if cabinet != self._settings["cabinet"] or leaf not in wire.TO_CONTROLLER:
            raise wire.WireError("expected a message to %s, found topic %s" % (self._prefix, packet.topic))
        is_whole = isinstance(packet, mqtt.Publish)
        length = len(packet.payload) if is_whole else packet.length
        if leaf in self.receivers and length <= wire.CONFIG_BYTES_MAX:
            self._abandon()
            self._receiver = self.receivers[leaf]()
            if is_whole:
                self._receiver.write(packet.payload)
                self._end_message()
        elif is_whole:
            self._take_message(leaf, packet.payload)
        else:
            raise wire.WireError("expected a smaller message, found %d bytes" % length)

    def _end_message(self):
        receiver, self._receiver = self._receiver, None
        if receiver:
            receiver.end()

    def _abandon(self):
        """What has come of a message is all that will."""
        receiver, self._receiver = self._receiver, None
        if receiver:
            receiver.abandon()

    def _take_message(self, leaf, payload):
        if leaf != "journal_ack":
            self._on_message(leaf, payload)
        elif self._window.acknowledge(wire.decode(leaf, payload), time.ticks_ms()):
            self._may_send = True
            self._backoff_ms = BACKOFF_MS_MIN
