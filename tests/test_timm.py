"""timm's users find the models in timm's registry; without timm the error names what is missing."""

import sys
import warnings
from importlib import import_module, reload
from types import ModuleType

import pytest
import torch
from torch import nn

import cxv

SMALL = {"dim": 8, "depth": 1, "mixer": {"heads": 1, "head_dim": 4}}


@pytest.fixture
def timm() -> ModuleType:
    with warnings.catch_warnings(action="ignore"):  # timm's own
        timm = pytest.importorskip("timm", reason="timm is not installed")
        import_module("cxv.timm")
    return timm


def test_every_model_is_listed_in_timms_registry(timm: ModuleType) -> None:
    assert set(timm.list_models("cxv_*")) == {f"cxv_{name}" for name in cxv.list_models()}


@pytest.mark.parametrize("name", cxv.list_models())
def test_a_model_is_built_by_timm_with_the_weights_of_ours(timm: ModuleType, name: str) -> None:
    torch.manual_seed(0)
    ours = cxv.create_model(name, classes=100).state_dict()
    torch.manual_seed(0)
    network = timm.create_model(f"cxv_{name}", num_classes=100, img_size=32)
    theirs = network.state_dict()
    assert list(theirs) == list(ours)
    assert all(torch.equal(theirs[key], value) for key, value in ours.items())
    assert network.num_features == network.get_classifier().in_features


@pytest.mark.parametrize("name", ["cpv", "cct", "vit"])
def test_features_then_head_are_the_network(timm: ModuleType, name: str) -> None:
    settings = SMALL if name == "cpv" else {"dim": 8, "depth": 1}
    network = timm.create_model(f"cxv_{name}", num_classes=3, img_size=8, settings=settings).eval()
    images = torch.rand(2, 3, 8, 8)
    features = network.forward_features(images)
    torch.testing.assert_close(network.forward_head(features), network(images))
    assert network.forward_head(features, pre_logits=True).shape == (2, network.num_features)
    assert features.shape == {"cpv": (2, 8, 8, 8), "cct": (2, 64, 8), "vit": (2, 65, 8)}[name]


def test_the_classifier_can_be_replaced_and_left_out(timm: ModuleType) -> None:
    network = timm.create_model("cxv_cltv", settings=SMALL, edits=["no_conv"])
    images = torch.rand(2, 3, 8, 8)
    assert network(images).shape == (2, network.num_classes) == (2, 10)
    network.reset_classifier(7)
    assert network(images).shape == (2, network.num_classes) == (2, 7)
    headless = timm.create_model("cxv_cltv", settings=SMALL, num_classes=0)
    assert headless(images).shape == (2, headless.num_features) == (2, 8)
    assert isinstance(headless.get_classifier(), nn.Identity)


def test_timms_tools_are_given_the_size_the_classes_and_the_classifier(timm: ModuleType) -> None:
    network = timm.create_model("cxv_cpv", settings=SMALL, num_classes=7, img_size=24)
    expected = {"input_size": (3, 24, 24), "num_classes": 7, "classifier": "head"}
    assert network.default_cfg == network.pretrained_cfg == expected


def test_a_new_classifier_is_of_the_precision_and_in_the_mode_of_the_network(
    timm: ModuleType,
) -> None:
    network = timm.create_model("cxv_cpv", settings=SMALL).to(torch.float64).eval()
    network.reset_classifier(3)
    head = network.get_classifier()
    assert head.weight.dtype is torch.float64
    assert not head.training


@pytest.mark.parametrize(
    "asked",
    [
        {"pretrained": True},
        {"pretrained_cfg": {"url": "a"}},
        {"pretrained_cfg_overlay": {"url": "a"}},
        {"cache_dir": "a"},
    ],
    ids=str,
)
def test_weights_that_nobody_published_are_refused(
    timm: ModuleType, asked: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="cxv_cpv: no pretrained weights are published"):
        import_module("cxv.timm").create("cpv", **asked)
    if asked == {"pretrained": True}:
        with pytest.raises(ValueError, match="cxv_cpv: no pretrained weights are published"):
            timm.create_model("cxv_cpv", pretrained=True)


def test_an_argument_that_no_model_takes_is_refused(timm: ModuleType) -> None:
    with pytest.raises(TypeError, match="drop_rate"):
        timm.create_model("cxv_cpv", drop_rate=0.1)


def test_without_timm_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    monkeypatch.delitem(sys.modules, "cxv.timm", raising=False)
    with pytest.raises(ImportError, match=r"cxv\.timm needs timm, .* pip install timm"):
        import_module("cxv.timm")


def test_an_entry_that_is_registered_again_hands_every_argument_on(timm: ModuleType) -> None:
    """As a notebook does that reloads what was edited."""
    with warnings.catch_warnings(action="ignore"):  # timm says that it has the names already
        reload(import_module("cxv.timm"))
    network = timm.create_model("cxv_cpv", num_classes=7, img_size=24, settings=SMALL)
    assert (network.num_classes, network.num_features) == (7, SMALL["dim"])
    assert network.default_cfg["input_size"] == (3, 24, 24)
