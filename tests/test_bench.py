"""The benchmark runs through: no figure is judged here, for a test machine has other things to do."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.bound import KINDS
from bench.grounds import Line
from bench.million import CALLS
from bench.written import BEGIN, END, PAGE, machine, write
from tests.support.process import MODULE, running

SERVICE, LIMITS = {"me", "introspect", "refresh", "login"}, {"constant", "redis-get", "postgres-read", "argon2"}


@pytest.mark.real_only
@pytest.mark.timeout(120)
def test_benchmark_measures_every_workload(tmp_path: Path) -> None:
    """Every workload gets answers, each of them right, and the figures are written down."""
    figures, log = tmp_path / "figures.json", tmp_path / "log"
    command = [*MODULE, "bench", "paths", "--quick", "--seconds", "0.2", "--connections", "4", "--json", str(figures)]
    with running(command, log, fresh=True) as bench:
        assert bench.wait(100) == 0, log.read_text()
    found = json.loads(figures.read_text())
    assert set(found["workloads"]) == SERVICE | LIMITS
    for name, workload in found["workloads"].items():
        assert workload["requests"] > 0, name
        assert workload["failures"] == 0, name
        assert workload["p50_ms"] <= workload["p99_ms"], name
    assert set(found["ratios"]) >= {"me / redis-get", "refresh / redis-get", "login / argon2"}
    assert "generator" in log.read_text()


@pytest.mark.real_only
@pytest.mark.timeout(240)
def test_the_other_parts(tmp_path: Path) -> None:
    """Each has its figures, with little of everything: nothing is accepted that was revoked, nothing refused."""
    figures, log = tmp_path / "figures.json", tmp_path / "log"
    parts = ("mixed", "bound", "lag", "million")
    less = ("--quick", "--seconds", "0.2", "--connections", "4", "--users", "60", "--many", "5000")
    command = [*MODULE, "bench", *parts, *less, "--json", str(figures)]
    with running(command, log, fresh=True) as bench:
        assert bench.wait(200) == 0, log.read_text()
    found = json.loads(figures.read_text())
    assert set(found) == set(parts)
    assert found["mixed"]["mixed"] > 0
    assert all(value > 0 for value in found["bound"].values())
    assert {what for what in found["bound"] if "bound to unbound" in what} == {
        f"{KINDS[name]}, bound to unbound, by the worker's time" for name in ("cookie", "bearer", "me")
    }
    more = [value for what, value in found["bound"].items() if "what is more" in what]
    assert len(more) == 2
    assert max(more) < 200  # of sessions that others have nothing to do with: no machine makes it more
    assert {what: value for what, value in found["lag"].items() if "accepted" in what or "other" in what} == {
        "revocation: accepted after it": 0, "revocation: other answers": 0,
    }  # fmt: skip
    inside = [value for what, value in found["million"].items() if "in the database" in what]
    assert len(inside) == len(CALLS)
    assert all(value > 0 for value in inside)


def test_what_is_written(tmp_path: Path) -> None:
    """A table, a chart and the machine stand between the page's marks, and nothing else of it changes."""
    page, picture = tmp_path / "page.md", tmp_path / "chart.svg"
    page.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    lines = [
        Line("me & you", 12_382.4, "requests/s"),
        Line("log-in", 81, "requests/s"),
        Line("lag", 0.25, "ms", "1 ms"),
    ]
    for _ in range(2):
        write(
            lines,
            machine(["PostgreSQL 15.18 (system, /somewhere)", "Redis 7.0.15 (system)"]),
            page=page,
            picture=picture,
        )
        text = page.read_text()
        assert text.startswith(f"# Before\n\n{BEGIN}\n")
        assert text.endswith(f"{END}\n\nAfter.\n")
        assert "| me & you | 12,382 requests/s |  |\n| log-in | 81 requests/s |  |\n| lag | 0.25 ms | 1 ms |" in text
        assert "PostgreSQL 15.18, Redis 7.0.15." in text
        assert "somewhere" not in text
        assert "(chart.svg)" in text
    drawn = ET.fromstring(picture.read_text())
    lengths = [float(bar.attrib["width"]) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(lengths) == 2
    assert lengths[0] > lengths[1] > 0
    assert BEGIN in PAGE.read_text()
