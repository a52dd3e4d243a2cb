"""Our own features: the tuple, and taking one of them out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from importlib import import_module
from inspect import isclass
from pathlib import Path

import httpx
import pytest
from pydantic_settings import BaseSettings

from service import settings
from service.audit.catalogue import composed
from service.feature.ways import ways_in
from service.features import FEATURES, read_settings
from service.jobs.kinds import Kind
from service.letters.rendering import flaws_of
from service.stores.event_kinds import Event
from service.stores.letter_kinds import Letter
from tests.servers import free_port
from tests.support.brought import EVENTS, KINDS, LETTERS, SETTINGS, WAYS
from tests.support.process import Service, environment, running
from tests.support.stores import Stores
from tools import floors

pytestmark = pytest.mark.embedded_only

ROOT = Path(__file__).parents[2]


def test_every_leaf_is_a_feature() -> None:
    """Each room of the leaves' floor says what it brings, under its own name."""
    leaves = {room.name for room in floors.FLOORS[floors.FLOOR_OF["auth"]]}
    assert {feature.name for feature in FEATURES} == leaves
    assert len(FEATURES) == len(leaves)


def test_nothing_is_brought_any_other_way() -> None:
    """Every event, letter, kind of work and class of settings is in what a feature says, or in a tuple of the rooms'.

    What is only defined would be recorded and told by nobody, sent by nobody, done by nobody, and read nowhere.
    """
    brought = {id(one) for one in (*EVENTS.values(), *LETTERS, *KINDS)}
    topics = {topic for topic in SETTINGS.__mro__ if issubclass(topic, BaseSettings)} | {settings._FeaturesAlone}
    forgotten = []
    for name in floors.modules():
        if name.endswith("__main__"):
            continue
        for called, value in vars(import_module(name)).items():
            if isinstance(value, Event | Letter | Kind) and id(value) not in brought:
                forgotten.append(f"{name}.{called}")
            if isclass(value) and issubclass(value, BaseSettings) and value not in topics:
                forgotten.append(f"{name}.{called}")
    assert not forgotten


def test_each_has_a_name_of_its_own() -> None:
    """No two events, letters, kinds or settings are called alike: one of them would be the other."""
    for names in (
        [*composed(()), *(event.name for feature in FEATURES for event in feature.events)],
        [letter.name for letter in LETTERS],
        [letter.name.rpartition(".")[2] for letter in LETTERS],
        [kind.name for kind in KINDS],
        [name for topic in SETTINGS.__bases__ if issubclass(topic, BaseSettings) for name in topic.model_fields],
    ):
        assert not [name for name, times in Counter(names).items() if times > 1]


def test_every_letter_has_its_words() -> None:
    """In every language that there is."""
    assert not [flaw for letter in LETTERS for flaw in flaws_of(letter)]


def without(name: str, tree: Path) -> Path:
    """Make the service anew, without the folder of a feature and its lines; what stays the same is only linked to."""
    (tree / "service").mkdir(parents=True)
    for part in ("models", "migrations", "latchkey", "tests"):
        (tree / part).symlink_to(ROOT / part)
    for path in (ROOT / "service").iterdir():
        if path.is_dir() and path.name not in (name, "__pycache__"):
            (tree / "service" / path.name).symlink_to(path)
        elif path.is_file():
            shutil.copy2(path, tree / "service")
    tuple_of_all = tree / "service" / "features.py"
    lines = tuple_of_all.read_text(encoding="utf-8").splitlines(keepends=True)
    left = [line for line in lines if not re.search(rf"\b{name.upper()}\b", line)]
    assert len(lines) - len(left) == 2
    tuple_of_all.write_text("".join(left), encoding="utf-8")
    return tree


