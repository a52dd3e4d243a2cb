"""The benchmark runs through: no figure is judged here, for a test machine has other things to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.process import MODULE, running

pytestmark = [pytest.mark.real_only, pytest.mark.timeout(120)]

SERVICE, LIMITS = {"me", "refresh", "login"}, {"constant", "redis-get", "postgres-read", "argon2"}


def test_benchmark_measures_every_workload(tmp_path: Path) -> None:
    """Every workload gets answers, each of them right, and the figures are written down."""
    figures, log = tmp_path / "figures.json", tmp_path / "log"
    command = [*MODULE, "bench", "--quick", "--seconds", "0.2", "--connections", "4", "--json", str(figures)]
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
