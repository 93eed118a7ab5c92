"""`attention`, `cross_attention` and `window_attention` against ONNX's inference, onnxruntime and PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import netdsl
from netdsl.ops.contract import EVERYWHERE, Misfit, Reach
from netdsl.targets.onnx.lower import OPSETS
from netdsl.types.sizes import symbol
from netdsl.types.tensors import TensorType
from tests.ops.harness import check, make, record, site_of, tensor, torch_module

H, T, W = symbol("H"), symbol("T"), symbol("W")
SHAPES = [(12, 1), (12, 7), (12, 3, 5), (12, 2, 3, 2)]
SETTINGS: list[dict[str, Any]] = [{}, {"causal": True}, {"bias": False}, {"causal": True, "bias": False}]


def module_of(word: str, *inputs: TensorType, **settings: Any) -> nn.Module:
    """PyTorch's module, with numbers drawn from the seed 0 in all weights."""
    layer = make(word, **settings)
    module = torch_module(layer.pytorch(site_of(layer, *inputs))).double()
    torch.manual_seed(0)
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    return module


# ---- attention -------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("heads", [1, 3, 12])
@pytest.mark.parametrize("shape", SHAPES)
def test_attention(shape: tuple[int, ...], heads: int, settings: dict[str, Any]) -> None:
    recorded = check(make("attention", heads=heads, **settings), tensor(*shape))
    assert recorded.site.y.shape == shape


@pytest.mark.parametrize("opset", OPSETS)
def test_attention_at_every_opset(opset: int) -> None:
    check(make("attention", heads=2, causal=True), tensor(4, 5), opset=opset)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_attention_of_open_sizes(settings: dict[str, Any]) -> None:
    for length in (1, 4, 9):
        check(make("attention", heads=2, **settings), tensor(8, T), T=length)
    check(make("attention", heads=2, **settings), tensor(8, H, W), H=3, W=4)
    check(make("attention", heads=2, **settings), tensor(8, 3, W), W=4)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_attention_is_that_of_pytorch_with_its_weights(settings: dict[str, Any]) -> None:
    options = {"bias": settings.get("bias", True), "dtype": torch.float64, "batch_first": True}
    reference = nn.MultiheadAttention(12, 3, **options)
    module = module_of("attention", tensor(12, 7), heads=3, **settings)
    reference.load_state_dict(module.state_dict())
    x = torch.randn(2, 12, 7, dtype=torch.float64)
    mask = torch.ones(7, 7, dtype=torch.bool).triu(1) if settings.get("causal") else None
    tokens = x.mT
    expected, _ = reference(tokens, tokens, tokens, need_weights=False, attn_mask=mask)
    torch.testing.assert_close(module(x), expected.mT)


def test_a_causal_place_sees_nothing_of_those_behind_it() -> None:
    module = module_of("attention", tensor(8, 6), heads=2, causal=True)
    x = torch.randn(1, 8, 6, dtype=torch.float64)
    changed = x.clone()
    changed[:, :, 4:] += 1
    torch.testing.assert_close(module(x)[:, :, :4], module(changed)[:, :, :4])
    assert not torch.allclose(module(x)[:, :, 4:], module(changed)[:, :, 4:])


def test_dropout_is_there_in_training_only() -> None:
    module = module_of("attention", tensor(8, 6), heads=2, dropout=0.5)
    without = module_of("attention", tensor(8, 6), heads=2)
    x = torch.randn(1, 8, 6, dtype=torch.float64)
    torch.testing.assert_close(module.eval()(x), without(x))
    assert not torch.allclose(module.train()(x), without(x))


def test_attention_begins_as_in_pytorch() -> None:
    layer = make("attention", heads=3)
    weights = {weight.name: weight for weight in layer.weights(record(layer, tensor(12, 7)).site)}
    torch.manual_seed(0)
    theirs = nn.MultiheadAttention(12, 3).state_dict()
    torch.manual_seed(0)
    ours = torch_module(layer.pytorch(site_of(layer, tensor(12, 7)))).state_dict()
    assert list(weights) == list(theirs) == list(ours)
    for name, weight in weights.items():
        assert weight.shape == tuple(theirs[name].shape) == tuple(ours[name].shape)
        drawn = weight.initializer.draw(np.random.default_rng(0), 100_000)
        bound = float(np.abs(drawn).max())
        for found in (theirs[name], ours[name]):
            assert float(found.abs().max()) <= bound * 1.001
            assert float(found.abs().max()) >= bound * 0.9


