"""Parameters of Table 1's models, each against its own number."""

import pytest
import torch
from registry_rows import COMPACT, TABLE1
from torch import nn

from cxv import create_model
from cxv.networks.registry import ZOO
from cxv.profiling import count_module_params

# All parameters, and those that the paper's counter sees, for 10 and 100 classes of 32 x 32
# pixels and 200 classes of 64 x 64. They are those of the paper's released classes (ViT, FNet, MLP
# Mixer, ViN, ViP, CCT, CNV, CLTV with 1 x 1 projections, CPV), of vit-pytorch's CvT, and of an
# independent implementation of the four that were never released as Table 1 has them.
PARAMS = {
    "resnet18": ((11_173_962, 11_173_962), (11_220_132, 11_220_132), (11_271_432, 11_271_432)),
    "resnet34": ((21_282_122, 21_282_122), (21_328_292, 21_328_292), (21_379_592, 21_379_592)),
    "fnet": ((1_455_626, 1_324_298), (1_467_236, 1_335_908), (1_481_288, 1_349_960)),
    "mlp_mixer": ((21_321_098, 21_321_098), (21_332_708, 21_332_708), (21_346_760, 21_346_760)),
    "wavemix": ((1_433_482, 1_433_482), (1_439_332, 1_439_332), (1_445_832, 1_445_832)),
    "convmixer": ((1_339_402, 1_339_402), (1_362_532, 1_362_532), (1_390_536, 1_390_536)),
    "vit": ((1_454_346, 1_323_018), (1_465_956, 1_334_628), (1_480_008, 1_348_680)),
    "vin": ((1_413_498, 1_282_170), (1_425_108, 1_293_780), (1_438_008, 1_306_680)),
    "vip": ((1_416_522, 1_285_194), (1_428_132, 1_296_804), (1_441_032, 1_309_704)),
    "vilt": ((1_284_938, 1_281_866), (1_296_548, 1_293_476), (1_309_448, 1_306_376)),
    "cct": ((1_432_395, 1_301_323), (1_444_005, 1_312_933), (1_456_905, 1_325_833)),
    "cvt": ((1_303_050, 1_299_722), (1_314_660, 1_311_332), (1_327_560, 1_324_232)),
    "cnv": ((1_344_734, 1_343_454), (1_356_344, 1_355_064), (1_369_244, 1_367_964)),
    "cltv": ((1_345_994, 1_344_714), (1_357_604, 1_356_324), (1_370_504, 1_369_224)),
    "cpv": ((1_345_994, 1_344_714), (1_357_604, 1_356_324), (1_370_504, 1_369_224)),
}

pytestmark = pytest.mark.usefixtures("one_thread")
D = 128
N = 32 * 32  # tokens
NORM = 2 * D
POSITIONS = (N + 1) * D
every_model = pytest.mark.parametrize("name", TABLE1)


def meta(name: str, classes: int = 10, image_size: int = 32) -> nn.Module:
    """Return a network without storage."""
    with torch.device("meta"):
        return create_model(name, classes=classes, image_size=image_size)


def params(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def linear(width: int, wider: int) -> int:
    return (width + 1) * wider


def perceptron(width: int, hidden: int) -> int:
    return linear(width, hidden) + linear(hidden, width)


def class_token_transformer(depth: int, stem: int, mixer: int, hidden: int) -> int:
    layer = NORM + mixer + NORM + perceptron(D, hidden)
    return stem + POSITIONS + D + depth * layer + NORM + linear(D, 10)


def test_the_zoo_is_table_1_in_its_order_then_the_second_paper() -> None:
    assert [ZOO[name].title for name in TABLE1] == [
        *("ResNet-18", "ResNet-34"),
        *("FNet-10", "MLP Mixer-5", "WaveMix-5", "ConvMixer-16"),
        *("ViT-10/4", "Hybrid ViN-6/8", "Hybrid ViP-6/8", "Hybrid ViLT-6/8"),
        *("CCT-6/4", "CvT-5/4", "CNV-5/4", "CLTV-5/4", "CPV-5/4"),
    ]
    assert list(ZOO) == [*TABLE1, *COMPACT]
    assert tuple(PARAMS) == TABLE1
    groups = [ZOO[name].group for name in TABLE1]
    assert groups == sorted(groups, key=["convolutional", "mixing", "transformer", "cxv"].index)


@every_model
def test_a_model_has_its_parameters_on_every_dataset(name: str) -> None:
    models = (meta(name), meta(name, 100), meta(name, 200, 64))
    assert tuple((params(x), count_module_params(x)) for x in models) == PARAMS[name]


def test_transformers_with_a_class_token_add_up() -> None:
    convs = (3 * 9 + 1) * 32 + (32 * 9 + 1) * 64 + (64 * 9 + 1) * D
    inner = 8 * 32
    nystrom = 3 * D * inner + linear(inner, D) + 8 * 33
    performer = 3 * linear(D, inner) + linear(inner, D)
    softmax = 3 * D * D + linear(D, D)
    patch = linear(3, D)
    assert class_token_transformer(10, patch, softmax, 256) == params(meta("vit"))
    assert class_token_transformer(10, patch, 0, 512) == params(meta("fnet"))
    assert class_token_transformer(6, convs, nystrom, 256) == params(meta("vin"))
    assert class_token_transformer(6, convs, performer, 256) == params(meta("vip"))
    vilt = convs + 6 * (performer + perceptron(D, 256) + 2 * NORM) + linear(D, 10)
    assert vilt == params(meta("vilt"))


def test_convolutional_transformers_add_up() -> None:
    tokenizer = 9 * (3 * 64 + 64 * 64 + 64 * D) + N * D
    attention = 3 * D * D + linear(D, D)
    layer = attention + perceptron(D, 512) + 2 * NORM
    pool = linear(D, 1)
    assert tokenizer + 6 * layer + NORM + pool + linear(D, 10) == params(meta("cct"))
    inner = 4 * 64
    projections = 2 * (9 * D + 2 * D) + 3 * D * inner + linear(inner, D)
    embeddings = (3 * 9 + 1) * D + 2 * (D * 9 + 1) * D + 3 * NORM
    layers = 5 * (projections + perceptron(D, 256) + 2 * NORM)
    assert embeddings + layers + linear(D, 10) == params(meta("cvt"))


def test_token_mixers_add_up() -> None:
    layer = perceptron(N, 2 * N) + perceptron(D, 256) + 2 * NORM
    assert linear(3, D) + 5 * layer + NORM + linear(D, 10) == params(meta("mlp_mixer"))
    layer = (8 * 8 + 1) * 256 + linear(256, 256) + 2 * 2 * 256
    assert linear(3, 256) + 2 * 256 + 16 * layer + linear(256, 10) == params(meta("convmixer"))
    stem = (3 * 9 + 1) * 32 + (32 * 9 + 1) * 64
    enlarge = sum((32 * (scale + 2) ** 2 + 1) * 16 for scale in (2, 4, 8, 16))
    mixer = 4 * (linear(256, 32) + linear(32, 32)) + enlarge
    layer = mixer + (5 * 5 + 1) * 64 + 2 * 64
    assert stem + 5 * layer + linear(64, 10) == params(meta("wavemix"))
