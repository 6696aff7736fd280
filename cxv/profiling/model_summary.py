"""Summarise a network: its modules, watched by hooks during a forward pass."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from cxv.config.spec import ModelSummary, described
from cxv.networks.layers import Residual
from cxv.profiling.macs import macs_by_module
from cxv.profiling.parameters import count_params
from cxv.records.costs import Convention
from cxv.records.model_summary import Form, ModuleSummary

CONVENTIONS: tuple[Convention, ...] = ("thop", "products")
Shapes = Mapping[str, tuple[int, ...]]
"""Name of a module -> what left it for one image, in the order in which they finished."""


def build(spec: ModelSummary) -> nn.Module:
    """Return the network, on the CPU."""
    description = described(spec.model, spec.variant)
    return description.build(spec.classes, spec.image_size)


def summarize_model(model: nn.Module, image_size: int) -> ModuleSummary:
    """Return the module structure of (b, 3, h, w) images -> (b, classes) logits."""
    model = model.eval()
    image = torch.zeros(1, 3, image_size, image_size)
    counted = macs_by_module(model, image)
    outliner = _Outliner(
        shapes=_watched(model, image),
        macs={name: macs for name, macs in counted.items() if name in CONVENTIONS},
    )
    return outliner.block("", model)


def _watched(model: nn.Module, image: Tensor) -> Shapes:
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str, made: object) -> None:
        if isinstance(made, Tensor):
            shapes[name] = tuple(made.shape[1:])

    hooks = [
        module.register_forward_hook(lambda _, __, made, name=name: note(name, made))
        for name, module in model.named_modules()
    ]
    with torch.inference_mode():
        model(image)
    for hook in hooks:
        hook.remove()
    return shapes


class _Outliner:
    """Joins what was watched and counted to the tree of modules."""

    def __init__(self, shapes: Shapes, macs: Mapping[Convention, Mapping[str, int]]) -> None:
        self.shapes, self.macs = shapes, macs

    def block(self, name: str, module: nn.Module) -> ModuleSummary:
        form, parts = self._form(name, module)
        if form == "chain" and len(parts) == 1 and parts[0].form != "chain":
            return parts[0]
        return ModuleSummary(
            name=name,
            kind=type(module).__name__,
            detail="" if parts else detail(module),
            form=form,
            shape=self.shapes[name],
            params=count_params(module),
            macs={convention: counted.get(name, 0) for convention, counted in self.macs.items()},
            parts=parts,
        )

    def _form(self, name: str, module: nn.Module) -> tuple[Form, tuple[ModuleSummary, ...]]:
        if isinstance(module, Residual):
            branch = self.block(_below(name, "branch"), module.branch)
            return "residual", branch.parts if branch.form == "chain" else (branch,)
        if isinstance(module, nn.Sequential):
            steps = ((_below(name, key), child) for key, child in module.named_children())
            return "chain", tuple(self.block(*step) for step in steps if not _is_idle(step[1]))
        return "whole", tuple(self._leaves(name, module))

    def _leaves(self, name: str, module: nn.Module) -> Iterator[ModuleSummary]:
        """Yield the modules within that have no parts, in the order in which they were called."""
        within = dict(module.named_modules(prefix=name))
        for called in self.shapes:
            leaf = within.get(called)
            if leaf and leaf is not module and not [*leaf.children()] and not _is_idle(leaf):
                yield self.block(called, leaf)


def _below(name: str, key: str) -> str:
    return f"{name}.{key}".lstrip(".")


def _is_idle(module: nn.Module) -> bool:
    return all(isinstance(x, nn.Identity | nn.Sequential) for x in module.modules())


def detail(module: nn.Module) -> str:
    """Return the settings of a module without parts in a few words."""
    if isinstance(module, nn.Conv2d):
        stride = f", stride {module.stride[0]}" if max(module.stride) > 1 else ""
        groups = f", {module.groups} groups" if module.groups > 1 else ""
        kernel = "\N{MULTIPLICATION SIGN}".join(map(str, module.kernel_size))
        widths = f"{module.in_channels} \N{RIGHTWARDS ARROW} {module.out_channels}"
        return f"{kernel}, {widths}{stride}{groups}"
    if isinstance(module, nn.Linear):
        return f"{module.in_features} \N{RIGHTWARDS ARROW} {module.out_features}"
    if isinstance(module, nn.Dropout):
        return f"{module.p}"
    if isinstance(module, nn.GELU):
        return ""
    return repr(module).removeprefix(f"{type(module).__name__}(").removesuffix(")")
