"""Who may import whom (`tools/floors.py`), how long a file may be, and what may not stand in the code.

Each test reads all of the service and lists every offender at once.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tools import floors

MODULES = floors.modules()


class Trees(Mapping[str, ast.Module]):
    """Every module's syntax, read when it is first asked for: whoever only collects tests asks for none."""

    def __init__(self) -> None:
        self._read: dict[str, ast.Module] = {}

    def __getitem__(self, name: str) -> ast.Module:
        if name not in self._read:
            self._read[name] = ast.parse(MODULES[name].read_text(encoding="utf-8"))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


TREES = Trees()

# Where HTTP is spoken, or a person at a terminal is. Every other module from the jobs upwards decides, and is held to
# the rules of flows; so is a new one, wherever it is put. What a leaf says of itself in its `__init__` decides nothing.
SPEAK_HTTP = {"routes", "schemas", "views", "guards", "transport", "commands"}
ROOMS_OF_HTTP = {"console", "documents", "feature", "frontend", "features", "latchkey"}
DECIDE_THERE = {"service.feature.doctor", "service.feature.findings", "service.feature.ways"}

JOBS, APP = floors.FLOOR_OF["jobs"], floors.FLOOR_OF["app"]
LEAVES = {f"service.{room.name}" for room in floors.FLOORS[floors.FLOOR_OF["auth"]]}

ACTING = {"acting", "administering"}
WRITES = {"save", "create", "ask", "mark_fresh", "keep", "end", "end_all", "revoke", "remove_account"}


def speaks_http(module: str) -> bool:
    """Return whether a module is routes, schemas, or the like: `admin_routes` is routes."""
    if module in DECIDE_THERE:
        return False
    room = floors.room_of(module)
    return module in LEAVES or room in ROOMS_OF_HTTP or module.rpartition(".")[2].rpartition("_")[2] in SPEAK_HTTP


def flows() -> Iterator[str]:
    """Every module that decides."""
    for module in MODULES:
        room = floors.room_of(module)
        if JOBS <= floors.FLOOR_OF.get(room, 0) < APP and not speaks_http(module):
            yield module


def public_coroutines(module: str) -> Iterator[ast.AsyncFunctionDef]:
    """The coroutines that others may call."""
    for node in TREES[module].body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


def test_imports_go_down() -> None:
    """Every import leads to a floor below, or to where the room lists it; leaves never import each other."""
    assert not floors.climbs(floors.graph())


def test_no_module_needs_itself() -> None:
    """There is no ring of imports, not even one that is for types only."""
    assert not floors.knotted(floors.graph())


def test_the_rules_see_what_they_should() -> None:
    """A rule that finds nothing because it looks for nothing would be no rule."""
    up = {"service.core.clock": {"service.runtime"}, "service.auth.flows": {"service.users.profile", "service.runtime"}}
    assert floors.climbs(up) == [
        "service.auth.flows may not import service.users.profile: users isn't below auth",
        "service.core.clock may not import service.runtime: runtime isn't below core",
    ]
    assert not floors.climbs({"service.sessions.endings": {"service.audit.events"}})
    ring = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set(), "e": {"a"}}
    assert floors.knotted(ring) == {"a", "b", "c"}
    edges = floors.graph()
    assert "service.core.clock" in edges["service.runtime"]
    assert "service.sessions.guards" in edges["service.auth.routes"]


def test_every_room_has_its_floor() -> None:
    """A new package needs a place among the floors."""
    assert {floors.room_of(module) for module in MODULES} - {""} == set(floors.ROOMS)


def test_imports_are_absolute() -> None:
    """A reader sees where a name comes from."""
    assert not [
        module
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]


OURS = {"service", "models", "migrations", "latchkey", "__main__"}

