"""The search finds the settings that the printed costs of Table 1 follow from, and only those."""

from typing import Any

import pytest
import torch
from papers import SHIPPED
from registry_rows import TABLE1 as ROWS

from cxv import create_model
from cxv.config.spec import ConfigSearch, Space
from cxv.jobs.config_search import job as search_job
from cxv.networks.registry import describe
from cxv.paper.config_search import search
from cxv.profiling import count_macs, count_module_params
from cxv.profiling.macs import Macs
from cxv.records.config_search import Candidate, SearchResult, agreeing

pytestmark = pytest.mark.usefixtures("one_thread", "one_trace")
SEARCHES = SHIPPED.description.searches()
SPACES = SHIPPED.description.spaces


def found(row: str, settings: dict[str, tuple[Any, ...]], **space: Any) -> SearchResult:
    """Search a part of a row's space: the whole takes a minute for all rows."""
    known = SPACES[row].settings
    assert all(set(values) <= set(known[key]) for key, values in settings.items())
    narrow = Space(settings=settings, **space)
    return search(SEARCHES[row].model_copy(update={"space": narrow}))


def explained(findings: SearchResult, key: str) -> list[Any]:
    return [candidate.settings[key] for candidate in findings.explanations]


def test_every_row_has_a_space_and_its_digits_as_printed() -> None:
    assert tuple(SPACES) == tuple(SEARCHES) == ROWS
    assert (SEARCHES["fnet"].params_m, SEARCHES["fnet"].macs_g) == ("1.3", "1.34")


VALUES = [
    ("resnet18", "width", (32, 64, 128), [64]),
    ("cltv", "mixer.projection", (1, 3), [1]),  # the released file has 3
]
MORE_VALUES = [
    ("resnet34", "width", (32, 64, 128), [64]),
    ("fnet", "expansion", (1, 2, 4), [4]),  # the text's "double" gives half the parameters
    ("mlp_mixer", "dim", (128, 256), [128]),  # the text's 256 does not
    ("convmixer", "kernel", (7, 8, 9), [8]),
    ("vit", "expansion", (1, 2, 4), [2]),
    ("cct", "expansion", (1, 2, 4), [4]),
    ("cvt", "mixer.kernel", (1, 3), [1]),  # the text's 3 x 3 prints 1.33
    ("vin", "mixer.taps", (1, 33), [33]),
    ("cnv", "stem_divisor", (1, 2), [2]),  # the text reads like 1
    ("cpv", "mixer.head_dim", (16, 32, 64), [32]),
]
"""Each of seconds."""


@pytest.mark.parametrize(
    ("row", "key", "values", "explains"),
    [*VALUES, *(pytest.param(*x, marks=pytest.mark.slow) for x in MORE_VALUES)],
)
def test_the_search_tells_one_value_of_a_setting_from_the_others(
    row: str, key: str, values: tuple[int, ...], explains: list[int]
) -> None:
    assert explained(found(row, {key: values}), key) == explains


@pytest.mark.slow
def test_vin_needs_its_class_token() -> None:
    findings = found("vin", {"expansion": (2,)}, edits=((), ("mean_pooling",)))
    assert [candidate.edits for candidate in findings.explanations] == [()]
    assert findings.explanations[0].chosen


@pytest.mark.slow
def test_cct_is_explained_by_wide_heads_as_well_as_by_a_wide_perceptron() -> None:
    findings = found("cct", {"expansion": (2, 4), "mixer.head_dim": (32, 64)})
    assert explained(findings, "expansion") == [2, 4]
    assert explained(findings, "mixer.head_dim") == [64, 32]
    assert [candidate.chosen for candidate in findings.explanations] == [False, True]


@pytest.mark.slow
def test_nothing_explains_wavemix() -> None:
    findings = found("wavemix", {"mixer.width": (32, 64), "mixer.hidden": (32, 128)})
    assert findings.explanations == ()
    by_params, by_macs = findings.nearest
    assert by_params.params["modules"] == pytest.approx(1.433e6, rel=1e-3)
    assert by_macs.macs["thop"] > 2.59e9 / 2
    assert findings.choice.macs["thop"] == pytest.approx(2.586e9 / 2, rel=1e-3)


@pytest.mark.slow
def test_vilt_is_explained_by_16x16_maps_and_not_by_its_32x32() -> None:
    settings = {"mixer.head_dim": (16, 32)}
    assert found("vilt", settings).explanations == ()
    findings = found("vilt", settings, image_sizes=(32, 16))
    assert [(x.image_size, x.chosen) for x in findings.explanations] == [(16, False)]
    assert (findings.choice.image_size, findings.choice.macs_rules(SEARCHES["vilt"])) == (32, ())


def test_a_search_counts_what_the_profile_counts() -> None:
    choice = found("resnet18", {}).choice
    model, image = create_model("resnet18").eval(), torch.zeros(1, 3, 32, 32)
    assert choice.params["modules"] == count_module_params(model)
    assert choice.macs == {rule: one.macs for rule, one in count_macs(model, image).items()}
    assert set(choice.macs) == {"thop", "ptflops", "fvcore", "products"}


def test_the_zoos_own_network_is_in_every_space() -> None:
    for row, space in SPACES.items():
        description: Any = describe(row)
        for key, values in space.settings.items():
            value = description
            for name in key.split("."):
                value = getattr(value, name)
            assert value in values, (row, key)
        assert () in space.edits
        assert not space.image_sizes or 32 in space.image_sizes  # none: that of the dataset


def test_a_space_without_the_zoos_own_network_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"the space of resnet18 leaves out the network that means\.yaml has"
    ):
        found("resnet18", {"width": (32, 128)})


def test_digits_agree_when_the_count_rounds_to_all_that_are_printed() -> None:
    assert agreeing({"all": 1_349_999, "modules": 1_250_001}, "1.3", 1e6) == ("all", "modules")
    assert agreeing({"all": 1_350_001, "modules": 1_249_999}, "1.3", 1e6) == ()
    assert agreeing({"thop": 327_828_736}, "0.33", 1e9) == ("thop",)
    assert agreeing({"thop": 327_828_736}, "0.330", 1e9) == ()


def test_macs_are_not_counted_where_parameters_tell_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[object] = []

    def count(model: object, image: object) -> dict[str, Macs]:
        counted.append(model)
        return {"thop": Macs(560_000_000, {}), "fvcore": Macs(0, {}), "products": Macs(0, {})}

    monkeypatch.setattr("cxv.paper.config_search.count_macs", count)
    assert explained(found("resnet18", {"width": (32, 64, 128)}), "width") == [64]
    assert len(counted) == 1


def test_a_search_travels_by_value() -> None:
    for spec in SEARCHES.values():
        assert ConfigSearch.model_validate_json(spec.canonical()) == spec


def test_the_code_of_a_search_is_its_row_its_edits_and_the_counters() -> None:
    plain, pooled = (
        SEARCHES["vit"].model_copy(update={"space": Space(edits=edits)})
        for edits in (((),), ((), ("mean_pooling",)))
    )
    assert search_job(plain).code != search_job(pooled).code
    assert search_job(plain).code != search_job(SEARCHES["cpv"]).code


def candidate(**changes: Any) -> Candidate:
    return Candidate(
        **{"settings": {}, "edits": (), "image_size": 32, "chosen": False, "macs": {}}
        | {"params": {"all": 1}}
        | changes
    )


def test_a_network_whose_macs_were_not_counted_agrees_with_none() -> None:
    assert candidate().macs_rules(SEARCHES["vit"]) == ()
