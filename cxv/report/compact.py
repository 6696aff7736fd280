"""SVG in fewer bytes and elements: what matplotlib writes for editors, a page does not need."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SVG, LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
SHARED = {
    "xmlns": SVG,
    "font-family": "DejaVu Sans, Verdana, sans-serif",
    "stroke-linejoin": "round",
    "stroke-linecap": "butt",
}
"""What matplotlib says of each element, or of all of a page."""
SPACE = f"{{{SVG}}}"
PATH, CLIP = f"{SPACE}path", f"{SPACE}clipPath"
INVISIBLE = "fill: none"
FAMILY = re.compile(r"font-family: [^;]*; ?")
COMMAND = re.compile(r"([MLQCz])([^MLQCz]*)")
NUMBER = re.compile(r"-?\d+\.\d{3,}")
NAMED = re.compile(r"axes_\d+$|legend_\d+$")
Point = tuple[float, float]
PARTS = 10  # of a unit, to which places are rounded
POINTS = {"L": 1, "Q": 2, "C": 3}  # of one step


def compact(text: str) -> str:
    """Return what looks alike at ten times its size.

    Places along a path are rounded to a tenth of a unit and told by the way from the last one.
    Markers stand where they are used. Groups go that neither clip nor name a part, and so do
    families of fonts: the page has its own.

    Args:
        text: an ``<svg>`` element as matplotlib writes it.
    """
    root = ElementTree.fromstring(text)  # noqa: S314 - drawn here
    markers = {found.get("id", ""): found for found in root.iter(PATH)}
    root[:] = [child for part in root for child in _flat(part, markers)]
    root.attrib |= SHARED
    for element in root.iter():
        element.tag = element.tag.removeprefix(SPACE)
        element.tail = None
        if not (element.text or "").strip():
            element.text = None
        _shorten(element)
    return ElementTree.tostring(root, encoding="unicode")


def _flat(element: Element, markers: Mapping[str, Element]) -> Iterator[Element]:
    """Yield the element, or its parts if it only holds them together, or nothing."""
    kind = element.tag.rpartition("}")[2]
    if kind in {"metadata", "style"} or element.get("style") == INVISIBLE:
        return
    if kind == "use":
        yield _stamped(element, markers[element.get(f"{{{LINK}}}href", "#")[1:]])
        return
    if kind == "text":
        yield element
        return
    if kind == "defs":
        element[:] = [part for part in element if part.tag == CLIP]
        if len(element):
            yield element
        return
    is_axis = "matplotlib.axis" in element.get("id", "")
    parts = [part for child in element for part in _flat(child, markers)]
    element[:] = _joined(parts) if is_axis else parts
    name = element.attrib.pop("id", None)
    if name and (kind == "clipPath" or NAMED.search(name)):
        element.set("id", name)
    if kind == "g" and not element.attrib:
        yield from element
    else:
        yield element


def _stamped(use: Element, marker: Element) -> Element:
    """Return a marker as a path at its place."""
    x, y = float(use.get("x", "0")), float(use.get("y", "0"))
    moved = [
        (command, [(a + x, b + y) for a, b in points])
        for command, points in _commands(marker.get("d", ""))
    ]
    style = use.get("style", marker.get("style", ""))
    written = " ".join(
        command + " ".join(f"{a!r} {b!r}" for a, b in points) for command, points in moved
    )
    return Element(PATH, {"d": written, "style": style})


def _joined(parts: list[Element]) -> list[Element]:
    """Return ticks and grid lines as one path for each look."""
    first: dict[str, Element] = {}
    kept = []
    for part in parts:
        look = part.get("style", "")
        if part.tag != PATH:
            kept.append(part)
        elif look in first:
            first[look].set("d", f"{first[look].get('d')} {part.get('d')}")
        else:
            first[look] = part
            kept.append(part)
    return kept


def _shorten(element: Element) -> None:
    if "d" in element.attrib:
        element.set("d", "".join(_relative(element.attrib["d"])))
    for name in ("x", "y", "width", "height", "transform", "viewBox"):
        if name in element.attrib:
            element.set(
                name, NUMBER.sub(lambda found: _tidy(float(found[0])), element.get(name, ""))
            )
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if "style" in element.attrib:
        element.set("style", FAMILY.sub("", element.attrib["style"]).replace(": ", ":"))


def _tidy(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _commands(path: str) -> Iterator[tuple[str, list[Point]]]:
    """Yield each run of one command, with its points; ``z`` has none."""
    for name, run in groupby(COMMAND.findall(path), key=itemgetter(0)):
        numbers = [float(number) for _, said in run for number in said.split()]
        yield name, list(zip(numbers[::2], numbers[1::2], strict=True))


def _relative(path: str) -> Iterator[str]:
    """Yield a path's commands: moves to a place, all else in steps from the end of the last."""
    last, start = (0, 0), (0, 0)
    for command, points in _commands(path):
        places = [(round(PARTS * x), round(PARTS * y)) for x, y in points]
        if command == "z":
            last = start
            yield "z"
        elif command == "M":
            start = last = places[-1]
            yield f"M{_step(*last)}"
        else:
            steps = []
            for index, (x, y) in enumerate(places, 1):
                steps.append(_spaced(_step(x - last[0], y - last[1])))
                if index % POINTS[command] == 0:
                    last = x, y
            yield command.lower() + "".join(steps).lstrip()


def _spaced(step: str) -> str:
    return step if step.startswith("-") else f" {step}"


def _step(x: int, y: int) -> str:
    """Return two coordinates in tenths as SVG has them: ``1.2-.3``."""
    return _tenths(x) + _spaced(_tenths(y))


def _tenths(value: int) -> str:
    whole, tenth = divmod(abs(value), PARTS)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole or ('' if tenth else 0)}{f'.{tenth}' if tenth else ''}"
