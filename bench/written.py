"""What was measured, written into docs/benchmarks.md: the machine, a table, and a chart as SVG."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from html import escape
from math import log10
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

from bench.grounds import Line

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
CHART = ROOT / "docs" / "benchmarks.svg"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
_PARTS = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)
_ROW, _LEFT, _WIDTH, _RIGHT = 26, 250, 400, 110  # pixels


def machine(stores: Sequence[str]) -> str:
    """Describe the machine in a sentence; `stores` as they describe themselves, and where they are."""
    found = Path("/proc/cpuinfo")
    text = found.read_text("utf-8") if found.exists() else ""
    model = re.search(r"model name\s*: (.+)", text)
    cores, memory = psutil.cpu_count() or 1, psutil.virtual_memory().total / 2**30
    versions = ", ".join(said.partition(" (")[0] for said in stores)
    return (
        f"{cores} cores ({model[1].strip() if model else platform.machine()}), {memory:.0f} GiB, "
        f"Python {platform.python_version()}, {versions}."
    )


def table(lines: Sequence[Line]) -> str:
    """Return the figures as a table of Markdown."""
    rows = [f"| {one.what.replace('|', ' ')} | {one.shown} | {one.wanted} |" for one in lines]
    return "\n".join(["| | measured | is to be |", "| --- | --- | --- |", *rows])


def chart(title: str, bars: Mapping[str, float]) -> str:
    """Return bars as an SVG, on a scale of powers of ten: rates lie far apart."""
    least = 10.0 ** int(log10(max(1.0, min(bars.values(), default=1.0))))
    most = max([10.0 * least, *bars.values()])
    height = _ROW * (len(bars) + 1) + 16
    width = _LEFT + _WIDTH + _RIGHT
    drawn = []
    for number, (name, value) in enumerate(bars.items(), 1):
        top = number * _ROW + 8
        length = max(2.0, _WIDTH * log10(max(value, least) / least * 1.0001 + 1e-9) / log10(most / least))
        drawn.append(
            f'<text x="{_LEFT - 10}" y="{top + 14}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{_LEFT}" y="{top}" width="{length:.0f}" height="18" rx="3"/>'
            f'<text x="{_LEFT + length + 8:.0f}" y="{top + 14}">{value:,.0f}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="13">'
        "<style>text{fill:#444}rect{fill:#3b6ea5}@media (prefers-color-scheme:dark){text{fill:#ccc}rect{fill:#7aa7d9}}"
        f'</style><text x="{_LEFT}" y="20" font-weight="600">{escape(title)}</text>{"".join(drawn)}</svg>\n'
    )


def write(lines: Sequence[Line], said: str, *, page: Path = PAGE, picture: Path = CHART) -> None:
    """Put the figures between the page's marks, and the chart beside it."""
    bars = {one.what: one.value for one in lines if one.unit == "requests/s"}
    picture.write_text(chart("requests a second, one worker", bars), encoding="utf-8")
    measured = f"{BEGIN}\n{said}\n\n![Requests a second]({picture.name})\n\n{table(lines)}\n{END}"
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text:
        raise ValueError(f"{page.name} has no {BEGIN}")
    page.write_text(_PARTS.sub(lambda _: measured, text), encoding="utf-8")
