"""One document as HTML, with what the search needs to know of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

PREFIX = "t-"  # of the classes that highlighting gives
LEXERS = {"tsx": "typescript", "ts": "typescript", "sh": "bash"}

Resolve = Callable[[str], str]
"""What a link of the document is on its page. Raises ValueError where it leads nowhere."""


@dataclass
class Section:
    """A heading with what is said below it, until the next one."""

    heading: str
    anchor: str
    words: list[str] = field(default_factory=list)


@dataclass
class Rendered:
    """A document as a page's content."""

    title: str
    html: str
    sections: list[Section]
    headings: list[tuple[int, str, str]]  # level, text, anchor


def anchor_of(heading: str, taken: set[str]) -> str:
    """Return the name by which a heading is linked to, as code hosts have it; a second one of it gets a number."""
    plain = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
    name, number = plain, 0
    while name in taken:
        number += 1
        name = f"{plain}-{number}"
    taken.add(name)
    return name


def plain(tokens: Sequence[Token]) -> str:
    """Return the text of an inline's parts."""
    return "".join(" " if token.type in {"softbreak", "hardbreak"} else token.content for token in tokens)


class _Renderer(RendererHTML):
    """HTML without inline scripts or styles, that can be read by keyboard, with a screen reader, and on a phone."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Highlight when the site is built: no script has to."""
        token = tokens[idx]
        kind = token.info.strip()
        try:
            lexer = get_lexer_by_name(LEXERS.get(kind, kind or "text"), stripnl=False)
            code = highlight(token.content, lexer, HtmlFormatter(nowrap=True, classprefix=PREFIX))
        except ClassNotFound:
            code = escape(token.content)
        return f'<pre tabindex="0"><code>{code}</code></pre>\n'

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Let a wide table scroll in a box of its own, which the keyboard reaches."""
        return '<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """End that box."""
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Let a column without a name have none: an empty heading is read out as one."""
        return self.renderToken(_without_empty_heading(tokens, idx, tokens[idx + 1]), idx, options, env)

    def th_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """End it, whichever it is."""
        return self.renderToken(_without_empty_heading(tokens, idx, tokens[idx - 1]), idx, options, env)

    def html_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Leave comments out. Raises ValueError for anything else: documents are Markdown."""
        if re.sub(r"<!--.*?-->", "", tokens[idx].content, flags=re.DOTALL).strip():
            raise ValueError(f"HTML in a document: {tokens[idx].content.strip()}")
        return ""

    html_inline = html_block


def _without_empty_heading(tokens: Sequence[Token], idx: int, inside: Token) -> Sequence[Token]:
    if not inside.content:
        tokens[idx].tag = "td"
    return tokens


def parser() -> MarkdownIt:
    """Return the parser: CommonMark, and tables."""
    return MarkdownIt("commonmark", renderer_cls=_Renderer).enable("table")


def rendered(text: str, resolve: Resolve) -> Rendered:
    """Return a document as a page's content. Raises ValueError for a link that leads nowhere, or no title."""
    markdown = parser()
    tokens = markdown.parse(text)
    taken: set[str] = set()
    sections = [Section("", "")]
    headings: list[tuple[int, str, str]] = []
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = plain(tokens[number + 1].children or [])
            anchor = anchor_of(heading, taken)
            token.attrSet("id", anchor)
            headings.append((int(token.tag[1]), heading, anchor))
            sections.append(Section(heading, anchor))
        elif token.type == "inline":
            _resolved(token, resolve)
            if tokens[number - 1].type != "heading_open":
                sections[-1].words.append(plain(token.children or []))
        elif token.type == "fence":
            sections[-1].words.append(token.content)
    if not headings or headings[0][0] != 1:
        raise ValueError("a document begins with its title")
    html = markdown.renderer.render(tokens, markdown.options, {})
    return Rendered(headings[0][1], html, [one for one in sections if one.heading or one.words], headings)


def _resolved(token: Token, resolve: Resolve) -> None:
    for child in token.children or []:
        if child.type == "link_open":
            child.attrSet("href", resolve(str(child.attrGet("href"))))
        elif child.type == "image":
            source = str(child.attrGet("src"))
            if not source.endswith(".svg") or ":" in source:  # a drawing of ours, which is as sharp in every size
                raise ValueError(f"an image: {source}")
            child.attrSet("src", resolve(source))
