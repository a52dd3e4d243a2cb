"""A mistake in a feature of one's own is one clear line at the start."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from service.app import create_app
from service.feature.mounting import overlap
from service.settings.checks import ConfigurationError
from tests.support.features import fresh_latchkey
from tests.support.stores import Stores

pytestmark = pytest.mark.embedded_only

HEAD = """
from pathlib import Path
import typer
from sanic import Blueprint, HTTPResponse
from datetime import timedelta
from pydantic_settings import BaseSettings
from latchkey import Feature, Way
from latchkey.events import Event, Words
from latchkey.jobs import DAILY, HOURLY, Kind, Schedule, repeated
from latchkey.letters import Letter
async def handler(request, **_):
    return HTTPResponse("")
async def work(runtime, turn):
    pass
def event(name):
    return Event(name, "It", Words("It.", "Es."), "it", with_change=False)
def letter(**said):
    folder = Path(__file__).parent / "words"
    folder.mkdir()
    said = {"en": "[notice]\\nsubject = 'It'\\nlines = ['It.']\\nnote = 'It.'", **said}
    for language, text in said.items():
        (folder / f"{language}.toml").write_text(text)
    return Letter(name="mine.notice", words=folder)
class Settings(BaseSettings):
    SECRET_KEY: str = ""
def served(prefix, path="/", method="GET", name="mine"):
    blueprint = Blueprint(name, url_prefix=prefix)
    blueprint.add_route(handler, path, methods=[method])
    return (blueprint,)
"""
TWICE = f"""{HEAD}
(blueprint,) = served("/api/mine")
blueprint.add_route(handler, "/other")
FEATURES = [Feature(name="mine", blueprints=(blueprint,))]
"""
DESCRIBED = """
from latchkey.http import RequestModel, definition, json_body, query
class Thing(RequestModel):
    size: int
class Box(RequestModel):
    thing: Thing
handler = definition({words})(handler)
FEATURES = (Feature(name="mine", blueprints=served("/api/mine", method="POST")),)
"""
MODELS = """
from tortoise import fields
from tortoise.models import Model
from models import User
class Thing(Model):
    id = fields.IntField(primary_key=True)
    class Meta:
        table = "things"
"""
OWNED = """
class Kept(Model):
    id = fields.IntField(primary_key=True)
    user = fields.ForeignKeyField("models.User", on_delete=fields.RESTRICT)
    class Meta:
        table = "kept"
"""
MIGRATION = """
async def upgrade(db):
    return 'CREATE TABLE "things" ("id" INT NOT NULL PRIMARY KEY)'
