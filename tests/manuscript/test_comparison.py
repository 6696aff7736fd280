"""A typed number is one of a study's if it is that number, rounded to as many digits."""

import pytest

from cxv.manuscript.comparison import compare, nearest, of_another_row
from cxv.manuscript.numbers import PRINTED, Number
from cxv.manuscript.typed_numbers import typed_numbers
from cxv.results.table import COLUMNS
from cxv.statistics import Interval


def number(key: str, value: float, unit: str = "%", **more: object) -> Number:
    given = {"key": key, "value": value, "shown": f"{value:.2f}", "unit": unit, "rule": ""}
    return Number(**given, sources=(), **more)  # type: ignore[arg-type]


MEAN = number("s/a/top1", 93.1467, interval=Interval(88.649, 94.462), shown_interval="[88.6, 94.5]")
LOSS = number("s/a/minus", -0.4267, "points")


@pytest.mark.parametrize(
    ("typed", "of", "kind"),
    [
        ("93.15", MEAN, ""), ("93.1", MEAN, ""), (r"93\%", MEAN, ""), (r"93.147\,\%", MEAN, ""),
        ("93.14", MEAN, "rounding"), ("93.2", MEAN, "rounding"), (r"94\%", MEAN, "rounding"),
        ("0.931", MEAN, "unit"), ("9314.7", MEAN, "unit"),
        ("91.3", MEAN, "value"), ("-93.1", MEAN, "value"),
        ("0.43", LOSS, ""), ("-0.43", LOSS, ""), (r"$-$0.43", LOSS, ""),
        ("+0.43", LOSS, "value"),
        (r"33098\,\%", number("s/a/params", 33098, "parameters"), "unit"),
        ("33,098", number("s/a/params", 33098, "parameters"), ""),
        ("[88.6, 94.5]", MEAN, ""), ("[88.65, 94.46]", MEAN, ""),
        ("[88.7, 94.5]", MEAN, "interval"),
        ("[88.6, 95.4]", MEAN, "interval"), ("[88.6, 94.5]", LOSS, "interval"),
    ],
)  # fmt: skip
def test_in_what_way_a_typed_number_differs(typed: str, of: Number, kind: str) -> None:
    [found] = [one for one in typed_numbers(typed, ()) if one.high or "[" not in typed]
    assert compare(found, of).kind == kind


def test_the_same_column_of_another_row_is_known() -> None:
    known = {one.key: one for one in (MEAN, number("s/b/top1", 91.02), number("s/b/best", 91.02))}
    [typed] = typed_numbers("91.02", ())
    assert of_another_row(typed, MEAN, known) == "s/b/top1"
    [typed] = typed_numbers("90.02", ())
    assert of_another_row(typed, MEAN, known) == ""


def test_what_is_near_is_of_the_same_unit_and_the_nearest_first() -> None:
    known = [number(f"s/{value}/top1", value) for value in (10.0, 50.0, 92.0, 95.0)]
    known += [number("s/a/params", 93.0, "parameters")]
    [typed] = typed_numbers(r"93.01\,\%", ())
    assert [one.value for one, _ in nearest(typed, known)] == [92.0, 95.0, 50.0]


def test_a_number_is_in_the_unit_in_which_the_report_prints_it() -> None:
    for column, shown in COLUMNS.items():
        _, scale = PRINTED[column]
        value = 123.0 / scale
        assert float(shown.show(value).replace(",", "")) == pytest.approx(123.0)