# What isn't ours is imported once, in the parent: a child begins where a fresh interpreter would be after that, and
# looks for no garbage there. Whoever imports a module imports its package before: a package's child goes on to a child
# of its own for each module in it.
ALONE = """
import gc, importlib, os, sys
from contextlib import suppress
for module in sys.stdin.read().split():
    with suppress(ImportError):
        importlib.import_module(module)

def alone(modules):
    status = 0
    for module in modules:
        if (child := os.fork()) == 0:
            try:
                importlib.import_module(module)
            except BaseException as error:
                print(module, repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            inside = [other for other in sys.argv[1:] if other.rpartition(".")[0] == module]
            os._exit(alone(other for other in inside if other not in sys.modules) != 0)
        status |= os.waitpid(child, 0)[1]
    return status

assert not set(sys.argv[1:]) & set(sys.modules)
gc.collect()
gc.disable()
gc.freeze()
sys.exit(alone(module for module in sys.argv[1:] if module.rpartition(".")[0] not in sys.argv[1:]) != 0)
"""


def run(code: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python code in an interpreter of its own, in the project's directory."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=floors.ROOT, input=given, capture_output=True, text=True, check=False)


@pytest.mark.timeout(300)
def test_every_module_can_be_imported_first() -> None:
    """Whichever of ours is imported before all others: nothing works only because `app` happens to come first."""
    loaded = run("import service.app, service.cli.commands, sys; print(*sys.modules)").stdout.split()
    theirs = [name for name in loaded if name.split(".")[0] not in OURS]
    ours = [module for module in MODULES if not module.endswith("__main__")]
    done = run(ALONE, *ours, given=" ".join(theirs))
    assert done.returncode == 0, done.stderr


def test_only_the_feature_imports_its_routes() -> None:
    """Routes and commands are the outermost layer of a feature: what it says of itself in `__init__` names them."""
    edges = floors.graph()
    assert not [
        f"{module}: {target}"
        for module, targets in edges.items()
        for target in targets
        if target.endswith(("routes", ".commands")) and module != f"service.{floors.room_of(target)}"
    ]


def test_only_the_tuple_knows_the_features() -> None:
    """A leaf is taken out by deleting its folder and its lines in `service/features.py`: nothing else names it."""
    assert not [
        f"{module}: {target}"
        for module, targets in floors.graph().items()
        for target in targets
        if f"service.{floors.room_of(target)}" in LEAVES
        and floors.room_of(module) not in {floors.room_of(target), "features"}
    ]


def test_flows_know_no_http() -> None:
    """Flows know neither Sanic nor schemas; routes know no tables."""
    edges, found = floors.graph(), []
    for module in flows():
        names = {name for node in ast.walk(TREES[module]) for name in _imported(node)}
        found += [f"{module}: sanic" for name in names if name.split(".")[0] in ("sanic", "sanic_ext")]
        found += [f"{module}: {target}" for target in edges[module] if speaks_http(target)]
    for module in MODULES:
        if module.endswith("routes"):
            found += [f"{module}: {target}" for target in edges[module] if floors.room_of(target) == "models"]
    assert not found


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or ""


def test_no_any_in_flows_and_stores() -> None:
    """Flows and stores say what they take and give; a decoded JWT's payload is the one thing nobody can type."""
    stores = {module for module in MODULES if floors.room_of(module) == "stores"} - {"service.stores.access_tokens"}
    assert not [
        module
        for module in stores | set(flows())
        if any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(TREES[module]))
    ]


def test_flows_take_the_runtime_first() -> None:
    """A public coroutine of a flow that needs the Runtime takes it first: routes, commands and tests call it alike."""
    assert not [
        f"{module}.{node.name}"
        for module in flows()
        for node in public_coroutines(module)
        for argument in [*node.args.args[1:], *node.args.kwonlyargs]
        if argument.arg == "runtime"
    ]


def writes_for_callers(node: ast.AST, *, acting: bool = False) -> Iterator[str]:
    """Every write in a function's body that is outside a block of `acting` or `administering`."""
    if isinstance(node, ast.AsyncWith):
        acting = acting or any(called(item.context_expr) in ACTING for item in node.items)
    if not acting and called(node) in WRITES | {"transaction", "exclusive"}:
        yield f"{called(node)}, line {getattr(node, 'lineno', '?')}"
    for child in ast.iter_child_nodes(node):
        yield from writes_for_callers(child, acting=acting)