"""

Written = Callable[..., Path]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Writes the files of a package `theirs` that can be imported, and is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(**files: str) -> Path:
        folder = tmp_path / "theirs"
        (folder / "migrations").mkdir(parents=True)
        (folder / "__init__.py").touch()
        for name, text in files.items():
            (folder / f"{name.replace('__', '/')}.py").write_text(dedent(text))
        return folder

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] == "theirs"]:
        del sys.modules[name]


def mistake(stores: Stores, named: str = "theirs.features") -> str:
    """The one line with which an application refuses to be made."""
    with pytest.raises(ConfigurationError) as refused:
        create_app(stores.settings(FEATURES=named))
    (line,) = refused.value.mistakes
    assert "\n" not in line
    return line


def feature(arguments: str) -> str:
    return f"{HEAD}FEATURES = (Feature({arguments}),)\n"


@pytest.mark.parametrize(
    ("named", "features", "line"),
    [
        ("nowhere.features", "", "there is no module nowhere.features: it is neither installed nor in "),
        ("theirs.nothing", "", "there is no module theirs.nothing: "),
        ("theirs.features", "import nowhere_at_all", "theirs.features needs nowhere_at_all, which is not installed"),
        ("theirs.features", "FEATURE = 1", "theirs.features has no FEATURES: say there `FEATURES = (Feature(...),)`"),
        ("theirs.features", "FEATURES = ('notes',)", "FEATURES of theirs.features is not a tuple of Feature objects"),
        ("theirs.features", "x = (", "theirs.features can't be imported: SyntaxError: '(' was never closed ("),
        ("theirs.features", "x = 1\n1 / 0", "theirs.features can't be imported: ZeroDivisionError: division by zero ("),
        ("theirs.features", feature("name='My Notes'"), "a feature can't be called 'My Notes': use a-z, 0-9 and _"),
        ("theirs.features", feature("name='auth'"), "two features are called auth; Latchkey has one"),
        ("theirs.features", feature("name='models'"), "two features are called models; Latchkey has one"),
        (
            "theirs.features",
            f"{HEAD}FEATURES = (Feature(name='mine'), Feature(name='mine'))",
            "two features are called mine; another module brings one",
        ),
        (
            "theirs.features",
            feature("name='mine', commands={'users': typer.Typer()}"),
            "mine brings a command `latchkey users`, which is there already",
        ),
        (
            "theirs.features",
            feature("name='mine', blueprints=served('/api/users/me')"),
            "mine can't be served: Route already registered: api/users/me [GET]",
        ),
        (
            "theirs.features",
            feature("name='mine', blueprints=served('/api/users/me', method='POST')"),
            "mine serves /api/users/me, but /api/users/me is there already",
        ),
        (
            "theirs.features",
            feature("name='mine', blueprints=served('/api/users', '/count', 'DELETE')"),
            "mine serves /api/users/count, but /api/users/<user_id:str> is there already",
        ),
        (
            "theirs.features",
            feature("name='mine', blueprints=served('/mine')"),
            "mine serves /mine: its routes have to be under /api/",
        ),
        (
            "theirs.features",
            feature("name='mine', blueprints=served('/api/mine', name='auth')"),
            "mine can't be served: A blueprint with the name",
        ),
        (
            "theirs.features",
            f"{HEAD}{DESCRIBED.format(words='body=json_body(Thing, {})')}",
            "mine says of /api/mine what isn't so: 1 validation error for Thing size Field required",
        ),
        (
            "theirs.features",
            f"{HEAD}{DESCRIBED.format(words='parameter=query(Box)')}",
            "mine says of /api/mine what isn't so: Box has nested models or enum classes",
        ),
        ("theirs.features", feature("name='mine', models='theirs.models'"), "there is no module theirs.models: "),
        (
            "theirs.features",
            feature("name='mine', jobs=(repeated('events.purge', DAILY, work),)"),
            "mine brings a job events.purge: call it mine.purge",
        ),
        (
            "theirs.features",
            feature("name='mine', jobs=(repeated('mine.tidy', DAILY, work), repeated('mine.tidy', HOURLY, work))"),
            "mine brings a job mine.tidy twice",
        ),
        (
            "theirs.features",
            feature("name='mine', jobs=(repeated('mine.tidy', Schedule(timedelta(0)), work),)"),
            "can't be imported: ValueError: a schedule is every 0:01:00 or more seldom, and less than that `past`",
        ),
        (
            "theirs.features",
            feature("name='mine', jobs=(Kind('mine.tidy', work, at_once=9),)"),
            "can't be imported: ValueError: mine.tidy has one attempt at least, and goes 1 to 3 times at once",
        ),
        (
            "theirs.features",
            feature("name='mine', events=(event('user.deleted'),)"),
            "mine brings an event user.deleted: call it mine.deleted",
        ),
        (
            "theirs.features",
            feature("name='mine', events=(event('Read'),)"),
            "can't be imported: ValueError: an event can't be called 'Read': use at most 64 of a-z, 0-9, _ and .",
        ),
        (
            "theirs.features",
            feature("name='mine', letters=(letter(de=''),)"),
            "mine: the letter mine.notice has no words in de: ",
        ),
        (
            "theirs.features",
            feature("name='mine', letters=(letter(de='[notice'),)"),
            "de.toml can't be read: ",
        ),
        (
            "theirs.features",
            feature("name='mine', letters=(letter(de='[notice]\\nlines=[1]\\nnote=1'),)"),
            "de.toml has no subject",
        ),
        (
            "theirs.features",
            feature("name='mine', settings=Settings"),
            "mine brings a setting SECRET_KEY, which is there already",
        ),
        (
            "theirs.features",
            feature("name='mine', ways=lambda _: (Way('passkey'),)"),
            "mine brings a way in passkey: call it mine.passkey",
        ),
        (
            "theirs.features",
            TWICE,
            "mine has 2 routes called mine.handler: give each a `name`",
        ),
    ],
)  # fmt: skip
def test_one_line(stores: Stores, package: Written, named: str, features: str, line: str) -> None:
    """Whatever is wrong with a module, or with what it brings."""
    package(features=features)
    found = mistake(stores, named)
    assert found.startswith("FEATURES: ")
    assert line in found


def test_settings_of_its_own(stores: Stores, package: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that a feature reads when it is imported is told by its name, and never by its value."""
    monkeypatch.setenv("MINE_TOKEN", "hunter2")
    package(
        features="""
        from pydantic import Field
        from pydantic_settings import BaseSettings
        class Mine(BaseSettings):
            MINE_TOKEN: str = Field(min_length=32)
        settings = Mine()
        FEATURES = ()
        """
    )
    found = mistake(stores)
    assert found == "FEATURES: theirs.features: MINE_TOKEN: String should have at least 32 characters"


