"""Weights in files: out and in, among them PyTorch's."""

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from support.stacks import STACKS
from support.states import bits, network, raw_safetensors

import nn
from autograd import Tensor
from nn.io import load_weights, read_weights, save_weights

TRAINED = json.loads(Path(__file__).parents[1].joinpath("fixtures/torch_weights.json").read_text())[
    "stacks"
]

both = pytest.mark.parametrize("suffix", [".safetensors", ".npz"])


# Out and in


@both
def test_a_model_comes_back_bit_for_bit(tmp_path, suffix):
    source, target = network(seed=1), network(seed=2)
    path = tmp_path / "runs" / "1" / f"model{suffix}"
    save_weights(source, path)
    assert bits(read_weights(path)) == bits(source.state_dict())
    assert load_weights(target, path) == ([], [])
    assert bits(target.state_dict()) == bits(source.state_dict())
    assert [one.name for one in path.parent.iterdir()] == [path.name]


DTYPES = [np.float16, np.float32, np.float64, np.bool, np.int8, np.int16, np.int32, np.int64]
DTYPES += [np.uint8, np.uint16, np.uint32, np.uint64]
ARRAYS = {
    **{np.dtype(dtype).name: np.arange(6).reshape(2, 3).astype(dtype) for dtype in DTYPES},
    "not finite": np.array([np.nan, np.inf, -np.inf, -0.0]),
    "a number": np.array(7),
    "empty": np.zeros((0, 3), np.float32),
    "transposed": np.arange(6.0, dtype=np.float32).reshape(2, 3).T,
    "strided": np.arange(12.0)[::3],
    "file": np.ones(1),
    "allow_pickle": np.ones(1),
    "größe/mit.punkt": np.ones(1),
}


@both
def test_arrays_of_every_dtype_shape_layout_and_name(tmp_path, suffix):
    path = tmp_path / f"state{suffix}"
    save_weights(ARRAYS, path)
    read = read_weights(path)
    assert bits(read) == bits(ARRAYS)
    assert all(array.flags.writeable for array in read.values())


@both
def test_the_other_order_of_bytes_is_turned_on_the_way(tmp_path, suffix):
    path = tmp_path / f"state{suffix}"
    save_weights({"weight": np.array([[1.0, 2.0]], ">f8"), "bias": np.array([3], ">i2")}, path)
    read = read_weights(path)
    assert read["weight"].tolist() == [[1, 2]]
    assert read["bias"].tolist() == [3]
    foreign = tmp_path / "foreign.npz"
    np.savez(foreign, weight=np.array([[1.0, 2.0]], ">f4"), bias=np.array([3.0], ">f4"))
    layer = nn.Linear(2, 1)
    load_weights(layer, foreign)
    assert layer.weight.data.tolist() == [[1, 2]]
    assert layer.weight.dtype == np.dtype("=f4")


def test_the_files_are_what_others_read_and_write(tmp_path):
    state = network().state_dict()
    save_weights(state, tmp_path / "ours.npz")
    with np.load(tmp_path / "ours.npz", allow_pickle=False) as archive:
        assert bits(dict(archive)) == bits(state)
    np.savez_compressed(tmp_path / "theirs.npz", **state)
    assert bits(read_weights(tmp_path / "theirs.npz")) == bits(state)
    save_weights(state, tmp_path / "ours.safetensors")
    assert bits(safetensors.numpy.load_file(tmp_path / "ours.safetensors")) == bits(state)
    safetensors.numpy.save_file(state, tmp_path / "theirs.safetensors")
    assert bits(read_weights(tmp_path / "theirs.safetensors")) == bits(state)


def test_safetensors_tell_who_wrote_them(tmp_path):
    save_weights(network(), tmp_path / "model.safetensors")
    with safetensors.safe_open(tmp_path / "model.safetensors", framework="np") as file:
        metadata = file.metadata()
    assert metadata["format"] == "np"
    assert metadata["writer"] == "readable-autograd"
    assert metadata["version"]


def test_bfloat16_is_read_as_float32_exactly(tmp_path):
    # 1.0, −2.5, the largest bfloat16 (0x7F7F = 2¹²⁷ (2 − 2⁻⁷)), infinity: by the format's layout
    content = np.array([0x3F80, 0xC020, 0x7F7F, 0x7F80], "<u2").tobytes()
    (tmp_path / "b.safetensors").write_bytes(raw_safetensors("BF16", [2, 2], content))
    read = read_weights(tmp_path / "b.safetensors")["w"]
    assert read.dtype == np.float32
    assert read.tolist() == [[1.0, -2.5], [2.0**127 * (2 - 2.0**-7), np.inf]]


def test_wider_and_narrower_floats_are_converted_as_load_state_dict_does(tmp_path):
    layer = nn.Linear(2, 1)
    state = {"weight": np.array([[0.1, 2]]), "bias": np.array([3], np.float16)}
    save_weights(state, tmp_path / "w.npz")
    load_weights(layer, tmp_path / "w.npz")
    assert layer.weight.dtype == np.float32
    assert layer.weight.data.tolist() == [[np.float32(0.1), 2]]


def test_tensors_may_stand_in_a_state_dict(tmp_path):
    save_weights({"w": Tensor([1.0, 2.0])}, tmp_path / "w.npz")
    assert read_weights(tmp_path / "w.npz")["w"].tolist() == [1, 2]


def test_names_of_one_side_only_are_passed_over_if_not_strict(tmp_path):
    save_weights({"weight": np.ones((1, 2)), "head": np.ones(3)}, tmp_path / "w.npz")
    layer = nn.Linear(2, 1)
    assert load_weights(layer, tmp_path / "w.npz", strict=False) == (["bias"], ["head"])
    assert layer.weight.data.tolist() == [[1, 1]]


# PyTorch's weights


@pytest.mark.parametrize("name", STACKS)
@both
def test_weights_trained_by_pytorch_give_its_outputs(tmp_path, name, suffix):
    """The file is written by the library that PyTorch writes with; the numbers are PyTorch's."""
    stack, row = STACKS[name], TRAINED[name]
    state = {key: np.array(values, dtype) for key, (dtype, values) in row["state"].items()}
    path = tmp_path / f"torch{suffix}"
    save = safetensors.numpy.save_file if suffix == ".safetensors" else save_weights
    save(state, path)
    model = stack.build(nn).eval()
    before = model.state_dict()
    load_weights(model, path)
    output = model(*map(Tensor, stack.batch(5, seed=2))).data
    assert output.dtype == np.float32
    np.testing.assert_allclose(output, row["output"], rtol=1e-6, atol=1e-6)
    assert any((before[key] != state[key]).any() for key in state)
