"""Convolutions, plain, causal and transposed, against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from netdsl.ops.contract import Misfit, Operation
from netdsl.ops.lowering import TorchModule
from netdsl.types.sizes import symbol
from tests.ops.drawing import Draw, accepted
from tests.ops.harness import check, make, record, site_of, tensor, torch_module

H = symbol("H")
CHANNELS = 6


def convolution(draw: Draw) -> Operation:
    kernel = draw.sizes(1, 4)
    return make(
        "conv",
        kernel=kernel,
        channels=4 * draw.number(1, 3),
        stride=draw.sizes(1, 3),
        pad=draw.pairs(kernel),
        dilation=draw.random.choice(((1,) * draw.rank, draw.sizes(1, 3))),
        groups=draw.random.choice((1, 2)),
        bias=draw.maybe(),
    )


def upconvolution(draw: Draw, most_pad: int = 2) -> Operation:
    stride = draw.sizes(1, 3)
    return make(
        "upconv",
        kernel=draw.sizes(1, 4),
        channels=4 * draw.number(1, 3),
        stride=stride,
        pad=draw.sizes(0, most_pad),
        output_pad=tuple(draw.number(0, step - 1) for step in stride),
        dilation=draw.sizes(1, 2),
        groups=draw.random.choice((1, 2)),
        bias=draw.maybe(),
    )


@pytest.mark.parametrize("layer", [convolution, upconvolution])
def test_random_convolutions_agree_everywhere(layer: Any) -> None:
    taken = 0
    for seed in range(250):
        draw = Draw(seed)
        taken += accepted(layer(draw), draw.tensor(CHANNELS, 7), seed=seed)
    assert taken > 150


def warning(size: int, kernel: int, stride: int, pad: int = 0) -> str | None:
    settings = {"kernel": (kernel,) * 2, "stride": (stride,) * 2, "pad": ((pad, pad),) * 2, "dilation": (1, 1)}
    operation = make("conv", channels=8, **settings)
    fact = operation.warning(site_of(operation, tensor(3, size, size)))
    return fact.code if fact else None


def test_a_border_that_is_never_read_is_told_where_it_was_hardly_meant() -> None:
    assert warning(224, kernel=11, stride=4) == "W201"
    assert warning(227, kernel=11, stride=4) is None
    assert warning(224, kernel=3, stride=2, pad=1) is None
    assert warning(56, kernel=1, stride=2) is None


# ---- causal ----------------------------------------------------------------------------------


def causal(**settings: Any) -> Operation:
    start = {"kernel": (2,), "channels": 4, "stride": (1,), "pad": ((0, 0),), "dilation": (1,)}
    return make("conv", **{**start, **settings}, causal=True)


@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 8])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_causal_convolution_keeps_the_length(kernel: int, dilation: int, stride: int) -> None:
    recorded = check(causal(kernel=(kernel,), dilation=(dilation,), stride=(stride,)), tensor(3, 9))
    assert recorded.site.y.shape == (4, math.ceil(9 / stride))


def test_a_causal_convolution_sees_nothing_of_the_future() -> None:
    recorded = record(causal(kernel=(3,), dilation=(2,)), tensor(1, 9))
    lowering = recorded.operation.pytorch(recorded.site)
    assert isinstance(lowering, TorchModule)
    module, now = torch_module(lowering), 4
    x = torch.zeros(1, 1, 9)
    later = x.clone()
    later[..., now + 1 :] = 1
    padded = [module(nn.functional.pad(each, lowering.padding)) for each in (x, later)]
    assert torch.equal(padded[0][..., : now + 1], padded[1][..., : now + 1])
    assert not torch.equal(padded[0], padded[1])


def test_open_lengths_are_kept() -> None:
    assert check(causal(dilation=(4,)), tensor(3, H), H=5).site.y.shape == (4, H)


@pytest.mark.parametrize(
    ("settings", "shape", "code", "parameter"),
    [
        ({"kernel": (2, 2), "pad": ((0, 0),) * 2, "dilation": (1, 1), "stride": (1, 1)}, (3, 4, 4), "E215", "causal"),
        ({"pad": ((1, 0),)}, (3, 4), "E216", "pad"),
        ({"pad": "same"}, (3, 4), "E216", "pad"),
    ],
)
def test_what_a_causal_convolution_cannot_be(
    settings: dict[str, Any], shape: tuple[int, ...], code: str, parameter: str
) -> None:
    result = causal(**settings).infer(tensor(*shape))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == (code, parameter)


# ---- transposed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "code", "parameter"),
    [
        ({"output_pad": (2, 0)}, "E219", "output_pad"),
        ({"groups": 4}, "E205", "groups"),
        ({"channels": 7, "groups": 2}, "E205", "groups"),
        ({"pad": (3, 0)}, "E211", "pad"),
    ],
)
def test_what_a_transposed_convolution_refuses(settings: dict[str, Any], code: str, parameter: str) -> None:
    start = {"kernel": (2, 2), "channels": 4, "stride": (2, 2), "pad": (0, 0), "output_pad": (0, 0), "dilation": (1, 1)}
    result = make("upconv", **{**start, **settings}).infer(tensor(CHANNELS, 3, 3))
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == (code, parameter)


def test_open_sizes_that_could_vanish_are_required() -> None:
    upconv = make("upconv", kernel=(2,), channels=4, stride=(2,), pad=(1,), output_pad=(0,), dilation=(1,))
    site = site_of(upconv, tensor(CHANNELS, H))
    assert upconv.needs(site) == ((2 * H - 2, 1),)
    check(upconv, tensor(CHANNELS, H), H=3)


def test_it_shows_how_its_size_comes_about() -> None:
    settings = {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1), "output_pad": (1, 0), "dilation": (1, 2)}
    upconv = make("upconv", channels=4, **settings)
    site = site_of(upconv, tensor(CHANNELS, 7, 7))
    assert upconv.arithmetic(site) == (
        "height: (7 - 1) * 2 + 3 - 2*1 + 1 = 14",
        "width: (7 - 1) * 2 + (3 - 1) * 2 + 1 - 2*1 = 15",
    )


def inputs_of_first_output(extent: int, stride: int, pad: int) -> range:
    """The inputs that a transposed convolution's first output takes its numbers from, borders left aside."""
    far = range(-50, 50)
    touching = [place for place in far if 0 <= 0 + pad - place * stride < extent]
    return range(min(touching), max(touching) + 1)


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride", "pad"), [(2, 2, 0), (3, 2, 1), (4, 2, 1), (5, 3, 0), (3, 1, 2)])
def test_its_receptive_field(kernel: int, stride: int, pad: int, dilation: int) -> None:
    settings = {"kernel": (kernel,), "stride": (stride,), "pad": (pad,), "output_pad": (0,), "dilation": (dilation,)}
    upconv = make("upconv", channels=1, **settings)
    reach = upconv.reach(site_of(upconv, tensor(1, 9)))
    extent = (kernel - 1) * dilation + 1
    seen = inputs_of_first_output(extent, stride, pad)
    assert reach.before == (-seen.start,)
    assert len(seen) <= reach.window[0] == math.ceil(extent / stride)
    assert reach.stride[0] * stride == 1


