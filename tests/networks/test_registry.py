import re
from dataclasses import FrozenInstanceError
from typing import Any, get_args

import pytest

import cxv
from cxv.networks.registry import ZOO, Group, describe


def test_models_are_listed_by_a_wildcard_in_the_order_of_the_zoo() -> None:
    assert cxv.list_models("c*v") == ("cnv", "cltv", "cpv")
    assert cxv.list_models("resnet??") == ("resnet18", "resnet34")
    assert cxv.list_models("CPV") == cxv.list_models("") == ()
    assert cxv.list_models("*") == cxv.list_models() == tuple(ZOO)


def test_every_row_has_a_description_that_says_what_it_is() -> None:
    assert cxv.list_models() == tuple(ZOO)
    assert {row.group for row in ZOO.values()} <= set(get_args(Group))
    for name in ZOO:
        assert describe(name) == describe(name)
        assert hash(describe(name))


def test_settings_change_numbers_words_and_nested_parts() -> None:
    model: Any = describe(
        "cpv", settings={"dim": 32, "mixer": {"heads": 2, "kernel": "softmax"}, "dropout": 0}
    )
    assert (model.dim, model.mixer.heads, model.mixer.kernel, model.dropout) == (
        32,
        2,
        "softmax",
        0,
    )
    assert model.mixer.features == describe("cpv").mixer.features  # type: ignore[attr-defined]
    resnet: Any = describe("resnet18", settings={"blocks": [1, 1], "width": 8})
    assert resnet.blocks == (1, 1)


def test_a_variants_settings_come_after_its_edits() -> None:
    model: Any = describe(
        "cpv",
        settings={"stem": {"padding": 3, "depth": 2}},
        edits=["embed_no_padding", "embed_1_conv"],
        variant_settings={"stem": {"depth": 3}},
    )
    assert (model.stem.padding, model.stem.depth) == (0, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dimm": 3}, "no setting dimm; allowed: mixer, dim, depth, expansion, dropout, stem"),
        ({"mixer": {"head": 2}}, "no setting mixer.head; allowed: heads, head_dim, features"),
        ({"mixer": {"heads": 0}}, "mixer.heads: must be above 0, not 0"),
        ({"mixer": 3}, "mixer: takes settings of its own, not 3"),
        ({"mixer": {"kernel": "cosine"}}, "mixer.kernel: must be 'relu' or 'softmax'"),
        ({"depth": -1}, "depth: must be above 0, not -1"),
        ({"depth": "5"}, "depth: must be a whole number, not '5'"),
        ({"depth": 2.5}, "depth: must be a whole number"),
        ({"depth": True}, "depth: must be a whole number, not True"),
        ({"depth": None}, "depth: must be a whole number, not None"),
        ({"depth": {"a": 1}}, "depth: must be a whole number"),
        ({"dropout": 1.5}, "dropout: must be below 1, not 1.5"),
        ({"dropout": float("nan")}, "dropout: must be below 1, not nan"),
        ({"local": [1]}, "no setting local"),
        ({"pre_norm": "ChannelNorm"}, "no setting pre_norm"),
        ({"dim": 2}, "dim=2 is too small for stem_divisor=2 and stem.depth=2"),
    ],
)
def test_an_impossible_setting_is_named_with_what_is_allowed(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        describe("cpv", settings=settings)


def test_a_check_of_several_values_names_the_edit_that_broke_it() -> None:
    with pytest.raises(ValueError, match=r"^embed_3_convs of cnv: dim=4 is too small for stem_div"):
        describe("cnv", settings={"dim": 4}, edits=["embed_3_convs"])
    with pytest.raises(ValueError, match=r"^mixer\.taps=4: an odd number"):
        describe("cnv", settings={"mixer": {"taps": 4}})
    with pytest.raises(ValueError, match="give at least one"):
        describe("resnet18", settings={"blocks": []})


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="no model 'cvp'; known: resnet18, resnet34, fnet, "):
        cxv.create_model("cvp")
    with pytest.raises(KeyError, match="no ablation 'gelu'; known: embed_1_conv, "):
        cxv.create_model("cpv", edits=["gelu"])


def test_a_description_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        describe("cpv").dim = 3  # type: ignore[attr-defined]
