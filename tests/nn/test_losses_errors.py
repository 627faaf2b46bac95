"""What losses say to wrong shapes, values and settings; to wrong labels: test_losses_labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.checks import message
from support.losses import LABELS, TABLE, Row

from autograd import Tensor
from nn import losses
from nn.functional.binary import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from nn.functional.classification import cross_entropy, nll_loss
from nn.functional.distributions import gaussian_nll_loss, kl_div, poisson_nll_loss
from nn.functional.margins import multi_margin_loss, triplet_margin_loss
from nn.functional.regression import huber_loss, mse_loss, rmse_loss, smooth_l1_loss
from nn.functional.similarity import cosine_embedding_loss

each_row = pytest.mark.parametrize("row", TABLE, ids=str)
LOGITS = np.zeros((4, 3), np.float32)
ONES = np.ones((4, 3), np.float32)

# Shapes

MISMATCHES = [
    (
        (4, 1),
        (4,),
        "mse_loss: there must be one target for each prediction, in the same shape. Broadcast, "
        "they would make (4, 4) errors, each with each.\n"
        "  prediction  (4, 1) float32\n"
        "  target      (4,) float64\n"
        "  fix  prediction.squeeze(-1), or target[..., None]",
    ),
    (
        (4,),
        (4, 1),
        "mse_loss: there must be one target for each prediction, in the same shape. Broadcast, "
        "they would make (4, 4) errors, each with each.\n"
        "  prediction  (4,) float32\n"
        "  target      (4, 1) float64\n"
        "  fix  target.squeeze(-1), or prediction[..., None]",
    ),
    (
        (2, 3),
        (3, 2),
        "mse_loss: there must be one target for each prediction, in the same shape.\n"
        "  prediction  (2, 3) float32\n"
        "  target      (3, 2) float64\n"
        "  fix  target.reshape(prediction.shape)",
    ),
    (
        (4, 1),
        (),
        "mse_loss: there must be one target for each prediction, in the same shape.\n"
        "  prediction  (4, 1) float32\n"
        "  target      () float64",
    ),
]


@pytest.mark.parametrize(("ours", "theirs", "expected"), MISMATCHES)
def test_other_shapes_are_errors_and_not_broadcast(ours: Any, theirs: Any, expected: str) -> None:
    prediction, target = np.ones(ours, np.float32), np.ones(theirs)
    assert message(ValueError, lambda: mse_loss(prediction, target)) == expected


@pytest.mark.parametrize(
    ("fix", "shapes"),
    [
        (lambda p, t: (p.squeeze(-1), t), ((4, 1), (4,))),
        (lambda p, t: (p, t[..., None]), ((4, 1), (4,))),
        (lambda p, t: (p, t.squeeze(-1)), ((4,), (4, 1))),
        (lambda p, t: (p[..., None], t), ((4,), (4, 1))),
        (lambda p, t: (p, t.reshape(p.shape)), ((2, 3), (3, 2))),
    ],
)
def test_the_fixes_that_messages_name_do_work(fix: Any, shapes: Any) -> None:
    prediction, target = (Tensor(np.ones(shape)) for shape in shapes)
    assert mse_loss(*fix(prediction, target)).item() == 0


@each_row
def test_no_loss_broadcasts_its_inputs(row: Row) -> None:
    """A column, one example, one too few: what broadcasting would take."""
    for place, given in enumerate(row.inputs):
        if place == 0 or (row.function is gaussian_nll_loss and place == 2):  # variances may be
            continue
        for wrong in (given[..., None], given[:1], given[:-1]):
            inputs = [*row.inputs[:place], wrong, *row.inputs[place + 1 :]]
            with pytest.raises(ValueError, match="shape"):
                row.call(*inputs)


# Values


VALUES: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: binary_cross_entropy(LOGITS - 3, LOGITS),
        "binary_cross_entropy: the predictions must be from 0 to 1, and 12 of 12 are not; the "
        "first is -3 at [0, 0]. Apply a sigmoid before this loss; or better none, and take "
        "binary_cross_entropy_with_logits, which is exact for large logits too.",
    ),
    (
        lambda: binary_cross_entropy(0.5, [0, 1, 2][2]),
        "binary_cross_entropy: the targets must be from 0 to 1, and 1 of 1 are not; the first is "
        "2. Of labels -1 and 1 make (labels + 1) / 2, or take soft_margin_loss.",
    ),
    (
        lambda: binary_cross_entropy_with_logits([1, 2, 3], [1, -1, -1]),
        "binary_cross_entropy_with_logits: the targets must be from 0 to 1, and 2 of 3 are not; "
        "the first is -1 at [1]. Of labels -1 and 1 make (labels + 1) / 2, or take "
        "soft_margin_loss.",
    ),
    (
        lambda: multilabel_soft_margin_loss([[1, 2]], [[1, np.nan]]),
        "multilabel_soft_margin_loss: the targets must be from 0 to 1, and 1 of 2 are not; the "
        "first is nan at [0, 1]. NaN is no number: mend the data, or see "
        "autograd.detect_anomaly().",
    ),
    (
        lambda: soft_margin_loss([1, 2, 3], [1, 0, -1]),
        "soft_margin_loss: the targets must be -1 or 1, and 1 of 3 are not; the first is 0 at "
        "[1]. Of labels 0 and 1 make 2 * labels - 1.",
    ),
    (
        lambda: kl_div(LOGITS, LOGITS - 1),
        "kl_div: the targets must not be negative, and 12 of 12 are not; the first is -1 at "
        "[0, 0]. They are probabilities; if these are logarithms, say log_target=True.",
    ),
    (
        lambda: poisson_nll_loss([1, 2], [3, -1]),
        "poisson_nll_loss: the targets must not be negative, and 1 of 2 are not; the first is -1 "
        "at [1]. They are counts.",
    ),
    (
        lambda: gaussian_nll_loss(LOGITS, LOGITS, LOGITS - 1),
        "gaussian_nll_loss: variances must not be negative, and 12 of 12 are not; the first is -1 "
        "at [0, 0]. Let the network predict its logarithm, and give var=log_var.exp().",
    ),
    (
        lambda: gaussian_nll_loss(LOGITS, LOGITS, np.ones((2, 3))),
        "gaussian_nll_loss: there is one variance for each prediction, shape (4, 3), for each row, "
        "shape (4, 1), or one for all; var has shape (2, 3).",
    ),
    (
        lambda: cosine_embedding_loss(LOGITS, LOGITS, np.ones((4, 1))),
        "cosine_embedding_loss: there is one target for each row, shape (4,); target has shape "
        "(4, 1).",
    ),
]


@pytest.mark.parametrize(("call", "expected"), VALUES)
def test_values_out_of_range(call: Callable[[], Any], expected: str) -> None:
    assert message(ValueError, call) == expected


SETTINGS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: cross_entropy(LOGITS, [0, 1, 2, 0], label_smoothing=10),
        "cross_entropy: label_smoothing is a part from 0 to 1, not 10.",
    ),
    (
        lambda: cross_entropy(LOGITS, [0, 1, 2, 0], [1, 2]),
        "cross_entropy: weight has one number for each class, shape (3,), not (2,).",
    ),
    (
        lambda: nll_loss(LOGITS, [0, 1, 2, 0], [1, 2, -1]),
        "nll_loss: the weights of classes are not negative.",
    ),
    (
        lambda: binary_cross_entropy(LOGITS, LOGITS, ONES[:, 0]),
        "binary_cross_entropy: weight has shape (4,), and does not broadcast to the losses' shape "
        "(4, 3). Give one for each class, shape (3,), or for each example, shape (4, 1).",
    ),
    (
        lambda: binary_cross_entropy_with_logits(LOGITS, ONES, pos_weight=np.ones((5, 4, 3))),
        "binary_cross_entropy_with_logits: pos_weight has shape (5, 4, 3), and does not broadcast "
        "to the losses' shape (4, 3). Give one for each class, shape (3,), or for each example, "
        "shape (4, 1).",
    ),
    (
        lambda: multi_margin_loss(LOGITS, [0, 1, 2, 0], p=3),
        "multi_margin_loss: p is 1, or 2 for squared hinges, not 3.",
    ),
    (lambda: huber_loss(1, 2, delta=0), "huber_loss: delta is a positive number, not 0."),
    (
        lambda: smooth_l1_loss(1, 2, beta=-1),
        "smooth_l1_loss: beta is not negative, as -1 is.",
    ),
    (
        lambda: triplet_margin_loss(LOGITS, LOGITS, LOGITS, margin=0),
        "triplet_margin_loss: margin is a positive number, not 0.",
    ),
    (
        lambda: losses.KLDivLoss("batch_mean"),
        'KLDivLoss: reduction is "mean", "sum", "none" or "batchmean", not \'batch_mean\'.',
    ),
    (
        lambda: losses.MSELoss("avg"),
        'MSELoss: reduction is "mean", "sum", "none" or "half", not \'avg\'.',
    ),
]


@pytest.mark.parametrize(("call", "expected"), SETTINGS)
def test_settings_that_mean_nothing(call: Callable[[], Any], expected: str) -> None:
    assert message(ValueError, call) == expected


@each_row
def test_an_unknown_reduction_is_refused(row: Row) -> None:
    name = row.function.__name__
    with pytest.raises(ValueError, match=f'^{name}: reduction is "mean", "sum"(,| or) "none"'):
        row.call(*row.inputs, reduction="avg")
    with pytest.raises(ValueError, match=f'^{row.module.__name__}: reduction is "mean"'):
        row.module(reduction="avg")


def test_a_reduction_in_the_place_of_a_weight() -> None:
    said = "the reduction is given by name, reduction='sum'."
    for function in (cross_entropy, nll_loss, binary_cross_entropy, multilabel_soft_margin_loss):
        target = LABELS[:4] if function in (cross_entropy, nll_loss) else LOGITS
        given = message(TypeError, lambda f=function, y=target: f(LOGITS, y, "sum"))
        assert given == f"{function.__name__}: {said}"
    assert message(TypeError, lambda: losses.NLLLoss("sum")) == f"NLLLoss: {said}"


@pytest.mark.parametrize("name", sorted({row.module.__name__ for row in TABLE} | {"RMSELoss"}))
def test_a_loss_made_with_what_it_is_to_be_called_with_says_so(name: str) -> None:
    x = Tensor(np.ones((2, 2)))
    assert message(TypeError, lambda: getattr(losses, name)(x, x)) == (
        f"{name} is made once and then called: loss = nn.{name}(); loss(prediction, target)."
    )


@each_row
def test_an_empty_batch_has_no_mean(row: Row) -> None:
    empty = [one[:0] for one in row.inputs]
    expected = "The batch is empty, so its losses have no mean."
    assert message(ValueError, lambda: row.call(*empty)) == expected
    assert row.call(*empty, reduction="sum").item() == 0


def test_an_empty_batch_has_no_root_of_a_mean() -> None:
    said = message(ValueError, lambda: rmse_loss(np.zeros((0, 3)), np.zeros((0, 3))))
    assert said == "The batch is empty, so its losses have no mean."