# ---- what PyTorch says of costs and first weights --------------------------------------------


@pytest.mark.parametrize("layer", [convolution, upconvolution])
def test_multiplications_are_those_that_pytorch_counts(layer: Any) -> None:
    counted = 0
    for seed in range(60):
        draw = Draw(seed)
        operation, x = layer(draw), draw.tensor(CHANNELS, 7)
        if isinstance(operation.infer(x), Misfit):
            continue
        site = site_of(operation, x)
        lowering = operation.pytorch(site)
        example = nn.functional.pad(torch.zeros(1, *x.shape), lowering.padding)
        with FlopCounterMode(display=False) as counter:
            torch_module(lowering)(example)
        assert counter.get_total_flops() == 2 * operation.macs(site)
        counted += 1
    assert counted > 30


@pytest.mark.parametrize("layer", [convolution, upconvolution])
def test_first_weights_are_pytorchs(layer: Any) -> None:
    drawn = 0
    for seed in range(40):
        draw = Draw(seed)
        operation, x = layer(draw), draw.tensor(CHANNELS, 7)
        if isinstance(operation.infer(x), Misfit):
            continue
        site = site_of(operation, x)
        module = torch_module(operation.pytorch(site))
        fan_in, _ = nn.init._calculate_fan_in_and_fan_out(module.weight)
        for weight in operation.weights(site):
            assert tuple(module.state_dict()[weight.name].shape) == weight.shape
            assert weight.initializer.high == -weight.initializer.low == pytest.approx(1 / math.sqrt(fan_in))
        drawn += 1
    assert drawn > 20
