"""Pools against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from netdsl.ops.contract import Misfit, Operation
from netdsl.ops.pooling import AveragePool, MaxPool, Pool
from netdsl.types.sizes import substitute, symbol
from tests.ops.drawing import Draw, accepted
from tests.ops.harness import check, check_chain, make, onnx_model, record, run_onnx, tensor

NONE = ((0, 0), (0, 0))
H, W = symbol("H"), symbol("W")


def pool(draw: Draw, word: str) -> Operation:
    kernel = draw.sizes(1, 4)
    settings = {
        "kernel": kernel,
        "stride": draw.random.choice((None, draw.sizes(1, 3))),
        "pad": draw.pairs(tuple(size // 2 for size in kernel)),
        "ceil": draw.maybe(),
    }
    if word == "maxpool":
        return make(word, **settings, dilation=draw.random.choice(((1,) * draw.rank, draw.sizes(1, 4))))
    return make(word, **settings, count_pad=draw.maybe())


@pytest.mark.parametrize("word", ["maxpool", "avgpool"])
def test_random_pools_agree_everywhere(word: str) -> None:
    taken = 0
    for seed in range(400):
        draw = Draw(seed)
        taken += accepted(pool(draw, word), draw.tensor(3), seed=seed)
    assert taken > 250


@pytest.mark.parametrize("word", ["global_avgpool", "global_maxpool"])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 2, 3, 4)])
def test_global_pools_keep_their_axes(word: str, shape: tuple[int, ...]) -> None:
    recorded = check(make(word), tensor(*shape))
    assert recorded.site.y.shape == (5,) + (1,) * (len(shape) - 1)


@pytest.mark.parametrize("word", ["global_avgpool", "global_maxpool", "maxpool", "avgpool"])
def test_a_vector_has_nothing_to_pool(word: str) -> None:
    settings = {"kernel": (), "pad": ()} if "global" not in word else {}
    result = make(word, **settings).infer(tensor(10))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E208"


# ---- what is refused -------------------------------------------------------------------------


def refusal(pooling: Pool, *shape: int) -> tuple[str, str | None]:
    result = pooling.infer(tensor(*shape))
    assert isinstance(result, Misfit)
    return result.fact.code, result.parameter


def test_padding_of_more_than_half_a_window_is_refused() -> None:
    assert refusal(MaxPool(kernel=(3, 3), pad=((2, 2), (1, 1)), dilation=(1, 1)), 3, 9, 9) == ("E207", "pad")
    assert refusal(AveragePool(kernel=(3, 3), pad=((1, 1), (0, 2))), 3, 9, 9) == ("E207", "pad")


def test_a_window_larger_than_its_input_is_refused() -> None:
    assert refusal(MaxPool(kernel=(3, 3), stride=(2, 2), pad=NONE, dilation=(1, 1)), 3, 2, 9) == ("E204", "kernel")
    assert refusal(MaxPool(kernel=(2, 2), pad=NONE, dilation=(3, 3), ceil=True), 3, 3, 9) == ("E204", "kernel")


def blind_somewhere(pooling: MaxPool, size: int) -> bool:
    """Whether a window's cells all lie outside of the input, by looking at every one."""
    window = pooling.window(tensor(1, size))
    assert window is not None
    places = window.places((size,))[0]
    assert isinstance(places, int)
    starts = [place * window.stride[0] - window.padding[0][0] for place in range(places)]
    cells = [[start + cell * window.dilation[0] for cell in range(window.kernel[0])] for start in starts]
    return any(all(not 0 <= cell < size for cell in row) for row in cells)


