"""Exported networks and operations, run by onnxruntime: the same outputs to 1e-5.

`make test-onnx` runs it, in an environment that has onnxruntime.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from support.cases import Case
from support.onnx_files import NETWORKS, Array, calls, check_call, check_network


def run(path: Any, inputs: list[Array]) -> Array:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    found: Array = session.run(["output"], dict(zip(names, inputs, strict=True)))[0]
    return found


@pytest.mark.parametrize("case", calls(), ids=repr)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_operation_gives_the_same_numbers(case: Case, tmp_path: Any) -> None:
    check_call(case, tmp_path / "x.onnx", run)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_gives_the_same_numbers_for_any_batch(name: str, tmp_path: Any) -> None:
    check_network(name, tmp_path / "x.onnx", run, 1e-5)


def test_a_classifier_of_the_course_size_runs(tmp_path: Any) -> None:
    import nn
    from autograd import Tensor
    from nn.io import export_onnx

    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10), nn.Softmax())
    export_onnx(model, tmp_path / "x.onnx", (784,))
    x = np.random.default_rng(0).random((256, 784), np.float32)
    np.testing.assert_allclose(run(tmp_path / "x.onnx", [x]), model(Tensor(x)).data, atol=1e-5)
