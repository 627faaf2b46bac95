"""Losses between distributions, and likelihoods of counts and of numbers with their own spread."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.functional import distributions as functional
from nn.functional.reductions import mean_over_batch
from nn.losses.base import Loss


class KLDivLoss(Loss):
    """Kullback-Leibler divergence, from log-probabilities: `nn.functional.kl_div`.

    The reduction is "mean" (over all entries), "batchmean" (over the rows), "sum" or "none".
    """

    def __init__(self, reduction: str = "mean", log_target: bool = False, *wrong: Any) -> None:
        super().__init__(reduction, wrong, log_target, batchmean=mean_over_batch)
        self.log_target = log_target

    def forward(self, log_prediction: Any, target: Any) -> Tensor:
        return functional.kl_div(
            log_prediction, target, reduction=self.reduction, log_target=self.log_target
        )


class GaussianNLLLoss(Loss):
    """Targets from normal distributions, variances given: `nn.functional.gaussian_nll_loss`."""

    def __init__(
        self, *wrong: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction, wrong, full, eps)
        self.full = full
        self.eps = eps

    def forward(self, prediction: Any, target: Any, var: Any) -> Tensor:
        return functional.gaussian_nll_loss(
            prediction, target, var, self.full, self.eps, reduction=self.reduction
        )


class PoissonNLLLoss(Loss):
    """Counts from Poisson distributions: `nn.functional.poisson_nll_loss`."""

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        *wrong: Any,
        eps: float = 1e-8,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction, wrong, log_input, full, eps)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.poisson_nll_loss(
            prediction, target, self.log_input, self.full, self.eps, reduction=self.reduction
        )