def test_one_taken_out(stores: Stores, tmp_path: Path) -> None:
    """Without `devices` the service starts: its routes are 404, and neither document nor commands know of it."""
    tree = without("devices", tmp_path / "tree")
    changed = {"DATABASE_URL": f"sqlite://{tmp_path / 'db.sqlite3'}", "PORT": str(port := free_port())}
    given, log = environment(**stores.environment(**changed)) | {"PYTHONPATH": str(tree)}, tmp_path / "log"
    with running([sys.executable, "-m", "service", "serve"], log, env=given, directory=tree, fresh=True) as process:
        service = Service(port, process, log)
        service.wait()
        url = service.url
        answer = httpx.get(f"{url}/api/sessions")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        document = httpx.get(f"{url}/api/openapi.json").json()
        assert not [path for path in document["paths"] if path.startswith("/api/sessions")]
        assert "/api/users/me" in document["paths"]
        assert httpx.get(f"{url}/api/users/me").status_code == 401
    done = subprocess.run(
        [sys.executable, "-m", "service", "--help"], env=given, cwd=tree, capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    assert " users " in done.stdout
    assert " sessions " not in done.stdout


# Begins where a fresh interpreter would be that has imported what isn't ours, and goes on in a fork for each tree.
MAKE_IT = """
import gc, importlib, json, os, sys, traceback
from contextlib import suppress
for module in sys.argv[1].split():
    with suppress(ImportError):
        importlib.import_module(module)
assert not {"service", "models", "migrations", "latchkey"} & set(sys.modules)
gc.freeze()  # no child has to look through what all share
for tree in sys.argv[2:]:
    if (child := os.fork()) == 0:
        os.chdir(tree)
        sys.path[0] = tree
        with open("said", "w") as said:
            try:
                import service.cli.commands
                from service.app import create_app
                create_app()
                from tests.support import brought
                print(service.__file__, file=said)
                left = brought.EVENTS, brought.LETTERS, brought.KINDS, brought.SETTINGS.model_fields
                names = [[getattr(one, "name", one) for one in ones] for ones in left]
                print(json.dumps([*names, [way.kind for way in brought.WAYS]]), file=said)
            except BaseException:
                traceback.print_exc(file=said)
        os._exit(0)
    os.waitpid(child, 0)
"""
NOT_OURS = """
    sanic.server sanic_ext tortoise.backends.asyncpg.client tortoise.backends.sqlite.client aerich redis.asyncio
    pydantic_settings fakeredis httpx typer rich.console jwt jinja2 prometheus_client orjson aiosmtplib bcrypt ua_parser
    cryptography.hazmat.primitives.asymmetric.ec argon2
"""


@pytest.fixture(scope="module")
def taken_out(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each feature, the tree where it was taken out and the application and the commands have been made."""
    trees = {feature.name: without(feature.name, tmp_path_factory.mktemp(feature.name)) for feature in FEATURES}
    subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", MAKE_IT, NOT_OURS, *map(str, trees.values())],
        env=environment(PYTHONPATH=""), timeout=100, check=True,
    )  # fmt: skip
    return trees


@pytest.mark.parametrize("name", [feature.name for feature in FEATURES])
def test_any_can_be_taken_out(name: str, taken_out: dict[str, Path]) -> None:
    """None of the others needs it: the application and the commands are made without it."""
    said = (taken_out[name] / "said").read_text(encoding="utf-8")
    assert said.startswith(f"{taken_out[name] / 'service' / '__init__.py'}\n"), said
    (feature,) = [feature for feature in FEATURES if feature.name == name]
    gone = (
        {event.name for event in feature.events}, {letter.name for letter in feature.letters},
        {kind.name for kind in feature.jobs}, set(feature.settings.model_fields if feature.settings else ()),
        {way.kind for way in ways_in(read_settings(EMAIL_SIGN_IN="both", _env_file=None), [feature])},
    )  # fmt: skip
    before = (
        set(EVENTS), {letter.name for letter in LETTERS}, {kind.name for kind in KINDS}, set(SETTINGS.model_fields),
        {way.kind for way in WAYS},
    )  # fmt: skip
    left = json.loads(said.splitlines()[1])
    assert [set(names) for names in left] == [had - its for had, its in zip(before, gone, strict=True)]
