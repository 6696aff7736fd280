"""The registry: one line per network of two papers and per ablation; listing loads no torch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from pkgutil import resolve_name
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cxv.wrong_values import said_of

if TYPE_CHECKING:
    import torch

Group = Literal["convolutional", "mixing", "transformer", "cxv"]
Settings = Mapping[str, Any]
T = TypeVar("T")
NO_SETTINGS: Settings = MappingProxyType({})


@runtime_checkable
class Description(Protocol):
    """A frozen dataclass that defines a network."""

    def build(self, classes: int, image_size: int) -> "torch.nn.Module":
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a paper's table: its printed name, its block, and where its description is."""

    title: str
    group: Group
    entry: str


ZOO: Mapping[str, Row] = MappingProxyType(
    {
        "resnet18": Row("ResNet-18", "convolutional", "cxv.networks.models.resnet:RESNET18"),
        "resnet34": Row("ResNet-34", "convolutional", "cxv.networks.models.resnet:RESNET34"),
        "fnet": Row("FNet-10", "mixing", "cxv.networks.models.vit:FNET"),
        "mlp_mixer": Row("MLP Mixer-5", "mixing", "cxv.networks.models.mlp_mixer:MLP_MIXER"),
        "wavemix": Row("WaveMix-5", "mixing", "cxv.networks.models.wavemix:WAVEMIX"),
        "convmixer": Row("ConvMixer-16", "mixing", "cxv.networks.models.convmixer:CONVMIXER"),
        "vit": Row("ViT-10/4", "transformer", "cxv.networks.models.vit:VIT"),
        "vin": Row("Hybrid ViN-6/8", "transformer", "cxv.networks.models.vit:VIN"),
        "vip": Row("Hybrid ViP-6/8", "transformer", "cxv.networks.models.vit:VIP"),
        "vilt": Row("Hybrid ViLT-6/8", "transformer", "cxv.networks.models.vilt:VILT"),
        "cct": Row("CCT-6/4", "transformer", "cxv.networks.models.cct:CCT_6"),
        "cvt": Row("CvT-5/4", "transformer", "cxv.networks.models.cvt:CVT"),
        "cnv": Row("CNV-5/4", "cxv", "cxv.networks.models.xformer:CNV"),
        "cltv": Row("CLTV-5/4", "cxv", "cxv.networks.models.xformer:CLTV"),
        "cpv": Row("CPV-5/4", "cxv", "cxv.networks.models.xformer:CPV"),
        # the second paper, arXiv:2104.05704. Settings give its other rows.
        "vit_lite": Row("ViT-Lite-7/4", "transformer", "cxv.networks.models.compact:VIT_LITE"),
        "compact_vit": Row("CVT-7/4", "transformer", "cxv.networks.models.compact:COMPACT_VIT"),
        "compact_cct": Row("CCT-7/3x1", "transformer", "cxv.networks.models.compact:COMPACT_CCT"),
    }
)
"""The rows of Table 1 in its order, then those of the second paper."""

ABLATIONS: Mapping[str, str] = MappingProxyType(
    {
        "embed_1_conv": "cxv.networks.ablations:embed_1_conv",
        "embed_3_convs": "cxv.networks.ablations:embed_3_convs",
        "embed_3_convs_wide": "cxv.networks.ablations:embed_3_convs_wide",
        "embed_no_padding": "cxv.networks.ablations:embed_no_padding",
        "gelu_after_embedding": "cxv.networks.ablations:gelu_after_embedding",
        "max_pool_embedding": "cxv.networks.ablations:max_pool_embedding",
        "gelu_after_conv": "cxv.networks.ablations:gelu_after_conv",
        "residual_conv": "cxv.networks.ablations:residual_conv",
        "residual_conv_norm": "cxv.networks.ablations:residual_conv_norm",
        "conv_in_alternate_layers": "cxv.networks.ablations:conv_in_alternate_layers",
        "norm_in_alternate_layers": "cxv.networks.ablations:norm_in_alternate_layers",
        "batch_norm": "cxv.networks.ablations:batch_norm",
        "pre_norm": "cxv.networks.ablations:pre_norm",
        "pre_norm_only": "cxv.networks.ablations:pre_norm_only",
        "positions_once": "cxv.networks.ablations:positions_once",
        "positions_in_attention": "cxv.networks.ablations:positions_in_attention",
        "rotary": "cxv.networks.ablations:rotary",
        # controls that the papers lack
        "softmax_attention": "cxv.networks.ablations:softmax_attention",
        "no_conv": "cxv.networks.ablations:no_conv",
        "conv_in_alternate_layers_wide": "cxv.networks.ablations:conv_in_alternate_layers_wide",
        "mean_pooling": "cxv.networks.ablations:mean_pooling",
        "no_positions": "cxv.networks.ablations:no_positions",
    }
)


def describe(
    name: str,
    *,
    settings: Settings = NO_SETTINGS,
    edits: Sequence[str] = (),
    variant_settings: Settings = NO_SETTINGS,
) -> Description:
    """Return the description of a model's variant: row, settings, edits in order, settings.

    Args:
        name: a key of ``ZOO``.
        settings: numbers of the model that differ from the row's, see ``changed``.
        edits: keys of ``ABLATIONS``.
        variant_settings: numbers changed last.

    Raises:
        KeyError: a name is unknown; lists the known ones.
        ValueError: a setting is impossible, or an edit does not fit the model.
    """
    description = changed(resolve_name(_known(ZOO, name, "model").entry), settings)
    for edit in edits:
        apply: Callable[[object], Description] = resolve_name(_known(ABLATIONS, edit, "ablation"))
        with _plain_errors(f"{edit} of {name}: "):
            description = apply(description)
    return changed(description, variant_settings)


def changed(description: Any, settings: Settings, *, path: str = "") -> Any:
    """Return ``description`` with numbers or words of it, or of its parts, replaced.

    Args:
        description: a frozen dataclass.
        settings: such as ``{"dim": 32, "mixer": {"heads": 2}}``; a list stands for a tuple.
        path: of ``description`` in error messages.

    Raises:
        ValueError: a key is unknown or a value impossible; names the dotted key.
    """
    current = {x.name: getattr(description, x.name) for x in fields(description)}
    allowed = [name for name, value in current.items() if _is_changeable(value)]
    for key in settings:
        if key not in allowed:
            raise ValueError(f"no setting {path}{key}; allowed: {', '.join(allowed)}")
    new = {key: _new_value(current[key], x, f"{path}{key}") for key, x in settings.items()}
    with _plain_errors(path):
        return replace(description, **new)


def _known(names: Mapping[str, T], name: str, kind: str) -> T:
    if name not in names:
        raise KeyError(f"no {kind} {name!r}; known: {', '.join(names)}")
    return names[name]


def _is_changeable(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(x, int | float) for x in value)
    return isinstance(value, int | float | str) or _is_part(value)


def _is_part(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _new_value(current: object, value: object, path: str) -> object:
    if _is_part(current):
        if not isinstance(value, Mapping):
            raise ValueError(f"{path}: takes settings of its own, not {value!r}")
        return changed(current, value, path=f"{path}.")
    return tuple(value) if isinstance(value, list) else value


@contextmanager
def _plain_errors(path: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        problems = (_problem(path, details) for details in error.errors())
        raise ValueError("; ".join(problems)) from None


def _problem(path: str, details: ErrorDetails) -> str:
    if not details["loc"]:  # a check of several values at once, whose message names them
        return path + said_of(details)
    where = path + ".".join(map(str, details["loc"]))
    return f"{where}: {said_of(details)}"
