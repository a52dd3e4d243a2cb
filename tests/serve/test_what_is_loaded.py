"""What a serving process has loaded when it gives its first answer: nothing that only commands, documents, letters,
passkeys or imports need, nor the library that reads a command line. Each of these was once a part of every start, and
of every worker's memory.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from service.app import SOON
from service.core.process import beginning
from tests.servers import free_port
from tests.support.process import ROOT, environment
from tests.support.stores import Stores

LATER = {
    "aiosmtplib", "argon2", "difflib", "email.headerregistry", "email.policy", "fido2", "httpcore", "httpx", "jinja2",
    "rich", "sanic_ext", "typer", "ua_parser", "yaml",
    "service.cli.database", "service.cli.doctor", "service.cli.quick", "service.cli.running", "service.console",
    "service.core.passwords.foreign_hashes", "service.core.process.workers", "service.documents.openapi",
}  # fmt: skip
NEVER = {"aerich", "aiosqlite", "fakeredis", "sqlite3", "tomllib"}  # in production; embedded stores need them

NAMED = ("loaded:", "sources:", "later:")
MODEL, PROTOCOL = "/models/user.py", "/sanic/server/protocols/http_protocol.py"

# `latchkey serve`, and beside it somebody who asks, writes down what is there, and ends it.
SERVE = """
import linecache, os, signal, socket, sys, threading, time

def say(what, names=sys.modules):
    sys.stdout.write(" ".join([what, *names]) + "\\n")  # at once: lines of the log come in between
    sys.stdout.flush()

def ask(port, until):
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"GET /api/health HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n")
                if connection.recv(12) == b"HTTP/1.1 200":
                    say("loaded:")
                    say("sources:", linecache.cache)
                    while time.monotonic() < until and "email_validator" not in sys.modules:
                        time.sleep(0.05)
                    say("later:")
                    break
        except OSError:
            time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=ask, args=(int(sys.argv[-1]), time.monotonic() + 60), daemon=True).start()
from service.__main__ import main
main()
"""


@pytest.mark.usefixtures("runtime")  # which has made the tables
def test_what_a_serving_process_has_loaded(stores: Stores, tmp_path: Path) -> None:
    """What isn't needed to answer is loaded by who needs it."""
    given = environment(**stores.environment())
    command = [sys.executable, "-P", "-c", SERVE, "serve", "--port", str(free_port())]
    done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, timeout=90, check=False)
    said = dict(line.split(":", 1) for line in done.stdout.splitlines() if line.startswith(NAMED))
    assert said.keys() == {"loaded", "sources", "later"}, done.stderr
    loaded = set(said["loaded"].split())
    assert {"sanic", "tortoise", "service.app", "service.cli.serving"} <= loaded
    assert loaded & (LATER if stores.redis_url == "memory://" else LATER | NEVER) == set()
    assert not [name for name in loaded if name.startswith("service.") and name.endswith("commands")]
    assert set(SOON) <= set(said["later"].split())
    # Tortoise reads the one and Sanic the other; what tracebacks show may be there, and has neither.
    assert not [name for name in said["sources"].split() if name.endswith((MODEL, PROTOCOL))]
    assert done.returncode == 0


def test_names_are_those_of_something() -> None:
    """A list of what must not be there would say nothing if it were mistyped."""
    names = sorted(LATER | NEVER)
    code = f"from importlib.util import find_spec; print([name for name in {names} if not find_spec(name)])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_collector_waits() -> None:
    """While modules are imported it rests; afterwards it is as before, and has nothing of them to look through."""
    for before in (gc.isenabled(), False):
        if not before:
            gc.disable()
        try:
            with beginning.importing():
                assert not gc.isenabled()
                kept: list[list[int]] = [[] for _ in range(10)]
            assert gc.isenabled() == before
            there = {id(one) for one in gc.get_objects()}
            assert not there & {id(one) for one in kept}
        finally:
            gc.unfreeze()
            gc.enable()
