"""`netdsl weights`, and `--weights` with `--match` where a net is compiled, run or verified."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

import netdsl as netdsl_package


def rows(text: str) -> list[list[str]]:
    """The cells of a table's lines."""
    return [line.split() for line in text.splitlines() if line.strip("-")]


@pytest.fixture
def arrays(folder: Path) -> dict[str, np.ndarray]:
    """Numbers for the clean spec, also in files under its own names and under others."""
    generator = np.random.default_rng(1)
    weights = netdsl_package.load("clean.net").only().weights()
    found = {name: generator.random(weight.shape, np.float32) for name, weight in weights.items()}
    np.savez("own.npz", **found)
    np.savez("other.npz", **{name.replace("conv1", "features").replace("fc1", "head"): a for name, a in found.items()})
    return found


def test_the_weights_of_a_spec(netdsl) -> None:
    code, out, err = netdsl("weights", "clean.net")
    assert (code, err) == (0, "")
    assert rows(out) == [
        ["Digits", "clean.net:1"],
        ["key", "shape", "parameters", "buffers"],
        ["conv1.weight", "6x1x5x5", "150"],
        ["conv1.bias", "6", "6"],
        ["fc1.weight", "10x1176", "11,760"],
        ["fc1.bias", "10", "10"],
        ["4", "weights", "11,926"],
    ]
    assert "10x" not in netdsl("weights", "clean.net", "--set", "classes=7").out


def test_the_keys_of_a_spec_are_those_of_pytorchs_state_dict(netdsl, folder: Path) -> None:
    (folder / "bn.net").write_text("net B { input i: 3x8x8; stem: { conv 3x3 x4 bias=false -> bn }; flatten; fc 2 }\n")
    listed = [row[0] for row in rows(netdsl("weights", "bn.net").out)][2:-1]
    state = netdsl_package.load("bn.net").only().module().state_dict()
    assert listed == [name for name in state if not name.endswith("num_batches_tracked")]
    assert "7 weights" in netdsl("weights", "bn.net").out


def test_the_weights_in_a_file(netdsl, arrays) -> None:
    code, out, err = netdsl("weights", "other.npz")
    assert (code, err) == (0, "")
    assert rows(out)[0] == ["key", "shape", "type", "numbers"]
    assert rows(out)[1] == ["features.weight", "6x1x5x5", "float32", "150"]
    assert rows(out)[-1] == ["4", "arrays", "11,926"]
    assert "conv1.weight" in netdsl("weights", "specs/samples/lenet5.safetensors").out


def test_a_file_that_cannot_be_read_is_a_message(netdsl, folder: Path) -> None:
    (folder / "w.safetensors").write_bytes(b"\xff" * 20)
    for arguments in (("weights", "w.safetensors"), ("compile", "clean.net", "-t", "onnx", "-o", "c.onnx")):
        more = ("--weights", "w.safetensors") if arguments[0] == "compile" else ()
        code, out, err = netdsl(*arguments, *more)
        assert (code, out) == (2, "")
        assert err.startswith("netdsl: w.safetensors is no safetensors file that can be read: ")
    assert netdsl("weights", "none.npz").err == "netdsl: none.npz: No such file or directory\n"
    assert netdsl("weights", "wrong.net").code == 1


def test_match_order_compiles_and_says_what_went_where(netdsl, arrays, folder: Path) -> None:
    code, _, err = netdsl(
        "compile", "clean.net", "-t", "onnx", "-o", "c.onnx", "--weights", "other.npz", "--match", "order"
    )
    assert code == 0, err
    assert rows(err)[0] == ["weight", "array", "in", "the", "file", "shape", "numbers"]
    assert ["fc1.bias", "head.bias", "10", "10"] in rows(err)
    assert rows(err)[-1] == ["4", "weights", "11,926"]
    initializers = {each.name: onnx.numpy_helper.to_array(each) for each in onnx.load("c.onnx").graph.initializer}
    for name, array in arrays.items():
        assert (initializers[name] == array).all()


def test_by_name_the_same_file_is_refused_with_the_layers_lines(netdsl, arrays, folder: Path) -> None:
    code, _, err = netdsl("compile", "clean.net", "-t", "onnx", "-o", "c.onnx", "--weights", "other.npz")
    assert code == 1
    assert "error[E401 weight-missing]" in err
    assert "error[E403 weight-surplus]" in err
    assert " --> clean.net:3:12" in err
    assert not (folder / "c.onnx").exists()


def test_match_order_runs_and_verifies(netdsl, arrays, folder: Path) -> None:
    np.save("x.npy", np.ones((1, 1, 28, 28), np.float32))
    results = []
    for name, match in (("own.npz", "name"), ("other.npz", "order")):
        out = f"{match}.npz"
        arguments = ("--weights", name, "--match", match)
        assert netdsl("run", "clean.net", "-i", "x.npy", "-o", out, "--device", "cpu", *arguments).code == 0
        results.append(np.load(out)["output"])
        assert netdsl("verify", "clean.net", *arguments).code == 0
    assert (results[0] == results[1]).all()
    assert np.abs(results[0]).max() > 0


def test_a_file_without_an_order_is_taken_by_order_with_a_word_of_warning(netdsl, arrays) -> None:
    arguments = ("compile", "specs/lenet5.net", "-t", "onnx", "-o", "l.onnx", "--match", "order", "--weights")
    found = netdsl(*arguments, "specs/samples/lenet5.safetensors")
    assert (found.code, "is sorted by name" in found.err) == (0, True)
    assert ["fc3.bias", "fc3.bias", "10", "10"] in rows(found.err)
    ordered = netdsl("verify", "clean.net", "--match", "order", "--weights", "own.npz")
    assert (ordered.code, "is sorted by name" in ordered.err) == (0, False)


def test_the_weights_of_another_net_do_not_flood_the_terminal(netdsl, arrays) -> None:
    np.savez("many.npz", **{f"layer{number}.weight": np.ones(3, np.float32) for number in range(67)})
    code, out, err = netdsl("verify", "clean.net", "--weights", "many.npz")
    assert (code, out) == (1, "")
    assert err.count("error[") == 10
    assert err.splitlines()[-2] == "… and 61 more"
    assert err.splitlines()[-1].startswith("netdsl: none of the names fits; `--match order`")


def test_order_is_no_advice_where_a_name_fits(netdsl, arrays) -> None:
    np.savez("some.npz", **{name: array for name, array in arrays.items() if name != "fc1.bias"})
    code, out, err = netdsl("verify", "clean.net", "--weights", "some.npz")
    assert (code, out) == (1, "")
    assert err.count("error[") == 1
    assert "none of the names" not in err
    assert "more" not in err