def test_windows_that_see_only_padding_are_found() -> None:
    refused = taken = 0
    for kernel in range(1, 7):
        for dilation in range(1, 14):
            for size in range(1, 15):
                paddings = ["same", *(((b, a),) for b in range(kernel // 2 + 1) for a in range(kernel // 2 + 1))]
                for pad in paddings:
                    for stride in (1, 2, 3, 5):
                        pooling = MaxPool((kernel,), (stride,), pad, stride == 2, (dilation,))
                        result = pooling.infer(tensor(1, size))
                        if isinstance(result, Misfit) and result.fact.code == "E204":
                            continue
                        blind = isinstance(result, Misfit)
                        assert blind == blind_somewhere(pooling, size), (pooling.settings(), size)
                        refused, taken = refused + blind, taken + (not blind)
    assert refused > 500
    assert taken > 5000


# ---- open sizes ------------------------------------------------------------------------------


@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("word", ["maxpool", "avgpool"])
@pytest.mark.parametrize("pad", ["same", ((1, 1), (1, 1)), ((0, 1), (1, 0)), NONE])
def test_open_sizes_hold_for_every_size(word: str, pad: object, ceil: bool) -> None:
    pooling = make(
        word, kernel=(3, 3), stride=(2, 2), pad=pad, ceil=ceil, **({"dilation": (1, 1)} if word == "maxpool" else {})
    )
    for height, width in ((2, 3), (3, 2), (5, 4)):
        check(pooling, tensor(3, 2 * H, 2 * W + 1), H=height, W=width)


def test_an_open_last_window_that_begins_outside_is_none() -> None:
    pooling = MaxPool(kernel=(2,), stride=(2,), pad=((1, 1),), ceil=True, dilation=(1,))
    x = tensor(3, 2 * H + 1)
    recorded = check(pooling, x, H=3)
    assert substitute(recorded.site.y.spatial[0], {"H": 3}) == check(pooling, tensor(3, 7)).site.y.spatial[0]


def test_three_axes_of_open_sizes_are_padded_where_pytorch_would_refuse() -> None:
    pooling = AveragePool(kernel=(3, 3, 3), stride=(1, 1, 1), pad=((1, 1),) * 3)
    check(pooling, tensor(3, H, 4, 4), H=1)


def test_what_hangs_on_an_open_size_is_refused() -> None:
    for settings, parameter in (({"pad": "same"}, "pad"), ({"pad": NONE, "ceil": True}, "ceil")):
        result = AveragePool(kernel=(3, 3), stride=(2, 2), **settings).infer(tensor(3, H, 8))
        assert isinstance(result, Misfit)
        assert (result.fact.code, result.parameter) == ("E209", parameter)


def test_an_open_size_must_hold_the_window() -> None:
    pooling = AveragePool(kernel=(3, 3), pad=((0, 0), (1, 1)))
    site = record(pooling, tensor(3, H, W)).site
    assert pooling.needs(site) == ((H, 3),)


# ---- the nodes -------------------------------------------------------------------------------


def test_ceil_mode_is_never_written_and_count_include_pad_always() -> None:
    for seed in range(100):
        for word in ("maxpool", "avgpool"):
            draw = Draw(seed)
            pooling, x = pool(draw, word), draw.tensor(3)
            if isinstance(pooling.infer(x), Misfit):
                continue
            for node in record(pooling, x).graph.nodes:
                assert "ceil_mode" not in node.attributes
                assert node.operator != "AveragePool" or "count_include_pad" in node.attributes


@pytest.mark.parametrize("between", [[], ["dropout"], ["identity"]])
@pytest.mark.parametrize("word", ["maxpool", "avgpool"])
@pytest.mark.parametrize("inner", [((0, 0), (0, 0)), ((1, 1), (1, 1)), ((1, 0), (0, 1))])
def test_zeros_before_a_pool_stay_zeros(word: str, inner: tuple[tuple[int, int], ...], between: list[str]) -> None:
    zeros = make("pad", width=((2, 2), (3, 1)))
    kernel = {"kernel": (3, 3), "stride": (2, 2), "pad": inner}
    pooling = make(word, **kernel, **({"dilation": (1, 1)} if word == "maxpool" else {}))
    check_chain(tensor(2, 5, 6), zeros, *map(make, between), pooling)


def test_an_empty_batch_passes() -> None:
    x = tensor(3, 7, 7)
    pooling = AveragePool(kernel=(3, 3), stride=(2, 2), pad=((1, 1), (1, 1)), count_pad=True, ceil=True)
    model = onnx_model(record(pooling, x), {}, {"x0": x})
    assert run_onnx(model, {"x0": np.zeros((0, 3, 7, 7), np.float32)}, optimise=True).shape == (0, 3, 4, 4)
