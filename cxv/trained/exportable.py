"""Forms of a network's parts that compute the same and can be exported for any number of images.

``len`` of a tensor fixes that number in an exported program. Training keeps the other forms: an
edit of a network's code trains its runs again.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn

from cxv.data.tensors import normalise
from cxv.networks.dropout import StochasticDepth
from cxv.networks.layers import ClassToken
from cxv.networks.models.compact import TokenWithoutPosition
from cxv.training.classifier import Classifier
from cxv.training.setup import build


class Prepended(nn.Module):
    """Prepend a token, (1, 1, d), to those of each image."""

    def __init__(self, token: Tensor) -> None:
        super().__init__()
        self.token = nn.Parameter(token.detach().clone(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (b, n, d) as (b, n + 1, d)."""
        return torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1)


EXCHANGED: Mapping[type[nn.Module], Callable[..., nn.Module]] = MappingProxyType(
    {
        ClassToken: lambda part: Prepended(part.token + part.position),
        TokenWithoutPosition: lambda part: Prepended(part.token),
        StochasticDepth: lambda _: nn.Identity(),  # as in evaluation
    }
)


class OfBytes(nn.Module):
    """A network with the normalisation in front that its training used."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("std", torch.tensor(std))

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, (b, k), of bytes, (b, 3, h, w)."""
        return self.network(normalise(images, self.mean, self.std))


def exportable(trained: Classifier) -> OfBytes:
    """Return a copy on the CPU, in evaluation, whose parts can be exported."""
    network = build(trained.spec, trained.facts)
    network.load_state_dict(trained.network.state_dict())
    for module in list(network.modules()):
        for name, child in module.named_children():
            if exchange := EXCHANGED.get(type(child)):
                setattr(module, name, exchange(child))
    network.to(memory_format=torch.contiguous_format)  # torch.export cannot save another one
    return OfBytes(network, trained.mean, trained.std).eval()
