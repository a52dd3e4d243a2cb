"""The alert rules, by Prometheus's own tool: they are rules, and say what they should to given numbers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.process import ROOT

PROMTOOL = shutil.which("promtool")
RULES = ROOT / "deploy" / "prometheus-alerts.yml"


@pytest.mark.embedded_only
@pytest.mark.skipif(PROMTOOL is None, reason="there is no promtool")
def test_what_the_rules_say(tmp_path: Path) -> None:
    """Each rule is one, and the stories of alerts.yml come out as told there."""
    for file in (RULES, Path(__file__).with_name("alerts.yml")):
        shutil.copy(file, tmp_path)
    for arguments in (("check", "rules", RULES.name), ("test", "rules", "alerts.yml")):
        done = subprocess.run(
            [str(PROMTOOL), *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
