"""Whatever stands in place of a setting or a number of a record, our words say what is wrong."""

import json
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from cxv.config.faults import faults, in_words
from cxv.config.grid import Params
from cxv.config.phases import FromTorch, Phase, Training
from cxv.config.spec import Run
from cxv.config.strict_model import StrictModel
from cxv.networks import own_settings, registry
from cxv.wrong_values import FORMS, OWN_WORDS, SAID, WANTED, said_of

LIBRARYS_OWN = (
    *("Input should", "valid ", "String should", "Field required", "pydantic", "discriminator"),
    *("tuple", "literal", "constrained", "Value error", "Extra inputs", "NoneType", "[type="),
)
WRONG: tuple[Any, ...] = (
    *(None, True, -3, 0, 10**30, 2.5, -0.5, 1e300, float("inf"), float("nan")),
    *("", "many", "Auto", "auto", "a b", "x" * 300, [], {}, [None], [1, 2, 3], ["a b"]),
    *({"x": None}, {"x": 1}, {"a b": {}}, {"name": "x"}, {"name": "flip", "probability": "x"}),
    *({"kind": "x"}, {"rule": "x"}, {"check": "x"}, {"x": {"name": "x"}}, [{"name": "flop"}]),
    *([{}], [[]], [{"rule": "top1"}], [{"kind": "top1"}], [{"check": "rank"}], {"x": {"lr": 0}}),
)
TAKEN = {*WANTED, *SAID, *OWN_WORDS, "too_short", "json_invalid"}
"""Types of errors that have a sentence."""
PACKAGES = ("config", "paper", "records", "manuscript", "data", "gpus", "results", "profiling")


def models() -> list[type[StrictModel]]:
    """Return all classes of settings and records, whatever module they are in."""
    for package in PACKAGES:
        path = import_module(f"cxv.{package}").__path__
        for module in pkgutil.walk_packages(path, f"cxv.{package}."):
            import_module(module.name)
    found: dict[str, type[StrictModel]] = {}
    waiting: list[type[StrictModel]] = [StrictModel]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            found[f"{kind.__module__}.{kind.__name__}"] = kind
            waiting.append(kind)
    ours = [found[name] for name in sorted(found) if name.startswith("cxv.")]
    return [kind for kind in ours if kind is not FromTorch]  # only Optimizer and Schedule are


def edits(kind: type[StrictModel]) -> Iterator[dict[str, Any]]:
    """Yield settings with one wrong value each; the other fields are left out."""
    for name, field in kind.model_fields.items():
        yield from ({field.alias or name: value} for value in WRONG)
    yield {"no_such_key": 1}


def errors_of(kind: type[StrictModel], data: object) -> list[ErrorDetails]:
    try:
        kind.model_validate_json(json.dumps(data))
    except ValidationError as error:
        return error.errors()
    return []


def test_the_walk_meets_settings_papers_and_records() -> None:
    names = {kind.__name__ for kind in models()}
    assert names > {"Params", "Phase", "PaperFile", "ClaimsFile", "RunRecord", "Manifest"}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_message_has_a_librarys_words(package: str) -> None:
    for kind in models():
        for data in edits(kind) if kind.__module__.startswith(f"cxv.{package}.") else ():
            for key, said in faults(kind, data):
                assert said
                # What was given is quoted, and may be any word.
                ours = said.replace(repr(next(iter(data.values()))), "")
                assert not [word for word in LIBRARYS_OWN if word in ours], (kind, data, key, said)


def test_every_type_of_error_is_in_the_table() -> None:
    met = {
        error["type"]: (kind, data, error)
        for kind in models()
        for data in edits(kind)
        for error in errors_of(kind, data)
    }
    assert {kind: met[kind] for kind in met.keys() - TAKEN} == {}
    assert met.keys() > {
        *("int_type", "float_type", "bool_type", "string_type", "model_type", "dict_type"),
        *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number"),
        *("literal_error", "string_pattern_mismatch", "tuple_type", "too_short", "missing"),
        *("union_tag_not_found", "union_tag_invalid", "extra_forbidden", "value_error"),
    }


def test_the_table_has_pydantics_types_alone() -> None:
    assert {*get_args(ErrorType), "base64_decode"} > TAKEN  # this one is pydantic's own


