"""What the paper says of its networks and settings, against what is built and run here.

``data/paper/claims.yaml`` cites these tests by name.
"""

from typing import Any

import pytest
import torch
from registry_rows import TABLE1
from torch import Tensor, nn

from cxv import create_model
from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.networks.layers import LearnedPositions, Residual, Rotary
from cxv.networks.mixers.wavelet import Wavelet
from cxv.networks.registry import ZOO, describe
from cxv.training.precision import precision

pytestmark = pytest.mark.usefixtures("one_thread")

CXV = ("cnv", "cltv", "cpv")
HYBRIDS = ("vin", "vip", "vilt")
every_cxv = pytest.mark.parametrize("name", CXV)
every_hybrid = pytest.mark.parametrize("name", HYBRIDS)


def built(name: str, image_size: int = 32) -> Any:
    """Return a network without storage."""
    with torch.device("meta"):
        return create_model(name, image_size=image_size).eval()


def parts(network: nn.Module, kind: type[nn.Module]) -> list[Any]:
    return [part for part in network.modules() if isinstance(part, kind)]


def sizes(network: nn.Module, layers: Any, image_size: int) -> list[tuple[int, ...]]:
    """Return the height and width of what each layer makes of an image."""
    found: list[tuple[int, ...]] = []

    def note(_: nn.Module, __: object, output: Tensor) -> None:
        found.append(tuple(output.shape[2:]))

    for layer in layers:
        layer.register_forward_hook(note)
    with torch.no_grad():
        network(torch.zeros(1, 3, image_size, image_size))
    return found


@every_cxv
@pytest.mark.parametrize("image_size", [32, 64])
def test_maps_stay_as_they_are_through_a_cxv(name: str, image_size: int) -> None:
    network: Any = create_model(name, image_size=image_size).eval()
    assert sizes(network, network.layers, image_size) == 5 * [(32, 32)]


@every_cxv
def test_a_cxv_has_no_positions(name: str) -> None:
    network = built(name)
    assert not parts(network, LearnedPositions)
    assert not parts(network, Rotary)
    assert isinstance(network.positions, nn.Identity)
    assert parts(built("vit"), LearnedPositions)  # where there are some, they are found


@every_cxv
def test_a_layer_begins_with_a_3x3_convolution(name: str) -> None:
    for layer in built(name).layers:
        convolution = parts(layer, nn.Conv2d)[0]
        assert convolution is next(iter(layer[0]))
        settings = convolution.kernel_size, convolution.stride, convolution.padding
        assert settings == ((3, 3), (1, 1), (1, 1))


@every_cxv
def test_attention_and_perceptron_have_residuals(name: str) -> None:
    for layer in built(name).layers:
        assert [type(part) is Residual for part in layer] == [False, True, True]


@every_cxv
def test_a_cxv_averages_its_last_map(name: str) -> None:
    maps = torch.rand(2, 128, 4, 4)
    assert torch.allclose(built(name).pool(maps), maps.mean((2, 3)))


@every_cxv
def test_one_linear_layer_reads_the_average(name: str) -> None:
    head = built(name).head
    assert type(head) is nn.Linear
    assert (head.in_features, head.out_features) == (128, 10)


def test_a_phase_waits_20_epochs(params: Params) -> None:
    phases = {name for recipe in ("adamw", "dualopt") for name in params.recipes[recipe]}
    assert {params.phases[name].patience for name in phases} == {20}


HEADLESS = {"resnet18", "resnet34", "fnet", "mlp_mixer", "wavemix", "convmixer"}


@pytest.mark.parametrize("name", sorted({*TABLE1} - {"resnet18", "resnet34"}))
def test_a_name_tells_layers_and_heads(name: str) -> None:
    described: Any = describe(name)
    depth, _, heads = ZOO[name].title.rpartition("-")[2].partition("/")
    assert int(depth) == (sum(described.depths) if name == "cvt" else described.depth)
    assert (heads == "") == (name in HEADLESS)
    assert not heads or int(heads) == described.mixer.heads


def test_embeddings_have_128_dimensions() -> None:
    dims = {name: describe(name) for name in {*TABLE1} - {"resnet18", "resnet34"}}
    widths: dict[str, Any] = {name: getattr(model, "dim", None) for name, model in dims.items()}
    assert {name: widths.pop(name) for name in ("convmixer", "wavemix")} == {
        "convmixer": 256,
        "wavemix": 64,
    }
    assert set(widths.values()) == {128}


