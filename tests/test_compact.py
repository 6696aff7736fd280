"""SVG for a page has fewer bytes, and every line where matplotlib drew it."""

import re
from io import StringIO
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from cxv.report.compact import SPACE, compact
from cxv.report.drawing import house_style

STEPS = {"l": 1, "q": 2, "c": 3}
Point = tuple[float, float]


@pytest.fixture(scope="module")
def written() -> str:
    """Return what matplotlib writes: lines, curves, markers, ticks, texts plain and turned."""
    with house_style():
        figure = Figure(figsize=(3.0, 2.0))
        axes = figure.subplots()
        axes.plot([0, 1, 2, 3], [0.123, 9.87, -3.21, 4.0], "o-")
        axes.add_patch(Circle((1.5, 2), 0.7, fill=False))
        axes.set(xlabel="along", ylabel="up")
        buffer = StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def absolute(path: str) -> list[Point]:
    """Return the points of a path that ``compact`` wrote."""
    at, start, found = (0.0, 0.0), (0.0, 0.0), []
    for command, said in re.findall(r"([Mlqcz])([^Mlqcz]*)", path):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", said)]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "z":
            at = start
        elif command == "M":
            start = at = points[-1]
            found.append(at)
        for index, (x, y) in enumerate(points if command in STEPS else (), 1):
            found.append((at[0] + x, at[1] + y))
            at = found[-1] if index % STEPS[command] == 0 else at
    return found


def numbers(path: str) -> list[Point]:
    """Return the points of a path that matplotlib wrote."""
    read = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return list(zip(read[::2], read[1::2], strict=True))


def drawn(written: str) -> list[Point]:
    """Return every visible point of what matplotlib wrote, markers where they are used."""
    root = ElementTree.fromstring(written)  # noqa: S314 - drawn here
    defined = {path for defs in root.iter(f"{SPACE}defs") for path in defs.iter(f"{SPACE}path")}
    marks = {path.get("id"): numbers(path.get("d", "")) for path in defined}
    found = []
    for element in root.iter():
        if element.tag == f"{SPACE}use":
            x, y = float(element.get("x", "")), float(element.get("y", ""))
            name = next(value for key, value in element.attrib.items() if key.endswith("href"))
            found += [(x + a, y + b) for a, b in marks[name[1:]]]
        elif element.tag == f"{SPACE}path" and element not in defined:
            is_seen = element.get("style") != "fill: none"
            found += numbers(element.get("d", "")) if is_seen else []
    return found


def test_no_point_moves_by_more_than_a_rounding(written: str) -> None:
    paths = [x.get("d", "") for x in ElementTree.fromstring(compact(written)).iter(f"{SPACE}path")]  # noqa: S314
    expected, found = sorted(drawn(written)), sorted(p for path in paths for p in absolute(path))
    assert len(expected) == len(found) > 100
    for x, y in expected:
        assert any(abs(x - a) < 0.051 and abs(y - b) < 0.051 for a, b in found)


def test_texts_stay_with_their_sizes_and_turns(written: str) -> None:
    def texts(text: str) -> list[tuple[str, bool]]:
        root = ElementTree.fromstring(text)  # noqa: S314 - drawn here
        return [
            ("".join(x.itertext()), "rotate(-90" in x.get("transform", ""))
            for x in root.iter(f"{SPACE}text")
        ]

    assert texts(compact(written)) == texts(written)
    assert ("up", True) in texts(written)
    assert compact(written).count("font-size") == written.count("font-size")


def test_what_a_page_does_not_need_is_gone_and_what_clips_is_there(written: str) -> None:
    text = compact(written)
    assert len(text) < len(written) / 2
    for gone in ("<use", "<style", "font-family: ", "<g>", "ns0:"):
        assert gone not in text
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    clips = set(re.findall(r"url\(#([^)]+)\)", text))
    assert clips
    assert ids == clips | {"axes_1"}
