"""The documentation as pages: everything is there, links lead somewhere, nothing runs that isn't in a file."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tools.docs import __main__ as tool
from tools.docs.checks import facts_of, faults
from tools.docs.markdown import rendered
from tools.docs.pages import ROOT, Page, every_page
from tools.docs.site import INDEX, POLICY, Links, build

CHECKOUT = "../"


def same(link: str) -> str:
    return link


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that was built."""
    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return folder


def test_every_document_is_a_page(site: Path) -> None:
    """Whatever is in docs/ can be read there, and is in the menu or in the list of decisions."""
    told = {page.source for page in every_page()}
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")} <= told
    menu = set(facts_of(site / "index.html").links) | {
        f"decisions/{link}" for link in facts_of(site / "decisions" / "index.html").links
    }
    assert {page.target for page in every_page()} <= menu


def test_nothing_is_wrong_with_it(site: Path) -> None:
    """Links lead to pages, headings and files; each page has a language, a title, one main heading and the policy."""
    pages = sorted(site.rglob("*.html"))
    assert faults(site, pages) == []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert '<html lang="en">' in text
        assert f'content="{POLICY.replace(chr(39), "&#39;")}"' in text
        assert len(re.findall(r"<h1\b", text)) == 1, page.name
        assert re.search(r"<title>[^<]+</title>", text)
        assert text.count("<main") == text.count('href="#content"') == 1
        assert "<!--" not in text
        assert "http" not in "".join(facts_of(page).loaded)


def test_reference_has_every_call(site: Path) -> None:
    """The page of calls has a heading for each call and schema of the document, and each of them is found."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    text = (site / "reference.html").read_text(encoding="utf-8")
    calls = [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item]
    for call in calls:
        assert f">{call}</h3>" in text, call
    index = json.loads((site / INDEX).read_text(encoding="utf-8").partition(" = ")[2].removesuffix(";\n"))
    assert {*calls, *document["components"]["schemas"]} <= {entry["heading"] for entry in index}
    assert all((site / entry["url"].partition("#")[0]).exists() for entry in index)
    assert any("UNLINK" in entry["text"] for entry in index)


def test_a_link_that_leads_nowhere_stops_it() -> None:
    """To a file that isn't there, out of the repository, or to one that is: shown where it is said to be shown."""
    page = Page("docs/api.md", "api.html", "The API")
    found = {"docs/operations.md": "operations.html"}
    links = Links(page, found, "", CHECKOUT)
    assert links("operations.md#redis") == "operations.html#redis"
    assert links("../Makefile") == "../Makefile"
    assert links("decisions/") == "decisions/index.html"
    assert links("https://example.com/x") == "https://example.com/x"
    assert Links(page, found, "https://code.example/blob/main/", "")("../Makefile").endswith("/blob/main/Makefile")
    deep = Page("docs/decisions/001-x.md", "decisions/001-x.html", "001")
    assert Links(deep, found, "", CHECKOUT)("../operations.md") == "../operations.html"
    for nowhere in ("nowhere.md", "../../../etc/passwd"):
        with pytest.raises(ValueError, match="leads nowhere"):
            links(nowhere)


def test_documents_are_markdown() -> None:
    """Comments are left out; other HTML, images but drawings of ours, and a document without a title are refused."""
    page = rendered(
        "# A & b\n<!-- x -->\n\n## A & b\n\n## A & b\n\n| a | |\n| --- | --- |\n| b | c |\n\n```sh\nls # x\n```\n", same
    )
    assert page.title == "A & b"
    assert [anchor for _, _, anchor in page.headings] == ["a--b", "a--b-1", "a--b-2"]
    assert "<!--" not in page.html
    assert '<div class="table" role="group"' in page.html
    assert page.html.count("<th>") == page.html.count("</th>") == 1  # a column without a name has no heading
    assert 'class="t-c1"' in page.html
    assert "style=" not in page.html
    assert '<img src="chart.svg" alt="A chart" />' in rendered("# A\n![A chart](chart.svg)\n", same).html
    images = ("# A\n![x](https://x.example/y.svg)\n", "# A\n![x](y.png)\n")
    for refused in ("# A\n<b>x</b>\n", "# A\n\n<div>x</div>\n", *images, "no title\n"):
        with pytest.raises(ValueError, match=r"HTML|image|title"):
            rendered(refused, same)


def test_faults_are_found(tmp_path: Path) -> None:
    """A page that breaks its word is told of, a sentence for each fault."""
    page = tmp_path / "a.html"
    page.write_text(
        '<p id="x" style="color:red"><b id="x" onclick="f()"></b><script>1</script><script src="https://cdn.example/x.js">'
        '</script><img src="none.png"><a href="b.html"></a><a href="#y"></a><a href="#x"></a><a href="https://x.example">'
    )
    assert len(faults(tmp_path, [page])) == 8


def test_it_replaces_a_site_and_nothing_else(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built again it is the same, also after a mistake; a folder with something else in it stays as it is."""
    shutil.copytree(site, tmp_path / "site")
    with monkeypatch.context() as mistaken:
        mistaken.setattr(Page, "text", lambda _: "# A\n[x](nowhere.md)\n")
        assert tool.main(["--to", str(tmp_path / "site")]) == 1
    assert (tmp_path / "site" / "index.html").exists()
    assert tool.main(["--to", str(tmp_path / "site")]) == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    assert tool.main(["--to", str(tmp_path / "mine")]) == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