@pytest.mark.parametrize("name", ["cnv", "vin"])
def test_nystrom_attention_has_64_landmarks(name: str) -> None:
    described: Any = describe(name)
    assert described.mixer.landmarks == 64


def test_the_optimizers_are_the_papers(params: Params) -> None:
    adamw, sgd = (params.phases[name].optimizer for name in params.recipes["dualopt"])
    printed = {"lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}
    assert adamw.model_dump() == {
        "name": "AdamW", **printed, "amsgrad": False, "maximize": False,
    }  # fmt: skip
    assert (sgd.name, sgd.lr, sgd.arguments["momentum"]) == ("SGD", 0.001, 0.9)


def test_training_on_a_gpu_of_the_papers_is_in_float16(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    p100, t4, a100 = (6, 0), (7, 5), (8, 0)
    for capability, expected in ((p100, "float16"), (t4, "float16"), (a100, "bfloat16")):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _, x=capability: x)
        assert precision(run, torch.device("cuda")) == expected


def test_memory_is_that_of_32_images(params: Params) -> None:
    assert params.profile_batch == 32


def test_there_are_three_seeds(params: Params) -> None:
    assert len(set(params.seeds)) == 3


@every_hybrid
def test_hybrids_embed_by_32_64_and_128_channels(name: str) -> None:
    convolutions = parts(built(name).stem, nn.Conv2d)
    assert [convolution.out_channels for convolution in convolutions] == [32, 64, 128]
    shapes = {(conv.kernel_size, conv.stride, conv.padding) for conv in convolutions}
    assert shapes == {((3, 3), (1, 1), (1, 1))}


def test_cct_keeps_the_size_and_learns_positions() -> None:
    network = built("cct")
    assert isinstance(network.positions, LearnedPositions)
    kernels = [*parts(network.stem, nn.Conv2d), *parts(network.stem, nn.MaxPool2d)]
    assert len({type(kernel) for kernel in kernels}) == 2
    for kernel in kernels:
        size, stride, padding = kernel.kernel_size, kernel.stride, kernel.padding
        assert {size, stride, padding} <= {3, 1, (3, 3), (1, 1)}
    images = torch.zeros(1, 3, 32, 32, device="meta")
    assert network.stem(images).shape[2:] == (32, 32)


def test_cvt_has_two_two_and_one_layers() -> None:
    described: Any = describe("cvt")
    assert described.depths == (2, 2, 1)
    network: Any = create_model("cvt").eval()
    assert set(sizes(network, network.stages, 32)) == {(32, 32)}


@pytest.mark.parametrize(("image_size", "patch"), [(32, 1), (64, 2)])
def test_vit_reads_1024_patches_of_either_size(image_size: int, patch: int) -> None:
    network = built("vit", image_size)
    images = torch.zeros(1, 3, image_size, image_size, device="meta")
    tokens = network.tokens(network.stem(images))
    assert tokens.shape[1] == 1024 == (image_size // patch) ** 2


def test_dualopt_has_neither_augmentation_nor_warm_up(params: Params) -> None:
    for name in params.recipes["dualopt"]:
        assert params.phases[name].augment == ()
        assert params.phases[name].schedule is None
    assert params.phases["adamw_ra"].augment  # where there is some, it is found


def test_randaugment_is_table_4s(params: Params) -> None:
    drawn = {
        recipe: {
            (step.operations, step.magnitude)
            for phase in params.recipes[recipe]
            for step in params.phases[phase].augment
            if step.name == "randaugment"
        }
        for recipe in ("randaugment", "randaugment3")
    }
    assert drawn == {"randaugment": {(1, 1)}, "randaugment3": {(3, 3)}}


def test_wavemix_mixes_by_wavelets() -> None:
    described: Any = describe("wavemix")
    assert isinstance(described.mixer, Wavelet)


def test_convmixer_is_depthwise_then_pointwise() -> None:
    for layer in built("convmixer").layers:
        depthwise, pointwise = parts(layer, nn.Conv2d)
        assert depthwise.groups == depthwise.out_channels == 256
        assert depthwise.kernel_size == (8, 8)
        assert (pointwise.groups, pointwise.kernel_size) == (1, (1, 1))
