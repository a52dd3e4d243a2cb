"""Build the site: pages, menu, index of the search. Everything is a file beside it, so it is read offline too."""

from __future__ import annotations

import json
import os
import posixpath
import shutil
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tools.docs.markdown import Rendered, rendered
from tools.docs.pages import REFERENCE, ROOT, Page, every_page, groups
from tools.docs.reference import reference

HERE = Path(__file__).parent
# By <meta>, for there may be no server that sends headers. Nothing inline, nothing from elsewhere.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
CONTENTS_FROM = 4  # headings; a page with fewer needs no table of them
INDEX = "search-index.js"


@dataclass(frozen=True)
class Links:
    """Resolves the links of one page: to other pages, or to files of the repository."""

    page: Page
    targets: dict[str, str]  # by source
    repository: str  # where files are shown, with a slash at the end; empty: in the checkout
    checkout: str  # as it is seen from the site's root, with a slash at the end

    def __call__(self, link: str) -> str:
        """Return what the link is on the page. Raises ValueError where it leads nowhere."""
        if link.startswith(("https://", "http://", "mailto:", "#")):
            return link
        name, hash_, anchor = link.partition("#")
        base = posixpath.dirname(self.page.source or "docs/openapi.json")
        source = posixpath.normpath(posixpath.join(base, name))
        up = "../" * self.page.depth
        if source in self.targets:
            return f"{up}{self.targets[source]}{hash_}{anchor}"
        if source == "docs/decisions":
            return f"{up}decisions/index.html"
        if source.startswith("..") or not (ROOT / source).exists():
            raise ValueError(f"{self.page.source}: {link} leads nowhere")
        return f"{self.repository or up + self.checkout}{source}{hash_}{anchor}"


def build(folder: Path, *, repository: str = "") -> list[Path]:
    """Build the site in `folder`, in place of one that is there; return its pages.

    Raises ValueError for a link that leads nowhere, and for a folder with something else in it.

    `repository` is an address below which the repository's files are shown. Without one they are where they are in this
    checkout.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / INDEX).exists():
        raise ValueError(f"{folder} has something else in it")
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    pages = every_page()
    drawings = sorted((ROOT / "docs").glob("*.svg"))
    targets = {page.source: page.target for page in pages if page.source}
    targets |= {f"docs/{drawing.name}": drawing.name for drawing in drawings}
    checkout = f"{Path(os.path.relpath(ROOT, folder)).as_posix()}/"
    found = {page: _rendered(page, Links(page, targets, repository, checkout)) for page in pages}
    decisions = Page(None, "decisions/index.html", "Decisions")
    found[decisions] = rendered(_list_of_decisions(), lambda link: link)
    # Not before everything is there: what was built before stays where a document has a mistake.
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "static", folder)
    for drawing in drawings:
        shutil.copy(drawing, folder)
    (folder / INDEX).write_text(_index(found), encoding="utf-8")
    written = []
    for page, content in found.items():
        path = folder / page.target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            environment.get_template("page.html").render(
                page=page, title=content.title, content=Markup(content.html),  # noqa: S704 # made of our own documents
                contents=_contents(content), groups=groups(), up="../" * page.depth, policy=POLICY, decisions=decisions,
            ),
            encoding="utf-8",
        )  # fmt: skip
        written.append(path)
    return written


def _rendered(page: Page, links: Links) -> Rendered:
    if page.target != REFERENCE:
        return rendered(page.text(), links)
    return rendered(reference(json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))), links)


def _list_of_decisions() -> str:
    lines = [
        "# Decisions",
        "",
        "Why it is the way it is: what was decided, what else there was, and what it costs.",
        "",
    ]
    found = [page for page in every_page() if page.depth]
    return "\n".join(lines + [f"- [{page.label}]({page.target.removeprefix('decisions/')})" for page in found])


def _contents(content: Rendered) -> list[tuple[str, str]]:
    second = [(text, anchor) for level, text, anchor in content.headings if level == 2]
    return second if len(second) >= CONTENTS_FROM else []


def _index(found: dict[Page, Rendered]) -> str:
    # A script, as a page that was opened from a disk may read no other file.
    entries = [
        {
            "page": content.title,
            "heading": section.heading if section.anchor != content.headings[0][2] else "",
            "url": f"{page.target}#{section.anchor}" if section.anchor else page.target,
            "text": " ".join(" ".join(section.words).split()),
        }
        for page, content in found.items()
        for section in content.sections
    ]
    return f"globalThis.latchkeyIndex = {json.dumps(entries, ensure_ascii=False, separators=(',', ':'))};\n"
