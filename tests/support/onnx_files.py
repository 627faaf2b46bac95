"""What is exported to ONNX and then run, by whichever program runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from support.operations import CASES, PLAIN, Case
from support.stacks import STACKS, Stack

import autograd
import nn
from autograd import Tensor
from nn.cosine import CosineLinear
from nn.io import export_onnx
from nn.io.onnx.operators import OPERATORS
from nn.maxout import Maxout
from nn.weight_norm import weight_norm

Array = Any
Run = Callable[[Any, list[Array]], Array]  # of a file and the inputs, the output


class OneCall(nn.Module):
    """A model that calls one row of the table of operations on constants, whatever its input."""

    def __init__(self, case: Case, which: int) -> None:
        self.case, self.which = case, which
        self.given = tuple(map(Tensor, case.draw(np.float32)))

    def forward(self, _x: Tensor) -> Tensor:
        return self.case.apply(*self.given)[self.which]


# Operations of which some rows are refused, and the reasons.
REFUSED = {
    "GetItem": ("how many entries a mask chooses", "of several arrays or numbers"),
    "Pad": ("the frame has several constants",),
    "Einsum": ("ONNX does not stretch axes of length 1",),
    "Tril": ("a triangle is taken of a vector",),
    "Triu": ("a triangle is taken of a vector",),
}


def calls() -> list[Case]:
    """Every row of an operation that ONNX can say; empty arrays are left to those who run it."""
    return [
        case
        for case in (*CASES, *PLAIN)
        if isinstance(case.op, type) and case.op.__name__ in OPERATORS
        if all(np.prod(one.shape) for one in case.inputs)
    ]


class Wide(nn.Module):
    """A forward pass with the traps of a batch that is not yet known."""

    def __init__(self) -> None:
        self.first = nn.Linear(6, 4)
        self.scale = nn.Parameter(np.linspace(0.5, 1.5, 4, dtype=np.float32))

    def forward(self, x: Tensor) -> Tensor:
        flat = x.reshape(len(x), -1)  # a length that depends on the batch
        hidden = autograd.tanh(self.first(flat) * self.scale)
        offset = autograd.broadcast_to(self.scale, (len(x), 4))
        both = autograd.concatenate([hidden[:, 1:], offset[:, :2]], axis=1)
        heads = both.reshape(len(x), 5, 1) * hidden[:, None, :]
        best = autograd.where(heads > 0, heads, 0.1 * heads).max(axis=1)
        return best[:, [3, 0]] - best.mean(axis=0)[0] + best.std(axis=1, keepdims=True)


class EachWithEach(nn.Module):
    """Two axes of the batch's length."""

    def forward(self, x: Tensor) -> Tensor:
        return (x @ x.T).reshape(len(x), len(x), 1).mean(axis=1)


class Pooled(nn.Module):
    """Rows of an embedding, chosen by numbers that the forward pass computes."""

    def __init__(self) -> None:
        self.embedding = nn.Embedding(7, 3)

    def forward(self, x: Tensor) -> Tensor:
        turned = autograd.where(x > 3, x - 1, x)
        columns = self.embedding.weight[x, None].max(axis=2).sum(axis=1)
        return self.embedding(turned).mean(axis=1) + self.embedding(x)[:, -1] - columns


NETWORKS: dict[str, Stack] = {
    **STACKS,
    "batches of matrices": Stack(lambda _: Wide(), ((2, 3),)),
    "pooled embedding": Stack(lambda _: Pooled(), ((4,),), 7),
    "each with each": Stack(lambda _: EachWithEach()),
    "only the input": Stack(lambda nn: nn.Sequential(nn.Dropout(0.5))),
    "maxout": Stack(lambda nn: nn.Sequential(Maxout(4, 3, pieces=2), CosineLinear(3, 2))),
    "weight norm": Stack(lambda nn: nn.Sequential(weight_norm(nn.Linear(4, 3)), nn.Tanhshrink())),
    "double": Stack(lambda nn: nn.Sequential(nn.Linear(4, 3, dtype=float), nn.Sigmoid())),
}


def network(name: str) -> nn.Module:
    """A network of the table, after a batch of training, which statistics remember."""
    stack = NETWORKS[name]
    autograd.manual_seed(0)
    model = stack.build(nn)
    model(*map(Tensor, like(model, stack.batch(9, seed=1))))
    return model.eval()


def like(model: nn.Module, inputs: list[Array]) -> list[Array]:
    """The inputs in the dtype of the model's parameters."""
    dtype = next((p.dtype for p in model.parameters()), np.dtype(np.float32))
    return [x.astype(dtype) if x.dtype.kind == "f" else x for x in inputs]


def check_network(name: str, path: Any, run: Run, tolerance: float) -> None:
    """Export a network, and compare its outputs for batches of several sizes."""
    stack, model = NETWORKS[name], network(name)
    given = [x.shape[1:] for x in stack.batch(1)] if not stack.classes else stack.batch(2)
    export_onnx(model, path, given if len(given) > 1 else given[0])
    for n in (1, 4, 11):
        inputs = like(model, stack.batch(n, seed=n))
        expected = model(*map(Tensor, inputs)).data
        found = run(path, inputs)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance, strict=True)


def check_call(case: Case, path: Any, run: Run) -> bool:
    """Export a row and compare its results; whether it was exported rather than refused."""
    x = np.zeros((2, 1), np.float32)
    for which in range(len(case.apply(*case.draw()))):
        model = OneCall(case, which)
        try:
            export_onnx(model, path, x)
        except ValueError as error:
            if any(reason in str(error) for reason in REFUSED.get(case.op.__name__, ())):
                return False
            raise
        expected = model(Tensor(x)).data
        found = run(path, [x])
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-6, strict=True)
    return True
