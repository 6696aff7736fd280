"""Every model under ``cxv_<name>`` in timm's registry, once this module is imported.

    import timm, cxv.timm
    timm.create_model("cxv_vit", num_classes=100, img_size=32)

timm is no dependency of this package.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from cxv import create_model, list_models
from cxv.networks.registry import NO_SETTINGS, Settings

try:
    import timm
except ModuleNotFoundError as error:
    if error.name != "timm":
        raise
    raise ImportError("cxv.timm needs timm, which cxv does not install: pip install timm") from None


class Network(nn.Sequential):
    """A model of the zoo with the members that timm's tools ask for; its weights keep their names.

    ``features``, in timm's sense, are what the model pools.
    """

    head: nn.Module

    def __init__(self, model: nn.Module, classes: int, image_size: int) -> None:
        super().__init__()
        for name, part in model.named_children():
            self.add_module(name, part)
        linear: Any = model.get_submodule("head")
        self.num_features = self.head_hidden_size = linear.in_features
        self.num_classes = classes
        self.pretrained_cfg = self.default_cfg = {
            "input_size": (3, image_size, image_size),
            "num_classes": classes,
            "classifier": "head",
        }
        if classes == 0:
            self.reset_classifier(0)

    def get_classifier(self) -> nn.Module:
        """Return the last layer."""
        return self.head

    def reset_classifier(self, num_classes: int) -> None:
        """Put an untrained last layer in place; 0 classes: none."""
        self.num_classes = num_classes
        like = next(self.parameters())
        new = nn.Linear(self.num_features, num_classes) if num_classes else nn.Identity()
        self.head = new.to(like.device, like.dtype).train(self.training)

    def forward_features(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b ..."]:
        """Return the last maps, (b, c, h, w), or tokens, (b, n, c)."""
        for part in islice(self, self._pool):
            x = part(x)
        return x

    def forward_head(
        self, x: Float[Tensor, "b ..."], pre_logits: bool = False
    ) -> Float[Tensor, "b k"]:
        """Return the logits of features, or what the last layer would make them from."""
        for part in islice(self, self._pool, len(self) - 1):
            x = part(x)
        return x if pre_logits else self.head(x)

    @property
    def _pool(self) -> int:
        return list(self._modules).index("pool")


def create(
    name: str,
    pretrained: bool = False,
    *,
    num_classes: int = 10,
    img_size: int = 32,
    edits: Sequence[str] = (),
    settings: Settings = NO_SETTINGS,
    pretrained_cfg: object = None,
    pretrained_cfg_overlay: object = None,
    cache_dir: object = None,
) -> Network:
    """Return an untrained network; arguments are those of ``cxv.create_model``, or timm's.

    Raises:
        ValueError: pretrained weights are asked for, or a setting is impossible.
    """
    if pretrained or pretrained_cfg or pretrained_cfg_overlay or cache_dir:
        raise ValueError(f"cxv_{name}: no pretrained weights are published")
    built = create_model(
        name, classes=num_classes or 1, image_size=img_size, edits=edits, settings=settings
    )
    return Network(built, num_classes, img_size)


def _entry(name: str) -> Callable[..., Network]:
    """Return what timm registers: it asks for a function of the model's name."""

    def entry(*given: Any, **named: Any) -> Network:
        return create(name, *given, **named)

    entry.__name__ = entry.__qualname__ = f"cxv_{name}"
    return entry


for _name in list_models():
    globals()[f"cxv_{_name}"] = timm.models.register_model(_entry(_name))