def test_every_form_of_a_text_is_described() -> None:
    patterns = {
        error["ctx"]["pattern"]
        for kind in models()
        for data in edits(kind)
        for error in errors_of(kind, data)
        if error["type"] == "string_pattern_mismatch"
    }
    assert patterns == {*FORMS}


def test_a_network_refuses_its_settings_in_our_words() -> None:
    for row, own in own_settings.OWN.items():
        for key, value in ((key, value) for key in own for value in WRONG):
            try:
                registry.describe(row, settings={key: value})
            except ValueError as error:
                ours = str(error).replace(repr(value), "").replace(repr([value]), "")
                assert not [word for word in LIBRARYS_OWN if word in ours], (row, key, value)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("batch", "many", "batch: must be a whole number, not 'many'"),
        ("batch", 1.5, "batch: must be a whole number, not 1.5"),
        ("batch", -3, "batch: must be above 0, not -3"),
        ("tolerance", -1, "tolerance: must be 0 or more, not -1"),
        ("augment", None, "augment: must be a list, not None"),
        ("optimizer", 3, "optimizer: must be a mapping of keys to values, not 3"),
        (
            "name",
            "a b",
            "name: must be a name of lower-case letters and digits, with _ between them, not",
        ),
        ("label_smoothing", 1, "label_smoothing: must be below 1, not 1"),
        (
            "augment",
            [{"name": "resized_crop", "scale": [0.1, 0.5, 1.0]}],
            "augment.0.scale: holds too many values: at most 2",
        ),
        (
            "augment",
            [{"name": "crp"}],
            "augment.0: no 'crp'; did you mean 'crop'? (known: 'flip', 'crop', 'resized_crop',"
            " 'cutout', 'erasing', 'randaugment')",
        ),
        ("augment", [{"name": "flip", "x": 1}], "augment.0.x: no such key here (allowed: probabi"),
    ],
)
def test_a_phase_says_what_a_value_must_be(field: str, value: object, expected: str) -> None:
    phase = {"name": "one", "optimizer": {"name": "SGD", "lr": 1}, "batch": 1, "patience": None}
    found = faults(Phase, phase | {"max_epochs": 1, field: value})
    [said] = [f"{'.'.join(map(str, key))}: {said}" for key, said in found]
    assert said.startswith(expected)


def test_a_union_is_one_fault_of_its_key() -> None:
    training = {
        "select_on": "test",
        "autocast_cuda": None,
        "autocast_cpu": None,
        "cpu_threads": 1,
        "memory": "eager",
    }
    for value, expected in (
        ("Auto", "must be a whole number or 'auto', not 'Auto'; did you mean 'auto'?"),
        (0, "must be above 0 or 'auto', not 0"),
        ({"a": 1}, "must be a whole number or 'auto', not {'a': 1}"),
    ):
        found = list(faults(Training, training | {"micro_batch": value}))
        assert found == [(("micro_batch",), expected)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("cost", "must be 'costs' or 'settings', not 'cost'; did you mean 'costs'?"),
        (1, "must be 'costs' or 'settings', not 1"),
    ],
)
def test_a_word_that_is_near_is_asked_for(value: object, expected: str) -> None:
    study = {"studies": {"s": {"title": "", "runs": [], "from_paper": [value]}}}
    found = dict(faults(Params, study))
    assert found["studies", "s", "from_paper", 0] == expected


def test_a_job_is_told_the_first_faults_alone() -> None:
    text = json.dumps({"dataset": {"name": "x"}, "seed": -1, "phases": []})
    with pytest.raises(ValidationError) as caught:
        Run.model_validate_json(text)
    assert in_words(caught.value, text) == (
        "model: is missing; variant: is missing; dataset.source: is missing; 3 more"
    )


def test_a_type_that_the_table_lacks_shows_the_value_alone() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(complex).validate_python(b"3")
    assert said_of(*caught.value.errors()) == "cannot be b'3'"


def test_a_long_value_is_cut_off() -> None:
    found = dict(faults(Params, {"study": "demo", "seeds": "x" * 999}))
    assert found["seeds",] == f"must be a list, not '{'x' * 199}..."
