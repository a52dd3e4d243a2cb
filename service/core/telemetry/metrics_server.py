"""`/metrics` on a port of its own, in a thread of its own: never on the public listener by itself (R67)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from threading import Thread

from service.core.telemetry import metrics

READ_SECONDS = 5.0  # a reader that says nothing is let go


@contextmanager
def metrics_served(host: str, port: int, page: Callable[[], bytes]) -> Iterator[int]:
    """Answer `GET /metrics` with `page()` while the block runs; yield the port. Raises OSError that names the address.

    Port 0 takes a free one.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = READ_SECONDS

        def do_GET(self) -> None:
            known = self.path.partition("?")[0] == "/metrics"
            body = page() if known else b"There is nothing here but /metrics.\n"
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", metrics.CONTENT_TYPE if known else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def version_string(self) -> str:
            return "latchkey"  # R67: no versions

        def log_message(self, *_: object) -> None:
            """Say nothing: there is one such request every few seconds."""

    class Server(ThreadingHTTPServer):
        address_family = AF_INET6 if ":" in host else AF_INET
        daemon_threads = True

    try:
        server = Server((host, port), Handler)
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {host} port {port} (METRICS_PORT): {error.strerror}") from error
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