@pytest.mark.parametrize(
    ("models", "migrations", "more", "line"),
    [
        (MODELS, {}, "", "mine has models and no migrations (nowhere: say `migrations=Path(...)`)"),
        (MODELS, {}, "migrations=Path(__file__).parent / 'migrations'", "mine has models and no migrations (/"),
        ("", {}, "migrations=Path('x')", "theirs.models of mine has no models"),
        (
            MODELS + OWNED.replace("RESTRICT", "CASCADE"),
            {"migrations__0_1_init": MIGRATION},
            "migrations=Path(__file__).parent / 'migrations'",
            "the model Kept of mine has no migration: none names its table kept",
        ),
        (
            MODELS + OWNED,
            {"migrations__0_1_init": MIGRATION + "# kept"},
            "migrations=Path(__file__).parent / 'migrations'",
            "Kept.user of mine would keep users from being deleted: let it cascade, or say what `deleted` does",
        ),
    ],
)
def test_models(
    stores: Stores, package: Written, models: str, migrations: dict[str, str], more: str, line: str
) -> None:
    """Models without a history, or that would be in the way of deleting an account."""
    package(features=feature(f"name='mine', models='theirs.models', {more}"), models=models, **migrations)
    assert mistake(stores).startswith(f"FEATURES: {line}")


@pytest.mark.parametrize(
    ("features", "line"),
    [
        ("theirs.nothing", "FEATURES: there is no module theirs.nothing"),
        ("theirs.features", "FEATURES: mine serves /api/health/<x:str>, but /api/health/ready is there already"),
        ("theirs.features,theirs features", "FEATURES: theirs features is no name of a module"),
    ],
)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_at_the_start(stores: Stores, package: Written, features: str, line: str, workers: str) -> None:
    """`latchkey serve` says it on one line, and ends with 2; with several workers it is said once, too."""
    folder = package(features=feature("name='mine', blueprints=served('/api/health', '/<x>')"))
    environment = stores.environment(FEATURES=features, WEB_CONCURRENCY=workers)
    if workers == "2":  # PostgreSQL and Redis that aren't asked: nothing gets that far
        environment |= {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"}
    done = fresh_latchkey(folder.parent, "serve", "--port", "0", **environment)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
    assert not done.stdout


def test_found_where_it_was_started(stores: Stores, package: Written) -> None:
    """A package in the directory that a command is started in is found, and behind what is installed."""
    folder = package(features=feature("name='mine', commands={'mine': lambda: typer.echo('here')}"))
    (folder.parent / "typer.py").write_text("raise SystemExit('not this one')")
    done = fresh_latchkey(folder.parent, "mine", FEATURES="theirs.features")
    assert (done.returncode, done.stdout) == (0, "here\n"), done.stderr


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("mine", 0, "here\n"),
        ("lost", 2, "FEATURES: `latchkey lost`: there is nothing to be called at theirs.told:nothing\n"),
        ("away", 2, "FEATURES: `latchkey away`: there is no module theirs.nowhere: "),
        ("bare", 2, "FEATURES: `latchkey bare`: there is nothing to be called at theirs.told\n"),
    ],
)
def test_where_a_command_is(stores: Stores, package: Written, word: str, code: int, said: str) -> None:
    """A command may be named instead of brought: it is imported when it is given, and no other is."""
    where = {"mine": "told:tell", "lost": "told:nothing", "away": "nowhere:tell", "bare": "told"}
    commands = {name: f"theirs.{place}" for name, place in where.items()}
    folder = package(
        features=feature(f"name='mine', commands={commands}"), told="def tell():\n    'Tell.'\n    print('here')"
    )
    done = fresh_latchkey(folder.parent, word, FEATURES="theirs.features")
    assert done.returncode == code, done.stderr
    assert (done.stderr if code else done.stdout).startswith(said)
    assert (done.stderr + done.stdout).count("\n") == 1


def test_paths_that_are_in_each_others_way() -> None:
    """Two templates overlap when one path could be meant by both."""
    assert overlap("/api/notes", "/api/notes")
    assert overlap("/api/notes/<id:int>", "/api/notes/count")
    assert overlap("/api/<what>/me", "/api/users/<user_id>")
    assert overlap("/api/<rest:path>", "/api/users/me")
    assert not overlap("/api/notes/<rest:path>", "/api/users/me")
    assert not overlap("/api/notes/<rest:path>", "/api/notes")
    assert not overlap("/api/notes", "/api/notes/<id>")
    assert not overlap("/api/users/me/notes", "/api/users/<user_id>/sessions")