@pytest.mark.parametrize("causal", [False, True])
def test_costs_are_those_that_pytorch_counts(causal: bool) -> None:
    layer = make("attention", heads=3, causal=causal)
    site = record(layer, tensor(12, 5, 4)).site
    with torch.device("meta"), FlopCounterMode(display=False) as counter, torch.no_grad():
        torch_module(layer.pytorch(site)).eval()(torch.empty(1, 12, 5, 4))
    counts = {str(name): flops // 2 for name, flops in counter.get_flop_counts()["Global"].items()}
    products = counts.pop("aten.bmm")
    assert layer.macs(site) == sum(counts.values()) == 4 * 12 * 12 * 20
    assert layer.further_macs(site) == (("attention", products),)
    assert layer.reach(site) is EVERYWHERE


@pytest.mark.parametrize(
    ("shape", "code"), [((12,), "E208"), ((T, 12), "E209"), ((10, 5), "E240"), ((2, 5), "E240")], ids=str
)
@pytest.mark.parametrize("word", ["attention", "cross_attention"])
def test_what_attention_refuses(word: str, shape: tuple[Any, ...], code: str) -> None:
    inputs = (tensor(*shape),) * make(word, heads=3).least_inputs
    result = make(word, heads=3).infer(*inputs)
    assert isinstance(result, Misfit)
    assert result.fact.code == code


# ---- cross_attention -------------------------------------------------------------------------


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_cross_attention(shape: tuple[int, ...], settings: dict[str, Any]) -> None:
    recorded = check(make("cross_attention", heads=3, **settings), tensor(*shape), tensor(12, 4))
    assert recorded.site.y.shape == shape
    check(make("cross_attention", heads=3, **settings), tensor(12, 4), tensor(*shape))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_cross_attention_of_open_sizes(settings: dict[str, Any]) -> None:
    check(make("cross_attention", heads=2, **settings), tensor(8, T), tensor(8, H, W), T=5, H=2, W=3)


def test_cross_attention_is_that_of_pytorch() -> None:
    module = module_of("cross_attention", tensor(12, 7), tensor(12, 5), heads=3)
    reference = nn.MultiheadAttention(12, 3, dtype=torch.float64, batch_first=True)
    reference.load_state_dict(module.state_dict())
    x, memory = torch.randn(2, 12, 7, dtype=torch.float64), torch.randn(2, 12, 5, dtype=torch.float64)
    expected, _ = reference(x.mT, memory.mT, memory.mT, need_weights=False)
    torch.testing.assert_close(module(x, memory), expected.mT)


def test_costs_of_cross_attention() -> None:
    layer = make("cross_attention", heads=3)
    site = site_of(layer, tensor(12, 7), tensor(12, 5))
    assert layer.macs(site) == 2 * 144 * 7 + 2 * 144 * 5
    assert layer.further_macs(site) == (("attention", 2 * 12 * 7 * 5),)


def test_the_memory_has_the_same_channels() -> None:
    result = make("cross_attention", heads=3).infer(tensor(12, 7), tensor(9, 7))
    assert isinstance(result, Misfit)
    assert result.fact.code == "E241"


SPEC = """
net Translation {
    input source: 16xS
    input target: 16xT
    source -> add { | attention 4 | } -> layer_norm as memory
    target -> add { | attention 4 causal=true | } as known
    add { | known | cross_attention(known, memory, heads=4, dropout=0.1) }
    layer_norm -> fc 30 axis=channels :: 30xT
}
"""


def test_both_targets_agree_on_a_net_of_both() -> None:
    net = netdsl.parse(SPEC).only()
    assert net.verify().agrees
    assert "cross_attention1.in_proj_weight" in net.weights()


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_the_batch_stays_free(batch: int) -> None:
    model = netdsl.parse(SPEC).only().onnx()
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    arrays = {"source": np.zeros((batch, 16, 5), np.float32), "target": np.zeros((batch, 16, 4), np.float32)}
    assert session.run(None, arrays)[0].shape == (batch, 30, 4)


# ---- window_attention ------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("size", "window", "shift"),
    [
        ((4, 6), (2, 3), (0, 0)),
        ((4, 6), (2, 3), (1, 1)),
        ((4, 6), (2, 3), (0, 2)),
        ((4, 6), (4, 3), (1, 1)),
        ((4, 6), (4, 6), (2, 3)),
        ((3, 4), (1, 1), (0, 0)),
        ((8, 8), (4, 4), (2, 2)),
    ],
)
def test_window_attention(size: tuple[int, int], window: tuple[int, int], shift: tuple[int, int], bias: bool) -> None:
    layer = make("window_attention", window=window, heads=2, shift=shift, bias=bias)
    assert check(layer, tensor(6, *size)).site.y.shape == (6, *size)


