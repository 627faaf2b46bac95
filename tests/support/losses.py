"""The table of losses: each as a module and as a function, and what the tests call it with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nn import losses
from nn.functional import (
    binary,
    classification,
    distributions,
    margins,
    regression,
    similarity,
)

Array = Any
rng = np.random.default_rng(0)

N, C = 5, 3
NUMBERS, OTHERS, THIRD = rng.standard_normal((3, N, C))
PROBABILITIES, PARTS = rng.uniform(0.1, 0.9, (2, N, C))
ROWS = PARTS / PARTS.sum(axis=-1, keepdims=True)
SIGNS = np.where(PARTS < 0.5, -1.0, 1.0)
COUNTS = np.rint(6 * PARTS)
LABELS = np.array([2, 0, 1, 1, 0])
SOME_IGNORED = np.array([2, -100, 1, -100, 0])
WEIGHTS = np.array([0.5, 2.0, 1.25])


@dataclass(frozen=True)
class Row:
    """A loss, what it is called with, how many of the inputs learn, and the settings."""

    module: type[losses.base.Loss]
    function: Callable[..., Any]
    inputs: tuple[Array, ...]
    learn: int
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.function.__name__}({', '.join(self.settings)})"

    def call(self, *inputs: Any, **more: Any) -> Any:
        """The function, with the settings of the row."""
        return self.function(*inputs, **self.settings, **more)


def row(module: Any, function: Any, *inputs: Array, learn: int = 1, **settings: Any) -> Row:
    return Row(module, function, inputs, learn, settings)


MSE = row(losses.MSELoss, regression.mse_loss, NUMBERS, OTHERS, learn=2)
BCE = row(losses.BCELoss, binary.binary_cross_entropy, PROBABILITIES, ROWS, learn=2)
LOGITS = row(
    losses.BCEWithLogitsLoss, binary.binary_cross_entropy_with_logits, NUMBERS, ROWS, learn=2
)
CROSS = row(losses.CrossEntropyLoss, classification.cross_entropy, NUMBERS, LABELS)
NLL = row(losses.NLLLoss, classification.nll_loss, NUMBERS, LABELS)
GAUSS = row(
    losses.GaussianNLLLoss,
    distributions.gaussian_nll_loss,
    *(NUMBERS, OTHERS, PROBABILITIES),
    learn=3,
)

TABLE = [
    MSE,
    row(losses.L1Loss, regression.l1_loss, NUMBERS, OTHERS, learn=2),
    row(losses.HuberLoss, regression.huber_loss, NUMBERS, OTHERS, learn=2, delta=0.7),
    row(losses.SmoothL1Loss, regression.smooth_l1_loss, NUMBERS, OTHERS, learn=2, beta=0.7),
    BCE,
    row(losses.BCELoss, binary.binary_cross_entropy, PROBABILITIES, ROWS, weight=WEIGHTS),
    LOGITS,
    row(LOGITS.module, LOGITS.function, NUMBERS, ROWS, learn=2, pos_weight=WEIGHTS),
    row(LOGITS.module, LOGITS.function, NUMBERS, ROWS, weight=WEIGHTS),
    row(losses.MultiLabelSoftMarginLoss, binary.multilabel_soft_margin_loss, NUMBERS, ROWS),
    row(losses.SoftMarginLoss, binary.soft_margin_loss, NUMBERS, SIGNS),
    CROSS,
    row(CROSS.module, CROSS.function, NUMBERS, LABELS, weight=WEIGHTS),
    row(CROSS.module, CROSS.function, NUMBERS, SOME_IGNORED, ignore_index=-100),
    row(CROSS.module, CROSS.function, NUMBERS, LABELS, label_smoothing=0.2, weight=WEIGHTS),
    row(CROSS.module, CROSS.function, NUMBERS, ROWS),
    row(CROSS.module, CROSS.function, NUMBERS, ROWS, label_smoothing=0.2, weight=WEIGHTS),
    NLL,
    row(NLL.module, NLL.function, NUMBERS, SOME_IGNORED, weight=WEIGHTS),
    row(losses.MultiClassHingeLoss, margins.multi_class_hinge_loss, NUMBERS, LABELS),
    row(losses.MultiClassHingeLoss, margins.multi_class_hinge_loss, NUMBERS, LABELS, p=2),
    row(losses.MultiMarginLoss, margins.multi_margin_loss, NUMBERS, LABELS, p=2, weight=WEIGHTS),
    row(losses.HingeEmbeddingLoss, margins.hinge_embedding_loss, NUMBERS, SIGNS, margin=0.5),
    row(
        losses.MarginRankingLoss,
        margins.margin_ranking_loss,
        *(NUMBERS, OTHERS, SIGNS),
        learn=2,
        margin=0.3,
    ),
    row(
        losses.TripletMarginLoss,
        margins.triplet_margin_loss,
        *(NUMBERS, OTHERS, THIRD),
        learn=3,
        swap=True,
    ),
    row(losses.TripletMarginLoss, margins.triplet_margin_loss, NUMBERS, OTHERS, THIRD, p=3),
    row(losses.KLDivLoss, distributions.kl_div, NUMBERS, ROWS, learn=2),
    row(losses.KLDivLoss, distributions.kl_div, NUMBERS, OTHERS, learn=2, log_target=True),
    GAUSS,
    row(GAUSS.module, GAUSS.function, NUMBERS, OTHERS, PROBABILITIES[:, :1], learn=3, full=True),
    row(losses.PoissonNLLLoss, distributions.poisson_nll_loss, NUMBERS, COUNTS, full=True),
    row(
        losses.PoissonNLLLoss,
        distributions.poisson_nll_loss,
        *(PROBABILITIES, COUNTS),
        log_input=False,
    ),
    row(
        losses.CosineEmbeddingLoss,
        similarity.cosine_embedding_loss,
        *(NUMBERS, OTHERS, SIGNS[:, 0]),
        learn=2,
    ),
    row(losses.CosineProximityLoss, similarity.cosine_proximity_loss, NUMBERS, OTHERS, learn=2),
]
