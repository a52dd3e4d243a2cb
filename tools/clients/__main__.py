"""Make clients of docs/openapi.json with each generator, compile them, have them talk to the service: `make clients`.

A document can be valid and of no use: generators have their own ideas of defaults, nulls and names. Each story in
`stories/` registers, logs in, reads who it is, refreshes, lists events and is refused. Then libraries of OAuth 2 speak
with it (`libraries.py`), and what they see is printed as a table.

    python -m tools.clients [--libraries] [--keep]

`--libraries` leaves the generators out, `--keep` leaves what was made in frontend/.clients.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.process import serving
from tools.clients import libraries
from tools.clients.running import GENERATORS, NODE, ROOT, STORIES, TSC, WORK, run

DOCUMENT = ROOT / "docs" / "openapi.json"


def in_typescript(name: str, *generate: str | Path, address: str) -> None:
    """Generate, compile strictly, bundle and run the story `name`."""
    place = WORK / name
    place.mkdir(parents=True)
    for file in ("person.ts", f"{name}.ts"):
        shutil.copy(STORIES / file, place)
    run(*generate, cwd=place)
    run(NODE / "tsc", *TSC, f"{name}.ts", cwd=place)
    run(NODE / "esbuild", f"{name}.ts", "--bundle", "--platform=node", "--format=esm", "--outfile=story.mjs", cwd=place)
    run("node", "story.mjs", address, f"{name}@example.com", cwd=place)


def in_python(name: str, *generate: str | Path, address: str) -> None:
    """Generate, have mypy look at the story and the client, import every module, and run the story `name`."""
    place = WORK / name
    place.mkdir(parents=True)
    shutil.copy(STORIES / f"{name}.py", place)
    run(*generate, cwd=place)
    run(
        sys.executable, "-m", "mypy", "--python-executable", GENERATORS / "python", "--cache-dir", ".mypy_cache",
        "--strict", "--config-file=", "--follow-imports=silent", f"{name}.py", cwd=place,
    )  # fmt: skip
    everything = (
        "import importlib, pkgutil, generated; "
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(generated.__path__, 'generated.')]"
    )
    run(GENERATORS / "python", "-W", "error", "-c", everything, cwd=place)
    run(GENERATORS / "python", f"{name}.py", address, f"{name}@example.com", cwd=place)


def openapi_typescript(address: str) -> None:
    """openapi-typescript, with its own defaults."""
    command = (NODE / "openapi-typescript", DOCUMENT, "-o", "schema.d.ts")
    in_typescript("openapi_typescript", *command, address=address)


def hey_api(address: str) -> None:
    """hey-api's openapi-ts."""
    in_typescript("hey_api", NODE / "openapi-ts", "-i", DOCUMENT, "-o", "client", address=address)


def openapi_python_client(address: str) -> None:
    """openapi-python-client."""
    options = ("--path", DOCUMENT, "--meta", "none", "--output-path", "generated", "--fail-on-warning")
    in_python("python_client", GENERATORS / "openapi-python-client", "generate", *options, address=address)


def generator(target: str, output: str, *options: str) -> tuple[str | Path, ...]:
    """Return the command of openapi-generator."""
    return (GENERATORS / "openapi-generator-cli", "generate", "-g", target, "-i", DOCUMENT, "-o", output, *options)


def generator_python(address: str) -> None:
    """openapi-generator's python."""
    command = generator("python", ".", "--additional-properties=packageName=generated,generateSourceCodeOnly=true")
    in_python("generator_python", *command, address=address)


def generator_typescript(address: str) -> None:
    """openapi-generator's typescript-fetch."""
    in_typescript("typescript_fetch", *generator("typescript-fetch", "client"), address=address)


Client = Callable[[str], None]
CLIENTS: tuple[Client, ...] = (
    openapi_typescript,
    hey_api,
    openapi_python_client,
    generator_python,
    generator_typescript,
)
NEED_JAVA: tuple[Client, ...] = (generator_python, generator_typescript)


@contextmanager
def service() -> Iterator[str]:
    """Run the service with stores of its own; yield its address."""
    with TemporaryDirectory() as directory:
        database = f"sqlite://{directory}/clients.sqlite3"
        with serving(Path(directory) / "log", DATABASE_URL=database, REDIS_URL="memory://") as found:
            yield found.url


def main() -> int:
    """Try every generator and every library there is; return the exit status."""
    shutil.rmtree(WORK, ignore_errors=True)
    try:
        failed = 0 if "--libraries" in sys.argv else generated()
        seen = libraries.table()
        print(libraries.written(seen))
        wrong = libraries.wrong(seen)
        print(*wrong, sep="\n", end="\n" if wrong else "")
        return 1 if failed or wrong else 0
    finally:
        if "--keep" not in sys.argv:
            shutil.rmtree(WORK, ignore_errors=True)


def generated() -> int:
    """Try every generator; return how many failed."""
    java = shutil.which("java")
    clients = [client for client in CLIENTS if java or client not in NEED_JAVA]
    for client in CLIENTS:
        if client not in clients:
            print(f"left out, there is no Java: {client.__doc__}")
    failed = 0
    with service() as address, ThreadPoolExecutor(2) as pool:
        for client, done in [(client, pool.submit(timed, client, address)) for client in clients]:
            outcome = done.result()
            failed += not isinstance(outcome, float)
            print(f"{client.__doc__} {f'{outcome:.1f} s' if isinstance(outcome, float) else f'FAILED: {outcome}'}")
    return failed


def timed(client: Client, address: str) -> float | str:
    """Return how long it took, or what went wrong."""
    began = time.perf_counter()
    try:
        client(address)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return str(error)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