def called(node: ast.AST) -> str | None:
    """The name of what a node calls, if it is a call."""
    if not isinstance(node, ast.Call):
        return None
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)


def test_what_is_written_for_a_caller_is_written_in_acting() -> None:
    """R76: a flow that takes a `Caller` writes only where the session has been looked at under the user's lock.

    tests/races/test_in_flight.py holds each call to it; this finds a flow that no call leads to yet.
    """
    found = []
    for module in flows():
        for node in public_coroutines(module):
            arguments = [*node.args.args, *node.args.kwonlyargs]
            callers = any("Caller" in ast.unparse(argument.annotation) for argument in arguments if argument.annotation)
            if callers and module != "service.sessions.acting":
                found += [f"{module}.{node.name}: {write}" for write in writes_for_callers(node)]
    assert not found


def test_file_length() -> None:
    """A file over 300 lines is two."""
    assert not [module for module, path in MODULES.items() if len(path.read_text().splitlines()) > 300]


def test_everything_public_is_documented() -> None:
    """Every public module, class and function says its contract."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    assert not [module for module, tree in TREES.items() if not ast.get_docstring(tree)]
    assert not [
        f"{module}.{node.name}"
        for module, tree in TREES.items()
        for node in tree.body
        if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node)
        if [ast.unparse(decorator) for decorator in node.decorator_list] != ["overload"]
    ]


def test_contributing_shows_the_floors() -> None:
    """The table in CONTRIBUTING.md is the one that is enforced."""
    text = Path(floors.CONTRIBUTING).read_text(encoding="utf-8")
    assert floors.rendered(text) == text


# What opens a session, or makes one fresher than it was: stores' methods, by the part of the store they are of.
OPENS = {"sessions.log_in", "sessions.mark_fresh", "permits.add", "sessions.pending"}
DEMANDS = {"SecondFactorRequired"}
ANSWERS = {"TokenPairResponse", "AccessTokenResponse", "SignedIn", "Pending", "TokenPair"}


def walked_around(tree: ast.AST) -> Iterator[str]:
    """Everything in a module that only the door may do: open sessions, demand a second factor, make token answers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            yield from (opens for opens in OPENS if f".{name}".endswith(f".{opens}"))
            if node.attr == "mark_fresh" and not name.endswith("sessions.mark_fresh"):
                yield name
        if isinstance(node, ast.Raise) and node.exc is not None:
            yield from (f"raise {name}" for name in DEMANDS if name in ast.unparse(node.exc))
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            yield from (f"{name}(…)" for known in DEMANDS | ANSWERS if name.split(".")[0] == known)


def test_there_is_one_door() -> None:
    """Only `signin` opens sessions, steps them up, demands a second factor, and makes the answers that hold tokens."""
    found = [
        f"{module}: {what}"
        for module, tree in TREES.items()
        if floors.room_of(module) not in ("signin", "stores", "errors")
        for what in walked_around(tree)
    ]
    assert not found


def test_the_door_is_seen() -> None:
    """A rule that finds nothing because it looks for nothing would be no rule."""
    ways = """
async def sneak(runtime, store):
    await runtime.sessions.log_in(1, 2, 3, 4, 5)
    sessions = runtime.sessions
    await sessions.log_in(1)
    await store.mark_fresh(1)
    await runtime.sessions.permits.add(1)
    await runtime.sessions.pending.finish(1)
    TokenPairResponse.model_validate({})
    raise SecondFactorRequired
"""
    assert set(walked_around(ast.parse(ways))) == {
        *OPENS, "store.mark_fresh", "TokenPairResponse.model_validate(…)", "raise SecondFactorRequired",
    } - {"sessions.mark_fresh"}  # fmt: skip
    assert set(walked_around(TREES["service.signin.door"])) >= OPENS
    assert not set(walked_around(ast.parse("links.log_in(settings); problems(SecondFactorRequired); flows.log_in()")))
