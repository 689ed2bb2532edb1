"""Draw recorded output as an animated SVG. It needs no script and no font from elsewhere, so that a README can show it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from tests.pictures.record import COLUMNS, Line

WIDTH, LINE, LEFT, TOP = 8.0, 18.0, 18.0, 58.0
"""points of a character, of a line, and of the margins"""
PLAY_SECONDS = 14.0
"""the run takes minutes; the picture shows it in so many seconds"""
_DONE = re.compile(r"^\[\d\d:\d\d\] .*: (?:done|failed) in ")
_WINDOW = re.compile(r"^\[\d\d:\d\d\]   MigrationStack: (?:Verify|Freeze|Delta|Activate|Accept live|Forward)")
_SUMMARY = re.compile(r"^(?:(?:outcome|provider|Gogs|RDS ran|moved|compared|findings|client|refused writes|pause|read downtime|two sites|secrets|secrets found) {2}|goal: |the report: )")  # fmt: skip
_GOOD = re.compile(r"\b(?:migrated|done|met|none|0 lost|0 operations failed|no read failed|never both)\b")
_BAD = re.compile(r"\b(?:failed in|goal missed|too slow)\b")
_CLOCK = re.compile(r"^\[\d\d:\d\d\]")


def select_lines(lines: Sequence[Line]) -> list[Line]:
    """Return the phases with their times, the steps of the window, and the summary. A continued line of the summary goes with its first."""
    found: list[Line] = []
    kept = False
    for line in lines:
        if _CLOCK.match(line.text):
            kept = bool(_DONE.match(line.text) or _WINDOW.match(line.text))
        elif not line.text.startswith(" ") or re.match(r"^ {1,3}\S", line.text):
            kept = bool(_SUMMARY.match(line.text))
        if kept and line.text:
            found.append(Line(line.time, _hide_folder(line.text)))
    return found


def render_terminal(title: str, lines: Sequence[Line]) -> str:
    """Return the SVG. A reader who wants no motion sees all lines at once."""
    height = TOP + LINE * (len(lines) + 1)
    width = LEFT * 2 + WIDTH * COLUMNS
    last = max((line.time for line in lines), default=1.0) or 1.0
    rows = "\n".join(_render_rows(lines, PLAY_SECONDS / last))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}: {len(lines)} lines of its output">
<style>
text {{ font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #dce6f0; white-space: pre; }}
.row {{ opacity: 0; animation: show 1ms linear forwards; }}
.clock {{ fill: #7f93a8; }} .good {{ fill: #7fdca4; }} .bad {{ fill: #ffcf7d; }} .title {{ fill: #a8b5c2; text-anchor: middle; }}
@keyframes show {{ to {{ opacity: 1; }} }}
@media (prefers-reduced-motion: reduce) {{ .row {{ animation: none; opacity: 1; }} }}
</style>
<rect width="{width:g}" height="{height:g}" rx="10" fill="#111821"/>
<circle cx="24" cy="20" r="6" fill="#ff6b61"/><circle cx="44" cy="20" r="6" fill="#ffc24a"/><circle cx="64" cy="20" r="6" fill="#4fc76a"/>
<text class="title" x="{width / 2:g}" y="25">{escape(title)}</text>
{rows}
</svg>
"""


def _render_rows(lines: Iterable[Line], pace: float) -> Iterator[str]:
    for number, line in enumerate(lines):
        spans = "".join(_render_spans(line.text))
        yield f'<text class="row" style="animation-delay: {line.time * pace:.2f}s" x="{LEFT:g}" y="{TOP + LINE * number:g}" xml:space="preserve">{spans}</text>'


def _render_spans(text: str) -> Iterator[str]:
    clock = _CLOCK.match(text)
    rest = text[clock.end() :] if clock else text
    if clock:
        yield f'<tspan class="clock">{escape(clock.group())}</tspan>'
    marked = _BAD.search(rest) or next(reversed(list(_GOOD.finditer(rest))), None)
    if marked is None:
        yield escape(rest)
        return
    tone = "bad" if _BAD.search(rest) else "good"
    yield escape(rest[: marked.start()])
    yield f'<tspan class="{tone}">{escape(marked.group())}</tspan>'
    yield escape(rest[marked.end() :])


def _hide_folder(text: str) -> str:
    """Return the text with paths from the checkout on: the folder of the machine that made the picture says nothing."""
    return re.sub(r"/\S*?/\.rehearsal/", ".rehearsal/", text)
