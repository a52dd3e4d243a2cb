"""Which documents are pages, what they are called there, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = "reference.html"


@dataclass(frozen=True)
class Page:
    """A page, by its file in the repository; the reference of calls has none, it is made."""

    source: str | None
    target: str
    label: str

    @property
    def depth(self) -> int:
        """How many folders lie between it and the site's root."""
        return self.target.count("/")

    def text(self) -> str:
        """Return the document. Raises OSError."""
        return (ROOT / (self.source or "")).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Group:
    """Pages under one heading of the menu."""

    label: str
    pages: tuple[Page, ...]


def _decisions() -> Iterator[Page]:
    for path in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        yield Page(f"docs/decisions/{path.name}", f"decisions/{path.stem}.html", title)


def groups() -> tuple[Group, ...]:
    """Return everything there is to read. A document that isn't there (yet) is left out."""
    found = (
        Group(
            "Begin",
            (
                Page("README.md", "index.html", "Latchkey"),
                Page("docs/start.md", "start.html", "Start in ten minutes"),
            ),
        ),
        Group(
            "Build",
            (
                Page("docs/react.md", "react.html", "React"),
                Page("docs/react-native.md", "react-native.html", "React Native"),
                Page("frontend/packages/client/README.md", "client.html", "The client"),
                Page("frontend/packages/react/README.md", "react-parts.html", "The parts for React"),
                Page("frontend/app/README.md", "application.html", "The application"),
                Page("docs/own-api.md", "own-api.html", "Your own API"),
                Page("docs/other-services.md", "other-services.html", "Other services"),
                Page("docs/building-on-it.md", "building-on-it.html", "Your own endpoints"),
                Page("examples/react/README.md", "example-react.html", "An example: React"),
                Page("examples/next/README.md", "example-next.html", "An example: Next.js"),
                Page("examples/notes/README.md", "example-notes.html", "An example: notes"),
                Page("examples/fastapi/README.md", "example-fastapi.html", "An example: FastAPI"),
                Page("examples/express/README.md", "example-express.html", "An example: Express"),
                Page("docs/api.md", "api.html", "The API"),
                Page(None, REFERENCE, "API reference"),
            ),
        ),
        Group(
            "Run",
            (
                Page("docs/operations.md", "operations.html", "Operations"),
                Page("docs/backups.md", "backups.html", "Backups"),
                Page("docs/providers.md", "providers.html", "Other providers"),
                Page("docs/moving-in.md", "moving-in.html", "Moving in"),
                Page("docs/outages.md", "outages.html", "Outages"),
                Page("docs/faults.md", "faults.html", "Faults"),
                Page("docs/benchmarks.md", "benchmarks.html", "Benchmarks"),
            ),
        ),
        Group(
            "Project",
            (
                Page("CHANGELOG.md", "changelog.html", "Changelog"),
                Page("CONTRIBUTING.md", "contributing.html", "Contributing"),
            ),
        ),
        Group("Decisions", tuple(_decisions())),
    )
    return tuple(
        Group(group.label, tuple(page for page in group.pages if page.source is None or (ROOT / page.source).exists()))
        for group in found
    )


def every_page() -> tuple[Page, ...]:
    """Return all pages, in the order of the menu."""
    return tuple(page for group in groups() for page in group.pages)
