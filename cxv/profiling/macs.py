"""Multiply-accumulates of one image, counted by four conventions.

Each lists the operations that it leaves out, but for those that only move or compare numbers.
"""

import logging
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from math import log2, prod
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cxv.records.costs import Convention

Values = list[Any]  # what a traced operation takes or makes
Handle = Callable[[Values, Values], float]
LEAVES_OUT = " leaves out "


class Macs(NamedTuple):
    """What one convention counts of an image's forward pass."""

    macs: int  # multiply-accumulates
    uncounted: dict[str, int]  # operations that it leaves out, and how often they are run


def count_macs(model: nn.Module, image: Float[Tensor, "1 c h w"]) -> dict[Convention, Macs]:
    """Return the multiply-accumulates of a forward pass by each convention.

    ``fvcore``: that library's own rules. ``products``: the multiply-adds of matrix products,
    convolutions, attention and Fourier transforms, and nothing else. ``thop``: that of version
    0.0.31: no product outside a layer, no layer norm; a convolution by the size of its output,
    which a transposed one then exceeds by its stride squared, with its bias; a linear layer
    without; two for each element of a batch norm; average pooling by its layer, though not as a
    plain mean. ``ptflops``: that of 2021, which differs from thop's in one for each element of a
    ReLU's output and of any pooling's input, and in the bias of a linear layer, once for all of its
    tokens.

    Args:
        model: in evaluation mode.
        image: of any content.
    """
    with _traced(model, image) as analysis:
        counted, unknown = analysis.by_operator(), analysis.unsupported_ops()
    return {
        convention: Macs(round(counted[convention]), _left_out(convention, counted, unknown))
        for convention in get_args(Convention)
    }


def macs_by_module(
    model: nn.Module, image: Float[Tensor, "1 c h w"]
) -> dict[Convention, dict[str, int]]:
    """Return what ``count_macs`` counts for each module with all within it, by name."""
    with _traced(model, image) as analysis:
        modules = analysis.by_module_and_operator()
    return {
        convention: {name: round(counted[convention]) for name, counted in modules.items()}
        for convention in get_args(Convention)
    }


def _left_out(
    convention: Convention, counted: Mapping[str, int | float], unknown: Mapping[str, int]
) -> dict[str, int]:
    found = dict(unknown)
    for name, times in counted.items():
        by, _, operation = name.partition(LEAVES_OUT)
        if operation and by == convention:
            found[operation] = int(times)
    return dict(sorted(found.items()))


@contextmanager
def _traced(model: nn.Module, image: Tensor) -> Iterator[Any]:
    """Trace one forward pass; count each operation by all conventions, however many there are."""
    with _quiet(), torch.inference_mode():
        from fvcore.nn import FlopCountAnalysis  # noqa: PLC0415 - warns when imported

        analysis = FlopCountAnalysis(model, image)
        tables = {"fvcore": dict(analysis._op_handles), **HANDLES}
        operations = {operation for handles in tables.values() for operation in handles}
        countable = operations - analysis._ignored_ops  # which only move or compare numbers
        handles = {x: partial(_by_each, tables, x, x in countable) for x in operations}
        yield analysis.set_op_handle(**handles)


def _by_each(
    tables: Mapping[str, Mapping[str, Handle]],
    operation: str,
    is_told: bool,
    inputs: Values,
    outputs: Values,
) -> Mapping[str, int | float]:
    """Count an operation by each convention that counts it; tell which others leave it out."""
    macs: Counter[str] = Counter()
    for convention, handles in tables.items():
        if operation in handles:
            counted: Any = handles[operation](inputs, outputs)  # fvcore's may return counts
            macs[convention] = counted.total() if isinstance(counted, Counter) else counted
        elif is_told:
            macs[f"{convention}{LEAVES_OUT}{operation}"] = 1
    return macs


@contextmanager
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("fvcore.nn.jit_analysis")
    disabled, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings(action="ignore"):  # of the tracer, and that it is deprecated
            yield
    finally:
        logger.disabled = disabled


def _shape(value: Any) -> list[int]:
    return value.type().sizes()


