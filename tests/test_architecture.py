"""Who may import whom (DESIGN.md, layout), how long a file may be, and what may not stand in the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICE = ROOT / "service"
SPINE = {"keys", "sessions", "audit", "directory", "mail"}
LEAVES = {"account", "admin", "auth", "users", "ops", "documents", "frontend"}
# The parts' types travel in the Runtime, which flows of every layer take first.
SHARED = {"errors", "configuration", "guessing", "settings", "runtime"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "guessing": set(),
    "configuration": {"guessing"},
    "settings": {"configuration", "guessing"},
    "core": {"errors", "configuration", "settings"},
    "keys": {"audit", "core", "errors", "settings", "runtime", "models"},
    "runtime": {"core", "keys", "mail", "sessions", "errors", "settings"},
    "audit": {"core", "sessions", "errors", "runtime", "models"},
    "mail": {"core", "directory", "errors", "settings", "runtime", "models"},
    "sessions": {"core", "audit", "directory", "mail", "errors", "settings", "runtime", "models"},
    "directory": {"core", "sessions", "audit", "mail", "errors", "settings", "runtime", "models"},
    "signin": {"core", "errors", "models", "runtime"} | SPINE,
    **{leaf: {"signin", "core", "models", leaf} | SPINE | SHARED for leaf in LEAVES},
    "app": {"core", "sessions", "keys", "mail"} | SHARED | LEAVES,
    "cli": {"app", "core", "models", "users", "ops", "cli"} | SPINE | SHARED,
}


def modules() -> list[Path]:
    return sorted(SERVICE.rglob("*.py"))


def package_of(path: Path) -> str:
    """`service/auth/flows.py` is in `auth`, `service/errors/base.py` is in `errors`."""
    return path.relative_to(SERVICE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every module of ours that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            module = node.module or ""
            names = [f"{module}.{alias.name}" if module in ("service", "models") else module for alias in node.names]
        for name in names:
            if name.split(".")[0] in ("service", "models", "migrations", "tests"):
                yield name


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_import_directions(path: Path) -> None:
    """Each package imports only what lies below it; leaves never import each other; nobody imports app or cli."""
    package = package_of(path)
    if package in ("__init__", "__main__"):
        return
    for name in imports(path):
        parts = name.split(".")
        target = parts[1] if parts[0] == "service" else parts[0]
        if target in (package, "__version__"):
            continue
        assert target in MAY_IMPORT[package], f"{package} may not import {name}"


def test_the_rules_cover_every_package() -> None:
    """A new package needs a place in the rules."""
    found = {package_of(path) for path in modules()} - {"__init__", "__main__"}
    assert found == set(MAY_IMPORT)


def test_nothing_imports_the_service_from_models() -> None:
    """The models import nothing of ours but models."""
    for path in (ROOT / "models").glob("*.py"):
        assert all(name.startswith("models") for name in imports(path)), path


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_app_imports_routes(path: Path) -> None:
    """Routes are the outermost layer of a feature."""
    if package_of(path) != "app":
        assert not [name for name in imports(path) if name.endswith("routes")]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_flows_know_no_http(path: Path) -> None:
    """Flows and stores know neither Sanic nor schemas; routes know no tables."""
    text = path.read_text()
    if path.name in FLOWS:
        assert "import sanic" not in text
        assert "from sanic" not in text
        assert ".schemas" not in text
    if path.name.endswith("routes.py"):
        assert "from models" not in text


FLOWS = {"flows.py", "store.py", "profile.py", "administration.py", "accounts.py", "endings.py", "removal.py",
         "callers.py", "events.py", "signin.py", "keyring.py", "access_tokens.py", "onetime.py", "notices.py",
         "requests.py", "outbox.py", "worker.py", "addresses.py", "passwords.py", "budgets.py", "devices.py",
         "browser.py", "rotation.py", "timeline.py", "receipts.py", "importing.py", "exporting.py",
         "statistics.py", "acting.py", "proofs.py", "claims.py", "registrations.py"}  # fmt: skip


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_any_in_flows_and_stores(path: Path) -> None:
    """Flows and stores say what they take and give; a decoded JWT's payload is the one thing nobody can type."""
    if path.name in FLOWS - {"access_tokens.py"}:
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        assert "Any" not in names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_flows_take_the_runtime_first(path: Path) -> None:
    """A public coroutine of a flow module takes the Runtime first, so that routes, commands and tests call it alike."""
    if path.name not in {
        "flows.py",
        "profile.py",
        "administration.py",
        "addresses.py",
        "notices.py",
        "rotation.py",
        "timeline.py",
        "receipts.py",
        "claims.py",
    }:
        return
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            assert node.args.args, node.name
            assert node.args.args[0].arg == "runtime", node.name


WRITES = {"save", "create", "ask", "mark_fresh", "keep", "end", "end_all", "revoke", "remove_account"}
ACTING = {"acting", "administering"}


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


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_written_for_a_caller_is_written_in_acting(path: Path) -> None:
    """R76: a flow that takes a `Caller` writes only where the session has been looked at under the user's lock.

    tests/races/test_in_flight.py holds each call to it; this finds a flow that no call leads to yet.
    """
    if path.name not in FLOWS or path.name == "acting.py":
        return
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            arguments = [*node.args.args, *node.args.kwonlyargs]
            if any("Caller" in ast.unparse(argument.annotation) for argument in arguments if argument.annotation):
                assert not list(writes_for_callers(node)), node.name


@pytest.mark.parametrize("path", [*modules(), *sorted((ROOT / "models").glob("*.py"))], ids=lambda path: path.stem)
def test_file_length(path: Path) -> None:
    """A file over 300 lines is two."""
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_everything_public_is_documented(path: Path) -> None:
    """Every public module, class and function says its contract."""
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
