"""`make mutants` makes mistakes that are some, has those tests look that can see them, and believes them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.process import ROOT
from tools.mutants import lua, python, record, trial
from tools.mutants.__main__ import SUBJECTS, main, sample, summary
from tools.mutants.forking import Runner
from tools.mutants.mutant import Mutant

pytestmark = pytest.mark.embedded_only

CODE = b'''"""A sample."""
LIMIT: int = 3


def may(age: int, known: bool, *, strict: bool = True) -> bool:
    """Not strict: 1 < 2."""
    assert age > 0
    if not known and age <= LIMIT:
        raise ValueError(f"{age - 1}")
    note(age, strict=strict)
    while known:
        pass
    return known or age + 1 > 7
'''
MISTAKES = {
    "constant: 3 -> 4",
    "constant: True -> False",
    "not: not known -> known",
    "condition: not known -> True",
    "and/or: and -> or",
    "comparison: <= -> <",
    "condition: age <= LIMIT -> True",
    'statement: raise ValueError(f"{age - 1}") -> pass',
    "statement: note(age, strict=strict) -> pass",
    "argument: , strict=strict -> nothing",
    "branch: known -> not (known)",
    "condition: known -> False",
    "and/or: or -> and",
    "sum: + -> -",
    "constant: 1 -> 2",
    "comparison: > -> >=",
    "condition: age + 1 > 7 -> False",
    "constant: 7 -> 8",
}
SCRIPT = b'''"""A script."""
_READ = "local function read(key) return redis.call('GET', key) end"
TAKE = Script(_READ + """
-- more than 1 and not < 2
local left = tonumber(ARGV[1]) - 1
if left <= 0 and not read(KEYS[1]) then redis.call('SET', KEYS[1], '0') end
left = math.min(left, 5)
return left
""")
'''
SCRIPTED = {
    "Lua sum: - -> +",
    "Lua constant: 1 -> 2",
    "Lua comparison: <= -> <",
    "Lua constant: 0 -> 1",
    "Lua and/or: and -> or",
    "Lua not: not -> nothing",
    "Lua statement: redis.call('SET', KEYS[1], '0') -> nothing",
    "Lua constant: '0' -> '1'",
    "Lua statement: left = math.min(left, 5) -> nothing",
    "Lua call: math.min -> math.max",
    "Lua constant: 5 -> 6",
}
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # which takes most of the time that a small run takes
TESTS = b"""from service.sample import may


def test_children():
    try:
        may(3, False)
    except ValueError:
        return
    raise AssertionError


def test_grown_up():
    assert may(8, False)


def test_wrong():
    assert may(9, False) is None


def test_first_of_them():
    assert may(7, False)


def test_second_of_them():
    assert may(10, False)


def test_third_of_them():
    assert may(11, False)
"""


def titles(mutants: list[Mutant], source: bytes) -> list[str]:
    return [mutant.title(source).partition(" ")[2] for mutant in mutants if mutant.is_python(source)]


def test_mistakes_in_python() -> None:
    """Each kind where it can be, and none in what isn't run: words, types, assertions."""
    assert sorted(titles(python.mutants_of("sample.py", CODE), CODE)) == sorted(MISTAKES)


def test_mistakes_in_scripts() -> None:
    """The Lua in a text is code: but for what is in its comments and quotes. Each is Lua still."""
    found = lua.mutants_of("scripts.py", SCRIPT)
    assert sorted(titles(found, SCRIPT)) == sorted(SCRIPTED)
    assert not lua.compiles("if left then")


def test_what_is_changed_is_where_it_says() -> None:
    """A diff shows one line that differs."""
    for mutant in (*python.mutants_of("sample.py", CODE), *lua.mutants_of("sample.py", CODE)):
        before, after = CODE.splitlines(), mutant.of(CODE).splitlines()
        (line,) = [number for number, pair in enumerate(zip(before, after, strict=True), 1) if len(set(pair)) > 1]
        assert line == mutant.line


def test_links_of_a_query() -> None:
    """One that is seldom missed: the lock of a row is so on real stores alone."""
    code = b"async def f():\n    return await User.filter(one()).select_for_update().order_by('id').first()\n"
    links = [mutant for mutant in python.mutants_of("x.py", code) if mutant.kind == "link"]
    first, second = sorted(mutant.of(code).decode().splitlines()[1].strip() for mutant in links)
    assert first == "return await User.filter(one()).order_by('id').first()"
    assert second == "return await User.filter(one()).select_for_update().first()"


def test_what_is_logged_is_left_out() -> None:
    """A line of the log changes nothing that a caller sees."""
    assert python.mutants_of("x.py", b"def f(n):\n    log_event('x', what=n + 1)\n    _log.info('%s', n > 1)\n") == []


def test_a_seed_is_a_sample() -> None:
    """The same seed gives the same mutants, another one others, of every subject that there is to be."""
    first = sample(SUBJECTS, seed=3, number=20)
    assert len(set(first)) == 20
    assert sample(SUBJECTS, seed=3, number=20) == first != sample(SUBJECTS, seed=4, number=20)
    assert [module for module in SUBJECTS if not sample([module], seed=0, number=1)] == []