@pytest.mark.parametrize("opset", OPSETS)
def test_window_attention_at_every_opset(opset: int) -> None:
    layer = make("window_attention", window=(2, 2), heads=2, shift=(1, 1))
    check(layer, tensor(4, 4, 4), opset=opset)


@pytest.mark.parametrize("shift", [0, 1, 3])
def test_a_window_is_attention_with_a_number_for_every_distance(shift: int) -> None:
    """Place by place: who sees whom, and by which row of the table, from the definition alone."""
    height, width, window, heads = 8, 12, 4, 2
    settings = {"window": (window, window), "heads": heads, "shift": (shift, shift)}
    module = module_of("window_attention", tensor(6, height, width), **settings)
    x = torch.randn(1, 6, height, width, dtype=torch.float64)
    query, key, value = module.qkv(x[0].flatten(1).mT).detach().unflatten(1, (3, heads, -1)).permute(1, 2, 0, 3)
    table = module.relative_position_bias_table.detach()
    cells = [(row, column) for row in range(height) for column in range(width)]
    scores = torch.full((heads, len(cells), len(cells)), -torch.inf, dtype=torch.float64)
    for one, (row, column) in enumerate(cells):
        for two, (other_row, other_column) in enumerate(cells):
            down, right = row - other_row, column - other_column
            if (row - shift) // window == (other_row - shift) // window and (column - shift) // window == (
                other_column - shift
            ) // window:
                near = table[(down + window - 1) * (2 * window - 1) + right + window - 1]
                scores[:, one, two] = near + (query[:, one] * key[:, two]).sum(-1) / (6 / heads) ** 0.5
    mixed = (scores.softmax(-1) @ value).permute(1, 0, 2).flatten(1)
    expected = module.proj(mixed).mT.reshape(1, 6, height, width)
    torch.testing.assert_close(module(x), expected)


def test_costs_of_windows_are_those_that_pytorch_counts() -> None:
    layer = make("window_attention", window=(2, 3), heads=2, shift=(1, 1))
    site = record(layer, tensor(6, 4, 6)).site
    with torch.device("meta"), FlopCounterMode(display=False) as counter, torch.no_grad():
        torch_module(layer.pytorch(site)).eval()(torch.empty(1, 6, 4, 6))
    counts = {str(name): flops // 2 for name, flops in counter.get_flop_counts()["Global"].items()}
    products = counts.pop("aten.bmm")
    assert layer.macs(site) == sum(counts.values())
    assert layer.further_macs(site) == (("attention", products),)


def test_published_weights_have_indices_that_are_none(tmp_path: Path) -> None:
    net = netdsl.parse("net Windows { input 6x4x4; attn: window_attention 2 heads=2 }").only()
    state = net.module().state_dict()
    assert list(state) == list(net.weights())
    torch.save({**state, "attn.relative_position_index": torch.arange(16)}, tmp_path / "windows.pth")
    loaded = net.module(weights=net.weights_from(tmp_path / "windows.pth")).state_dict()
    assert all(torch.equal(loaded[name], array) for name, array in state.items())


@pytest.mark.parametrize(
    ("shape", "settings", "code", "parameter"),
    [
        ((6, 4), {}, "E226", None),
        ((6, H, 4), {}, "E209", None),
        ((T, 4, 4), {}, "E209", None),
        ((5, 4, 4), {}, "E240", "heads"),
        ((6, 4, 5), {}, "E244", "window"),
        ((6, 4, 4), {"shift": (0, 2)}, "E303", "shift"),
    ],
)
def test_what_windows_refuse(shape: Any, settings: dict[str, Any], code: str, parameter: str | None) -> None:
    result = make("window_attention", **{"window": (2, 2), "heads": 2, "shift": (0, 0), **settings}).infer(
        tensor(*shape)
    )
    assert isinstance(result, Misfit)
    assert (result.fact.code, result.parameter) == (code, parameter)


def test_what_a_place_sees_of_windows() -> None:
    layer = make("window_attention", window=(2, 3), heads=2, shift=(0, 0))
    reach = layer.reach(record(layer, tensor(6, 4, 6)).site)
    assert isinstance(reach, Reach)
    assert (reach.window, reach.stride, reach.before) == ((3, 5), (1, 1), (1, 2))
    assert layer.reach(record(layer, tensor(6, 2, 3)).site) is EVERYWHERE
