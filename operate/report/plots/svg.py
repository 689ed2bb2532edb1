"""Draw figures of matplotlib as SVG that is part of an HTML page: the page's colours and fonts, and ids that are unique in it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.figure import Figure

COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "text": "#010203",
        "muted": "#020304",
        "grid": "#030405",
        "done": "#040506",
        "read": "#050607",
        "held": "#060708",
        "failed": "#070809",
        "window": "#08090a",
        "expected": "#090a0b",
        "other": "#0a0b0c",
    }
)
"""Name of a variable `--plot-NAME` of style.css: the colour that matplotlib is given in its place. matplotlib knows no variables of CSS."""
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_REFERENCE = re.compile(r"#([A-Za-z0-9_.-]+)")
_DECIMALS = re.compile(r"(\.[0-9]{2})[0-9]+")
_LINE = re.compile(r"M ([0-9.]+) ([0-9.]+) +L ([0-9.]+) \2 +")
_DOT_POINTS = 0.05
"""a shorter line is meant as a dot"""
_FONT = re.compile(r"font: (?:(?:bold|[0-9]{3}) )?([0-9.]+)px [^;]*")

Draw = Callable[[Figure, bool], None]
"""draws on an empty figure; the second argument is whether it is for a narrow page"""


@dataclass(frozen=True)
class Plot:
    """One plot. `wide` and `narrow` are elements `<svg>`; `title` is its text alternative."""

    title: str
    wide: str
    narrow: str


def draw_plot(name: str, title: str, draw: Draw, *, height: float) -> Plot:
    """Return the plot. `name` makes its ids unique. `height` in inches; the narrow one may be another height by `draw`."""
    wide, narrow = (
        _draw(f"{name}-{size}", draw, width=width, height=height, narrow=size == "narrow")
        for size, width in (("wide", 10.0), ("narrow", 4.0))
    )
    return Plot(title, wide, narrow)


def _draw(name: str, draw: Draw, *, width: float, height: float, narrow: bool) -> str:
    settings: dict[Any, Any] = {
        # Names of steps and of kinds of operations are no formulas.
        "text.parse_math": False,
        "svg.fonttype": "none",
        "svg.hashsalt": name,
        "font.size": 10.0,
        "text.color": COLOURS["text"],
        "axes.labelcolor": COLOURS["text"],
        "axes.edgecolor": COLOURS["muted"],
        "xtick.color": COLOURS["muted"],
        "ytick.color": COLOURS["muted"],
        "xtick.labelcolor": COLOURS["text"],
        "ytick.labelcolor": COLOURS["text"],
        "grid.color": COLOURS["grid"],
        "grid.linewidth": 0.8,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure, narrow)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return embed(written.getvalue(), name)


def embed(document: str, name: str) -> str:
    """Return the element `<svg>` of a document for use in HTML. The element around it has the text alternative."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(document)
    for parent in list(root.iter()):
        for child in list(parent):
            # Its style sheet would apply to the whole page.
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    used = {found for one in root.iter() for value in one.attrib.values() for found in _REFERENCE.findall(value)}
    for one in root.iter():
        _rewrite(one, used, name)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return _use_variables(ElementTree.tostring(root, encoding="unicode"))


def _rewrite(element: ElementTree.Element, used: set[str], name: str) -> None:
    """Keep only ids that something refers to, and make them unique in the page."""
    for key, value in list(element.attrib.items()):
        if key == "id":
            if value in used:
                element.set(key, f"{name}-{value}")
            else:
                del element.attrib[key]
        elif key == f"{{{XLINK}}}href" and value.startswith("#"):
            element.set(key, f"#{name}-{value[1:]}")
        elif key == "d":
            element.set(key, _LINE.sub(_shorten_line, _DECIMALS.sub(r"\1", f"{value.strip()} ")))
        elif "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{name}-"))


def _shorten_line(line: re.Match[str]) -> str:
    """Return a dot in place of a line that is too short to be visible. Its round ends draw the dot. matplotlib leaves lines without length out."""
    first, height, last = line.groups()
    return f"M{first} {height}h0" if abs(float(last) - float(first)) < _DOT_POINTS else line.group()


def _use_variables(text: str) -> str:
    for name, colour in COLOURS.items():
        text = text.replace(colour, f"var(--plot-{name})")
    return _FONT.sub(r"font-size: \1px", text)
