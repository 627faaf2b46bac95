"""The threshold unit with its learning rule."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, get_default_dtype, matmul, no_grad
from autograd.diagnosis import describe
from nn.checks import whole_number
from nn.functional.operands import floating
from nn.module import Module
from nn.parameter import Parameter


class Perceptron(Module):
    """A threshold unit: 1 where w · x + b ≥ 0, else 0.

    Its answer is a step, whose derivative is 0; so it does not learn through its answers, but by a
    rule of its own, `update`, or by the gradient of `loss`, which is the same. Where a line (a
    hyperplane) parts the examples of 1 from those of 0, the rule finds one after finitely many
    mistakes; where none does, as for XOR, it goes on for ever.

    Args:
        in_features: the length of an input row.
        dtype: of weight and bias; the default dtype (float32) if None.

    Attributes:
        weight: w, of shape (in_features,), zeros at first.
        bias: b, of shape (), zero at first.

    Shapes: x (..., in_features); the result is (...).

    Raises:
        TypeError, ValueError: in_features is not a positive whole number; called with rows of
            another length.

    Source: Rosenblatt, "The Perceptron: A Probabilistic Model for Information Storage and
    Organization in the Brain", Psychological Review 65 (1958); the end of learning: Novikoff, "On
    Convergence Proofs on Perceptrons" (1962).
    """

    def __init__(self, in_features: int, dtype: DTypeLike | None = None) -> None:
        self.in_features = whole_number(in_features, "Perceptron", "in_features")
        dtype = get_default_dtype() if dtype is None else np.dtype(dtype)
        self.weight = Parameter(np.zeros(self.in_features, dtype))
        self.bias = Parameter(np.zeros((), dtype))

    def forward(self, x: Any) -> Tensor:
        return _step(self._sum(self._rows(x)))

    def loss(self, x: Any, y: Any) -> Tensor:
        """−(y − ŷ)(w · x + b), added up over the rows: 0 where the answers ŷ are right.

        A step of plain gradient descent on it is the perceptron's rule, all rows at once.
        Raises ValueError if y is not a 0 or a 1 for each row.
        """
        sums = self._sum(self._rows(x))
        return ((_step(sums) - _answers(y, sums)) * sums).sum()

    def update(self, x: Any, y: Any, lr: float = 1.0) -> int:
        """Learn from rows one after the other: w ← w + lr (y − ŷ) x and b ← b + lr (y − ŷ).

        Args:
            x: a row, or rows.
            y: the right answer, 0 or 1, for each.
            lr: the step α.

        Returns:
            How many answers were wrong, each at its turn.

        Raises ValueError if y is not a 0 or a 1 for each row.
        """
        rows = self._rows(x)
        answers = _answers(y, self._sum(rows)).data.ravel()
        weight: Tensor = self.weight
        bias: Tensor = self.bias
        mistakes = 0
        with no_grad():
            for row, answer in zip(rows.data.reshape(-1, self.in_features), answers, strict=True):
                error = float(answer - self(row).item())
                weight += lr * error * row
                bias += lr * error
                mistakes += error != 0
        return mistakes

    def _rows(self, x: Any) -> Tensor:
        rows = floating(x)
        if rows.shape[-1:] != (self.in_features,):
            raise ValueError(
                f"Perceptron: it has {self.in_features} inputs, x is (..., {self.in_features}), "
                f"and this is {describe(rows)}."
            )
        return rows

    def _sum(self, rows: Tensor) -> Tensor:
        return matmul(rows, self.weight) + self.bias

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}"


def _step(sums: Tensor) -> Tensor:
    """1 where the sum is 0 or more, else 0."""
    return (sums.detach() >= 0).astype(sums.dtype)


def _answers(y: Any, sums: Tensor) -> Tensor:
    """The right answers as a Tensor. Raises ValueError if they are not 0 or 1, one for each row."""
    answers = Tensor(np.asarray(y))
    if answers.shape != sums.shape:
        raise ValueError(
            f"Perceptron: there is one answer for each row, shape {sums.shape}, and y is "
            f"{describe(answers)}."
        )
    wrong = answers.data[(answers.data != 0) & (answers.data != 1)]
    if wrong.size:
        signs = (np.absolute(answers.data) == 1).all()
        fix = " For −1 and 1 write (y + 1) / 2." if signs else ""
        raise ValueError(
            f"Perceptron: answers are 0 or 1, and the first that is not is {wrong[0]}.{fix}"
        )
    return answers.astype(sums.dtype)
