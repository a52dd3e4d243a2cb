"""What pytest is given: it notes which tests run which lines, or runs the tests that it is told to, in that order."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two ways to use it."""
    group = parser.getgroup("mutants")
    group.addoption("--mutants-record", metavar="DIRECTORY", help="write what each test runs there")
    group.addoption("--mutants-tests", metavar="FILE", help="run what this names, a test a line, in this order")


def pytest_configure(config: pytest.Config) -> None:
    """Note what is run: with xdist in the workers, for the first process runs nothing."""
    directory = config.getoption("--mutants-record")
    if directory and (hasattr(config, "workerinput") or not config.getoption("numprocesses", None)):
        config.pluginmanager.register(Recorder(Path(directory)))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is named, in the order in which it is."""
    file = config.getoption("--mutants-tests")
    if file:
        order = {name: place for place, name in enumerate(json.loads(Path(file).read_text(encoding="utf-8")))}
        items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])


class Recorder:
    """Notes the lines of the service that each test runs, and how long it took, if it passed."""

    def __init__(self, directory: Path) -> None:
        """Begin to watch."""
        self.stem = directory / str(os.getpid())
        self.passed: dict[str, float] = {}
        self.coverage = coverage.Coverage(
            data_file=f"{self.stem}.coverage", source=["service"], branch=False, config_file=False
        )
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Tell the test's lines from those of others. Where the server runs beside it in one process, they are its."""
        self.coverage.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how long it took; a test that fails as things are would notice everything."""
        if report.passed:
            self.passed[report.nodeid] = self.passed.get(report.nodeid, 0.0) + report.duration
        else:
            self.passed[report.nodeid] = float("inf")

    def pytest_sessionfinish(self) -> None:
        """Write it down."""
        self.coverage.stop()
        self.coverage.save()
        passed = {name: seconds for name, seconds in self.passed.items() if seconds != float("inf")}
        self.stem.with_suffix(".json").write_text(json.dumps(passed), encoding="utf-8")
