"""What a built site promises: links that lead somewhere, nothing inline, nothing from elsewhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class Facts:
    """What there is in one page."""

    ids: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.facts = Facts()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.facts.ids[given["id"]] += 1
        if tag == "a":
            self.facts.links.append(given.get("href", ""))
        elif tag in {"script", "img", "link", "iframe"}:
            self.facts.loaded.append(given.get("src") or given.get("href", ""))
        if tag == "style" or (tag == "script" and "src" not in given):
            self.facts.inline.append(f"<{tag}>")
        self.facts.inline += [f"{name} of <{tag}>" for name in given if name == "style" or name.startswith("on")]


def facts_of(page: Path) -> Facts:
    """Read a page."""
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader.facts


def faults(folder: Path, pages: list[Path]) -> list[str]:
    """Return what is wrong with the site in `folder`, a sentence each."""
    known = {page.resolve(): facts_of(page) for page in pages}
    found = []
    for page, facts in known.items():
        name = page.relative_to(folder.resolve())
        found += [f"{name}: two elements have the id {one}" for one, number in facts.ids.items() if number > 1]
        found += [f"{name}: {what}" for what in facts.inline]
        for address in facts.loaded:
            if urlsplit(address).scheme or not (page.parent / address).exists():
                found.append(f"{name}: loads {address}")
        for link in facts.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not target.exists():
                found.append(f"{name}: {link} leads nowhere")
            elif parts.fragment and target in known and unquote(parts.fragment) not in known[target].ids:
                found.append(f"{name}: {link} is no heading")
    return found
