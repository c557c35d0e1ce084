"""A cloud for the gateway's tests: a real HTTP server that keeps what it is sent, and fails when it is told to."""

import contextlib
import http.server
import json
import threading
from typing import Any

import msgspec

from edge_gateway.shop_document import ShopDocument, encode_document
from edge_gateway.upload_format import GatewayStatus, Receipt, Upload, decode_upload, encode_receipt
from simulator.ports import free_port


class FakeCloud:
    """Books each number of an epoch once, as the cloud does. `faults` are answered first, one an upload."""

    def __init__(self, port: int = 0) -> None:
        self.contents: dict[int, bytes] = {}
        self.repeats = 0
        self.different = 0
        self.statuses: list[GatewayStatus] = []
        self.document: ShopDocument | None = None
        self.faults: list[str] = []
        self.keys: set[str] = set()
        cloud = self

        class Handler(_Handler):
            fake = cloud

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port or free_port()), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def through(self) -> int:
        """Everything up to this number is held."""
        return len(self.contents)

    def book(self, upload: Upload) -> Receipt:
        """Keep what is new; count repeats."""
        for item in upload.items:
            content = msgspec.json.encode(item.content)
            if item.seq in self.contents:
                self.repeats += 1
                self.different += self.contents[item.seq] != content
            elif item.seq == self.through + 1:
                self.contents[item.seq] = content
        return Receipt(upload.epoch, self.through)

    def kinds(self) -> list[str]:
        """The kinds of what is held, in order."""
        return [json.loads(content)["kind"] for _seq, content in sorted(self.contents.items())]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeCloud

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """An upload or a status."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.fake.keys.add(self.headers["Authorization"])
        if self.path == "/api/gateway/status":
            self.fake.statuses.append(msgspec.json.decode(body, type=GatewayStatus))
            self._answer(204)
            return
        upload = decode_upload(body)
        fault = self.fake.faults.pop(0) if self.fake.faults and upload.items else ""
        if fault == "unavailable":
            self._answer(503)
            return
        receipt = self.fake.book(upload)
        if fault == "answer lost":
            self.close_connection = True
            return
        if fault == "nonsense":
            self._answer(200, b"hello")
            return
        self._answer(200, encode_receipt(receipt))

    def do_GET(self) -> None:
        """The document, when there is a newer one."""
        version = int(self.path.split("version=")[1].split("&")[0])
        document = self.fake.document
        if document is not None and document.version > version:
            self._answer(200, encode_document(document))
        else:
            threading.Event().wait(0.05)  # a short poll
            self._answer(204)

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        with contextlib.suppress(ConnectionError):
            self.end_headers()
        with contextlib.suppress(ConnectionError):  # whoever asked may have gone
            self.wfile.write(body)