def test_lines_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    """One mistake can be looked at again."""
    assert main(["tools/mutants/mutant.py:60-65", "--list", "--number", "0"]) == 0
    assert not capsys.readouterr().out.strip()
    assert {mutant.line for mutant in sample(["tools/mutants/mutant.py:30-38"], 0, 0)} <= set(range(30, 39))
    with pytest.raises(SystemExit, match="There is no"):
        sample(["service/nowhere.py"], 0, 0)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of one module, and what its tests run, as it was noted. One of them fails."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "tools" / "mutants", root / "tools" / "mutants")
    for name, content in {
        "pytest.ini": b"[pytest]\naddopts = -ra -p pytest_timeout\n",
        "conftest.py": b"def pytest_addoption(parser):\n    parser.addoption('--stores')\n",
        "service/__init__.py": b"",
        "service/sample.py": CODE.replace(b"note(age, ", b"dict("),
        "tests/test_sample.py": TESTS,
        "tests/test_other.py": b"def test_other():\n    pass\n",
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(content)
    place = root / ".mutants" / "embedded"
    place.mkdir(parents=True)
    command = ["-m", "pytest", "-q", "-p", "tools.mutants.plugin", f"--mutants-record={place}"]
    done = subprocess.run(
        [sys.executable, *command], cwd=root, env=os.environ | ALONE, capture_output=True, text=True, check=False
    )
    assert "6 passed" in done.stdout
    assert "1 failed" in done.stdout
    return root


@pytest.fixture
def noted(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[record.Record]:
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(record, "ROOT", project)
    monkeypatch.setattr(record, "PLACE", project / ".mutants")
    record._names.cache_clear()
    if (project / ".mutants" / "embedded").exists():
        record.keep("embedded")
    yield record.Record("embedded")
    record._names.cache_clear()


@pytest.fixture
def runner(noted: record.Record) -> Iterator[Runner]:
    """Its children have plugins of their own choice."""
    with Runner() as found:
        yield found


def mutants(project: Path) -> dict[str, Mutant]:
    source = (project / "service" / "sample.py").read_bytes()
    found = [mutant for mutant in python.mutants_of("service/sample.py", source) if mutant.is_python(source)]
    return dict(zip(titles(found, source), found, strict=True))


def test_who_can_notice(project: Path, noted: record.Record) -> None:
    """Those that run the line, or one where the changed name is used; not those that fail as things are."""
    found = mutants(project)
    children, grown_up, *them = (
        f"tests/test_sample.py::test_{name}"
        for name in ("children", "grown_up", "first_of_them", "second_of_them", "third_of_them")
    )
    assert noted.tests_for(found['statement: raise ValueError(f"{age - 1}") -> pass']) == [children]
    assert sorted(noted.tests_for(found["sum: + -> -"])) == sorted([grown_up, *them])
    condition = noted.tests_for(found["comparison: <= -> <"])
    assert sorted(condition) == sorted([children, grown_up, *them])
    # Few are led to the next line by it: those are among the first. What is run at the import, any may notice.
    assert children in condition[:2]
    at_import = noted.tests_for(found["constant: 3 -> 4"])
    assert sorted(at_import) == sorted([*condition, "tests/test_other.py::test_other"])
    assert "tests/test_other.py::test_other" in at_import[:3]


def test_who_has_come_since(project: Path, noted: record.Record) -> None:
    """Of tests written after the record nobody knows what they run: so they look, too."""
    assert noted.written_since() == []
    new = project / "tests" / "test_new.py"
    new.write_text("def test_new():\n    pass\n", encoding="utf-8")
    try:
        assert noted.written_since() == ["tests/test_new.py"]
        assert not noted.knows("tests/test_new.py")
    finally:
        new.unlink()


def test_verdicts(project: Path, noted: record.Record, runner: Runner) -> None:
    """Noticed, and by whom; or not, and the change is shown. The copy is afterwards what it was."""
    tree, found = trial.Tree(project, runner), mutants(project)
    source = (project / "service" / "sample.py").read_bytes()
    trial.sound(tree, list(found.values()), [noted])
    seen = trial.judge(tree, found['statement: raise ValueError(f"{age - 1}") -> pass'], [noted], 10)
    assert (seen.outcome, seen.by) == ("noticed", "tests/test_sample.py::test_children")
    unseen = trial.judge(tree, found["constant: 3 -> 4"], [noted], 10)
    assert (unseen.outcome, unseen.tests, unseen.left_out) == ("unnoticed", 6, 0)
    assert (project / "service" / "sample.py").read_bytes() == source


def test_a_mistake_that_never_ends(
    project: Path, noted: record.Record, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that goes on for ever is ended, and the mistake counts as noticed."""
    monkeypatch.setattr(trial, "START_SECONDS", 4)
    mutant = mutants(project)["branch: known -> not (known)"]
    endless = trial.judge(trial.Tree(project, runner), mutant, [noted], 10)
    assert endless.outcome == "timed out"


def test_the_summary(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    """Numbers, and of each that nobody noticed the diff."""
    monkeypatch.setattr(record, "ROOT", project)
    found = mutants(project)
    verdicts = [
        trial.Verdict(found["sum: + -> -"], "noticed", "tests/test_sample.py::test_children", 2, 1.0),
        trial.Verdict(found["constant: 3 -> 4"], "unnoticed", "", 2, 1.0, left_out=5),
    ]
    said = summary(verdicts)
    assert said.startswith("1 of 2 noticed")
    assert "-LIMIT: int = 3\n+LIMIT: int = 4" in said
    assert "no time for 5 others" in said
    assert "+ -> -" not in said
