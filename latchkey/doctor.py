"""Checks of `latchkey doctor`, which are made at every start, too."""

from service.feature.doctor import Check, Deployment
from service.feature.findings import Finding, Level, error, ok, warning

__all__ = ["Check", "Deployment", "Finding", "Level", "error", "ok", "warning"]
