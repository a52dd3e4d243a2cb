"""`/metrics` on a port of its own, in a thread of its own: never on the public listener by itself (R67)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from threading import Thread

import orjson

from service.core.telemetry import metrics

READ_SECONDS = 5.0  # a reader that says nothing is let go


Health = Callable[[], tuple[bool, Mapping[str, object]]]
"""Says whether this process is well, and whatever else there is to say."""


@contextmanager
def metrics_served(host: str, port: int, page: Callable[[], bytes], health: Health | None = None) -> Iterator[int]:
    """Answer `GET /metrics` with `page()` while the block runs; yield the port. Raises OSError that names the address.

    Port 0 takes a free one. With `health`, `GET /health` says how it is: 200, or 503 where this process is to be
    started again.
    """
    offered = "/metrics" if health is None else "/metrics and /health"

    class Handler(BaseHTTPRequestHandler):
        timeout = READ_SECONDS

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(200, metrics.CONTENT_TYPE, page())
                case "/health" if health is not None:
                    well, said = health()
                    self._answer(*_health(well, said))
                case _:
                    self._answer(404, "text/plain", f"There is nothing here but {offered}.\n".encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
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


def _health(well: bool, said: Mapping[str, object]) -> tuple[int, str, bytes]:
    if well:
        return 200, "application/json", orjson.dumps({"status": "ok", **said})
    problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": "It stands still."}
    return 503, "application/problem+json", orjson.dumps({**problem, **said})