def _product(inputs: Values, outputs: Values) -> int:
    return prod(_shape(outputs[0])) * _shape(inputs[0])[-1]


def _sum_with_product(inputs: Values, outputs: Values) -> int:
    return _product(inputs[1:], outputs)


def _einsum(inputs: Values, outputs: Values) -> float:
    from fvcore.nn.jit_handles import einsum_flop_jit  # noqa: PLC0415 - warns when imported

    return einsum_flop_jit(inputs, outputs)


def _attention(inputs: Values, outputs: Values) -> int:
    """Count the products of queries with keys, and of their weights with the values."""
    (*queries, head_dim), (*_, keys, _) = _shape(inputs[0]), _shape(inputs[1])
    return prod(queries) * keys * (head_dim + _shape(outputs[0])[-1])


def _fourier(inputs: Values, outputs: Values) -> float:
    """Take 5 n log2 n operations for n complex numbers, 2.5 for real ones; two are a MAC.

    Source: the convention of FFTW's benchmarks, whatever the algorithm.
    """
    shape, axes = _shape(outputs[0]), inputs[2].node()
    lengths = [shape[axis.toIValue()] for axis in list(axes.inputs()) or list(axes.outputs())]
    operations = 5 if inputs[0].type().scalarType().startswith("Complex") else 2.5
    return operations / 2 * prod(shape) * log2(prod(lengths))


def _convolution(inputs: Values, outputs: Values) -> int:
    """Let every weight meet each pixel of the output, or of a transposed one's input."""
    images, _, *size = _shape(inputs[0] if inputs[6].toIValue() else outputs[0])
    return images * prod(size) * prod(_shape(inputs[1]))


def _biased_convolution(inputs: Values, outputs: Values) -> int:
    weight, is_transposed, groups = _shape(inputs[1]), inputs[6].toIValue(), inputs[8].toIValue()
    channels = weight[0] // groups if is_transposed else weight[1]  # that one output sees
    has_bias = inputs[2].type().kind() == "TensorType"
    return prod(_shape(outputs[0])) * (channels * prod(weight[2:]) + has_bias)


def _two_each(_: Values, outputs: Values) -> int:
    return 2 * prod(_shape(outputs[0]))


def _one_each(_: Values, outputs: Values) -> int:
    return prod(_shape(outputs[0]))


def _one_each_taken(inputs: Values, _: Values) -> int:
    return prod(_shape(inputs[0]))


def _product_with_one_bias(inputs: Values, outputs: Values) -> int:
    has_bias = inputs[2].type().kind() == "TensorType"
    return _product(inputs, outputs) + has_bias * _shape(outputs[0])[-1]


def _average(inputs: Values, outputs: Values) -> int:
    return prod(_shape(inputs[0])) + prod(_shape(outputs[0]))


HANDLES: Mapping[str, Mapping[str, Handle]] = MappingProxyType(
    {
        "thop": {
            "aten::_convolution": _biased_convolution,
            "aten::linear": _product,
            "aten::batch_norm": _two_each,
            "aten::avg_pool2d": _one_each,
            "aten::adaptive_avg_pool2d": _average,
        },
        "ptflops": {
            "aten::_convolution": _biased_convolution,
            "aten::linear": _product_with_one_bias,
            "aten::batch_norm": _two_each,
            "aten::relu": _one_each,
            "aten::max_pool2d": _one_each_taken,
            "aten::avg_pool2d": _one_each_taken,
            "aten::adaptive_avg_pool2d": _one_each_taken,
        },
        "products": {
            "aten::_convolution": _convolution,
            "aten::linear": _product,
            "aten::matmul": _product,
            "aten::mm": _product,
            "aten::bmm": _product,
            "aten::addmm": _sum_with_product,
            "aten::baddbmm": _sum_with_product,
            "aten::einsum": _einsum,
            "aten::scaled_dot_product_attention": _attention,
            "aten::fft_fft": _fourier,
            "aten::fft_fft2": _fourier,
        },
    }
)
"""What a convention counts, by operation; fvcore's is its own."""
