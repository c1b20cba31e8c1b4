"""HTTP servers of a test, on loopback."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"


class Handler(BaseHTTPRequestHandler):
    """What handlers have in common: an answer in one go, and no log."""

    def answer(self, status: int, body: bytes = b"", kind: str = "text/plain; version=0.0.4") -> None:
        """Answer; as a page of metrics where nothing else is said."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(
    handler: Callable[..., Any], host: str = HOST, port: int = 0, *, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """A server that makes `handler` for each connection, ended afterwards; its port."""
    server = ThreadingHTTPServer((host, port), handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
