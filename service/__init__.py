"""Latchkey: an asynchronous identity service for React front ends."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("latchkey")
except PackageNotFoundError:  # pragma: no cover - only in a checkout that was never installed
    __version__ = "0.0.0"
