"""Weights exchanged with PyTorch in files, both ways: the same names, and the same outputs.

`make test-pytorch` runs it, in the environment that has PyTorch and safetensors.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from fixtures import make_torch_weights
from support.stacks import STACKS

import nn
from autograd import Tensor
from nn.io import load_weights, save_weights

TOLERANCE = 1e-6
each_stack = pytest.mark.parametrize("stack", STACKS.values(), ids=list(STACKS))


def of_pytorch(network, inputs):
    with torch.no_grad():
        return network(*map(torch.from_numpy, inputs)).numpy()


@each_stack
def test_pytorch_weights_load_here(stack, tmp_path):
    theirs, ours = make_torch_weights.trained(stack), stack.build(nn).eval()
    safetensors.torch.save_file(theirs.state_dict(), tmp_path / "m.safetensors")
    assert load_weights(ours, tmp_path / "m.safetensors") == ([], [])
    inputs = stack.batch(7, seed=3)
    output = ours(*map(Tensor, inputs)).data
    np.testing.assert_allclose(output, of_pytorch(theirs, inputs), rtol=TOLERANCE, atol=TOLERANCE)


@each_stack
def test_these_weights_load_in_pytorch(stack, tmp_path):
    ours, theirs = stack.build(nn), stack.build(torch.nn).eval()
    ours(*map(Tensor, stack.batch(5)))  # a batch of training, which statistics remember
    save_weights(ours.eval(), tmp_path / "m.safetensors")
    theirs.load_state_dict(safetensors.torch.load_file(tmp_path / "m.safetensors"))
    inputs = stack.batch(7, seed=3)
    output = ours(*map(Tensor, inputs)).data
    np.testing.assert_allclose(of_pytorch(theirs, inputs), output, rtol=TOLERANCE, atol=TOLERANCE)


@each_stack
def test_the_names_stand_in_the_same_order(stack):
    assert list(stack.build(nn).state_dict()) == list(stack.build(torch.nn).state_dict())


def test_the_stored_networks_are_what_the_script_makes():
    path = Path(make_torch_weights.__file__).with_name("torch_weights.json")
    stored = json.loads(path.read_text())
    assert list(stored["stacks"]) == list(STACKS)
    for name, stack in STACKS.items():
        state = make_torch_weights.trained(stack).state_dict()
        kept = stored["stacks"][name]["state"]
        assert list(kept) == list(state)
        for key, (dtype, values) in kept.items():
            np.testing.assert_allclose(
                np.array(values, dtype), state[key].numpy(), rtol=1e-4, atol=1e-5, err_msg=key
            )
