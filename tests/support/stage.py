"""The service as browser tests meet it: real stores, some instances, and an operator who can be asked to act.

    python -m tests.support.stage SITE [NAME=VALUE ...]

starts them, prints one line of JSON with their addresses, and stops everything when its standard input ends.
`normal` has access tokens of 15 minutes, `brief` of three seconds, and administrators have to have a second factor
there; `strict` wants the password for each sensitive call; `partner` has the settings that are given besides. A lost
second factor can be taken away, after three days.
`bound`, `rationed` and `moved` are for browsers that bind sessions to a key, which they do over TLS. A proof is good
for twenty seconds at the first, less long than an access token; for ten at the second, which is more than browsers
sign, and which knows the providers of `partner`; as long as usual at the third, whose clock the operator moves.
These have no TLS: whoever opens their addresses serves it there, before what `behind` has.
All serve the built front end in SITE, from one database and one Redis. All letters are sent by `normal`, so its
/api/dev/mail has them all. `elsewhere`, `example` and `apart` are origins they allow, for front ends of other kinds:
nothing serves them yet.
`operator` takes POST requests:

    /delete      the body is a pattern of Redis keys; they are unlinked, as with redis-cli
    /superuser   the body is an e-mail address and a password, on two lines
    /advance     the body is by how many seconds the clock of `moved` goes on
    /restart     the body is `normal`, `brief`, `strict` or `partner`: SIGTERM, and started again on the same port
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers import free_port
from tests.support.moved import FILE
from tests.support.process import latchkey, serving
from tests.support.stores import Stores, real_stores

BRIEF = {"ACCESS_TOKEN_EXPIRE_MINUTES": "0.05", "SECOND_FACTOR": "superusers"}
BOUND = {"ACCESS_TOKEN_EXPIRE_MINUTES": "0.7", "DEVICE_PROOF_SECONDS": "20"}
RATIONED = {"ACCESS_TOKEN_EXPIRE_MINUTES": "0.05", "DEVICE_PROOF_SECONDS": "10"}


class Instance:
    """One running service, which can be started anew."""

    def __init__(self, stores: Stores, directory: Path, site: str, origins: str, **changes: str) -> None:
        port = free_port()
        self.behind = f"http://localhost:{port}"
        self.url = changes.pop("PUBLIC_URL", self.behind)
        self.environment = stores.environment(
            PORT=str(port),
            PUBLIC_URL=self.url,
            BACKEND_CORS_ORIGINS=origins,
            SERVE_FRONTEND=site,
            RATE_LIMITS_ENABLED="false",
            EMAIL_SIGN_IN="both",
            SECOND_FACTOR_RECOVERY_HOURS="72",
            **{"RUN_WORKER": "no", **changes},
        )
        self._module = "tests.support.moved" if FILE in changes else "service"
        self._log = directory / f"{port}.log"
        self._stack = ExitStack()

    def start(self) -> None:
        self._stack.enter_context(serving(self._log, module=self._module, **self.environment))

    def stop(self) -> None:
        self._stack.close()


def at_once(works: Sequence[Callable[[], None]]) -> None:
    """Do all, each in a thread of its own, as each waits for a process. Raises what the first of them raised."""
    with ThreadPoolExecutor(len(works)) as pool:
        begun = [pool.submit(work) for work in works]
    for one in begun:
        one.result()


def secured() -> str:
    """Return an address with TLS that nobody serves yet."""
    return f"https://localhost:{free_port()}"


def main(site: str, *settings: str) -> None:
    """Serve until standard input ends; `settings` are those of `partner`, each `NAME=VALUE`."""
    given = dict(setting.split("=", 1) for setting in settings)
    providers = {name: value for name, value in given.items() if name.startswith("PROVIDER")}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stores = stack.enter_context(real_stores())
        done = latchkey("db", "upgrade", **stores.environment())
        assert done.returncode == 0, done.stderr
        elsewhere, example, apart = (f"http://localhost:{free_port()}" for _ in range(3))
        origins = f"{elsewhere},{example},{apart}"
        instances = {
            "normal": Instance(stores, directory, site, origins, RUN_WORKER="yes"),
            "brief": Instance(stores, directory, site, origins, **BRIEF),
            "strict": Instance(stores, directory, site, origins, FRESH_SESSION_MINUTES="0"),
            "partner": Instance(stores, directory, site, origins, **given),
            "bound": Instance(stores, directory, site, origins, PUBLIC_URL=secured(), **BOUND),
            "rationed": Instance(stores, directory, site, origins, PUBLIC_URL=secured(), **RATIONED, **providers),
            "moved": Instance(stores, directory, site, origins, PUBLIC_URL=secured(), **{FILE: str(directory / FILE)}),
        }
        stack.callback(at_once, [instance.stop for instance in instances.values()])
        at_once([instance.start for instance in instances.values()])
        operator = stack.enter_context(_operator(stores, instances, directory / FILE))
        addresses = {name: instance.url for name, instance in instances.items()}
        behind = {name: instance.behind for name, instance in instances.items() if instance.behind != instance.url}
        others = {"elsewhere": elsewhere, "example": example, "apart": apart, "operator": operator, "behind": behind}
        print(json.dumps(addresses | others), flush=True)
        sys.stdin.read()


@contextmanager
def _operator(stores: Stores, instances: dict[str, Instance], moved_by: Path) -> Iterator[str]:
    redis = stores.redis
    assert redis is not None

    def delete(pattern: str) -> object:
        keys = redis.cli("--scan", "--pattern", pattern).split()
        began = time.time()
        redis.cli("unlink", *keys)
        return {"keys": len(keys), "at": began * 1000}

    def superuser(text: str) -> object:
        email, password = text.split("\n")
        done = latchkey("users", "create-superuser", "--email", email, "--password", password, **stores.environment())
        assert done.returncode == 0, done.stderr
        return {}

    def advance(seconds: str) -> object:
        before = float(moved_by.read_text()) if moved_by.exists() else 0.0
        moved_by.write_text(str(before + float(seconds)))
        return {}

    def restart(name: str) -> object:
        instances[name].stop()
        instances[name].start()
        return {}

    actions: dict[str, Callable[[str], object]] = {"/delete": delete, "/superuser": superuser, "/restart": restart}
    actions["/advance"] = advance

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = json.dumps(actions[self.path](text)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main(*sys.argv[1:])
