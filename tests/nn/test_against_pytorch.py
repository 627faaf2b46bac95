"""Modules and losses against PyTorch's: results, gradients, buffers, as the fixtures hold them.

The rows are in support/torch_losses.py, torch_layers.py and torch_activations.py; what PyTorch
makes of them was written to tests/fixtures/nn_*.json by tests/fixtures/make_nn.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import torch_activations, torch_layers, torch_losses
from support.torch_cases import MAKE, Case, upstream

import autograd
import nn
from autograd import Tensor

FIXTURES = Path(__file__).parents[1] / "fixtures"
TABLES = {"losses": torch_losses, "layers": torch_layers, "activations": torch_activations}
STORED = {
    name: json.loads((FIXTURES / f"nn_{name}.json").read_text(encoding="utf-8"))["results"]
    for name in TABLES
}
NEAR = {np.float64: 1e-12, np.float32: 1e-5}  # relative to the largest entry
ROWS = [
    pytest.param(name, case, id=case.key) for name, table in TABLES.items() for case in table.CASES
]


@pytest.fixture
def precision(dtype: Any) -> Any:
    """Modules are made in the dtype of the test."""
    autograd.set_default_dtype(dtype)
    yield
    autograd.set_default_dtype(np.float32)


def results(case: Case, dtype: Any) -> dict[str, Any]:
    """What is compared, by name."""
    settings = case.settings_for(Tensor, dtype)
    settings = {"axis" if name == "dim" else name: one for name, one in settings.items()}
    module = case.build(nn, settings)
    parameters: dict[str, Tensor] = {}
    if isinstance(module, nn.Module):
        module.train(case.training)
        parameters = dict(module.named_parameters())
        state = {name: one for name, one in module.state_dict().items() if case.fills(name)}
        floating = {name: one for name, one in state.items() if one.dtype.kind == "f"}
        filled = {name: case.state(name, one.shape) for name, one in floating.items()}
        module.load_state_dict({**module.state_dict(), **filled})
    for call in range(case.calls):
        given = zip(case.draw(dtype, call), case.inputs, strict=True)
        inputs = [Tensor(a, requires_grad=a.dtype.kind == "f" and one.wants) for a, one in given]
        output = module(*inputs)
    found: dict[str, Any] = {"output": output}
    wanted = {f"gradient of input {i}": x for i, x in enumerate(inputs) if x.requires_grad}
    wanted |= {f"gradient of {name}": one for name, one in parameters.items()}
    if output.requires_grad:
        g = upstream(output.shape, dtype)
        gradients = autograd.grad(output, list(wanted.values()), g, allow_unused=True)
        for (name, x), gradient in zip(wanted.items(), gradients, strict=True):
            found[name] = np.zeros(x.shape, x.dtype) if gradient is None else gradient
    if isinstance(module, nn.Module):
        state = module.state_dict()
        buffers = [name for name in state if name not in parameters and case.fills(name)]
        found |= {f"buffer {name}": state[name] for name in buffers}
    return {name: np.asarray(one) for name, one in found.items()}


@pytest.mark.usefixtures("precision")
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(("table", "case"), ROWS)
def test_row(table: str, case: Case, dtype: Any) -> None:
    assert case.key in STORED[table], f"its results are not stored; run {MAKE} {table}"
    stored = STORED[table][case.key]
    found = results(case, dtype)
    assert found.keys() == stored.keys()
    near = NEAR[dtype]
    for name, one in found.items():
        expected = np.asarray(stored[name])
        assert one.shape == expected.shape or one.size == expected.size == 0, name
        assert one.dtype.kind != "f" or one.dtype == dtype, name
        scale = max(1e-300, np.max(np.abs(expected), initial=0))
        np.testing.assert_allclose(one, expected, rtol=near, atol=near * scale, err_msg=name)


@pytest.mark.parametrize("table", TABLES)
def test_the_stored_results_are_those_of_the_rows(table: str) -> None:
    keys = [case.key for case in TABLES[table].CASES]
    assert len(set(keys)) == len(keys), "a row stands in the table twice"
    stale = STORED[table].keys() - set(keys)
    assert not stale, f"results without a row: {sorted(stale)}; run {MAKE} {table}"
