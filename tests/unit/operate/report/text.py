"""Read a page as text: what a person reads in it, without markup, styles and plots."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "br"})
HIDDEN = frozenset({"style", "svg"})
BLOCKS = frozenset({"p", "h1", "h2", "h3", "tr", "li", "summary", "caption", "pre", "div", "figcaption", "dt"})


class PageReader(HTMLParser):
    """Collects the text, and the elements that were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.references: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.references += [value or "" for name, value in attrs if name in ("src", "href", "action", "xlink:href")]
        self._hidden += tag in HIDDEN
        if tag in BLOCKS and not self._hidden:
            self.words.append("\n")
        elif tag in ("td", "th", "dd"):
            self.words.append(" | ")
        for name, value in attrs:
            if name == "aria-label" and ("role", "img") in attrs:
                self.words.append(f"\n[plot: {value}]")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in HIDDEN

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data.replace("\n", " "))


def read_page(page: str) -> PageReader:
    """Return the reader after it has read the page."""
    reader = PageReader()
    reader.feed(page)
    return reader


def read_text(page: str) -> str:
    """Return the lines of text."""
    lines = (" ".join(line.split()) for line in "".join(read_page(page).words).split("\n"))
    return "\n".join(line for line in lines if line)
