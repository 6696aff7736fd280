"""A figure of a report, with its title and what it shows."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from cxv.report.figures.drawing import Picture, picture


@dataclass(frozen=True, slots=True)
class Illustration:
    """A figure and what it shows, or the reason why there is none."""

    name: str  # of its file
    title: str
    caption: str
    picture: Picture | None
    why_none: str = ""


def drawn(name: str, title: str, caption: str, figure: Figure) -> Illustration:
    """Return a figure as an illustration."""
    return Illustration(name, title, caption, picture(figure, name, title))
