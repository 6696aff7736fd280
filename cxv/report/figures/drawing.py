"""How every figure looks: one style and palette, and SVG that follows the page into dark mode."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from html import escape
from io import BytesIO, StringIO
from typing import Any

from matplotlib.figure import Figure
from matplotlib.style import context

INK, PAPER = "#757575", "#fefefe"  # legible on white and on black, where no page says better
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito: safe for the colour-blind
DASHES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
THEME = {INK: "ink", PAPER: "paper"} | {color: f"seed-{i}" for i, color in enumerate(PALETTE)}
"""The custom property of CSS by which a page replaces each colour, say when it turns dark."""

STYLE: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text: searchable, and in the reader's own font
    "svg.hashsalt": "cxv",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 8.5,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
}

PIXELS_PER_INCH = 200
PLACES = re.compile(r' (d|x|y)="[^"]*"')
"""Attributes of SVG that hold places; sizes, scales and words stay as they are."""
FINE = re.compile(r"-?\d+\.\d\d+")
QUICK = 1  # of zlib's nine levels: the others take as long as drawing, for a tenth of the bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """The SVG that a page shows of a figure; its ids begin with its name."""

    name: str
    svg: str
    inches: float  # width on a page
    draw: Callable[[], Figure]
    """Give the figure once more, as it is in the SVG; valid until the next figure is drawn."""


def redrawn(draw: Callable[[], Figure], name: str, label: str) -> Picture:
    """Return what a page and a folder of figures show.

    Args:
        draw: gives the figure, the same each time; it may draw on one that it gave before.
        name: unique on a page.
        label: what a screen reader says.
    """
    figure = draw()
    return Picture(name, svg(figure, name, label), float(figure.get_figwidth()), draw)


def picture(figure: Figure, name: str, label: str) -> Picture:
    """Return a figure that is drawn once; its layout is found once."""
    found = redrawn(lambda: figure, name, label)
    figure.set_layout_engine("none")  # stays as it has just been found
    return found


def house_style() -> AbstractContextManager[None]:
    """Return the context in which figures are drawn and saved."""
    return context(STYLE, after_reset=True)


def svg(figure: Figure, name: str, label: str) -> str:
    """Return an ``<svg>`` element: same bytes for the same data, ids unique on a page."""
    buffer = StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with house_style():
        figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    text = buffer.getvalue()
    text = _shorter(text[text.index("<svg") :]).replace(
        "<svg", f'<svg role="img" aria-label="{escape(label)}"', 1
    )
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)
    for color, variable in THEME.items():
        text = text.replace(color, f"var(--{variable}, {color})")
    return text


def _shorter(text: str) -> str:
    """Leave out what is for editors: line breaks, ids of groups, hundredths of a point."""
    used = set(re.findall(r"(?:url\(|href=\")#([^)\"]+)", text))
    text = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", text)
    text = PLACES.sub(
        lambda place: FINE.sub(lambda found: f"{float(found[0]):.1f}", place[0]), text
    )
    return re.sub(r"\s*\n\s*", " ", text)


def standalone(text: str) -> str:
    """Return an ``<svg>`` element as a file of its own, its colours not left to a page."""
    return re.sub(r"var\(--[\w-]+, (#\w+)\)", r"\1", text)


def png(figure: Figure) -> bytes:
    """Return a PNG on white, the same bytes for the same data and versions."""
    buffer = BytesIO()
    with house_style():
        figure.savefig(
            buffer,
            format="png",
            dpi=PIXELS_PER_INCH,
            facecolor="white",
            metadata={"Software": None},
            pil_kwargs={"compress_level": QUICK},
        )
    return buffer.getvalue()
