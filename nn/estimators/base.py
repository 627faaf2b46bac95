"""What classifier and regressor have in common."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from autograd import Tensor
from nn import training
from nn.checks import not_negative, number, positive, whole_number
from nn.data.arguments import Array, random_source
from nn.data.splits import train_dev_test_split
from nn.linear import Linear
from nn.metrics import Metric
from nn.mlp import MLP
from nn.regularizers import L2
from optim import SGD, Adam, Optimizer

SOLVERS: dict[Any, Any] = {
    "adam": Adam,
    "sgd": partial(SGD, momentum=0.9, nesterov=True),
}
# Names that scikit-learn has for what nn.MLP calls otherwise
ACTIVATIONS: dict[Any, Any] = {"logistic": "sigmoid", "identity": None}
CHECKS: dict[str, Callable[[Any, str, str], Any]] = {
    "max_iter": whole_number,
    "n_iter_no_change": whole_number,
    "tol": not_negative,
    "alpha": not_negative,
    "learning_rate_init": positive,
}
AT_A_TIME = 200  # examples in a batch, for batch_size="auto"


class Perceptron(BaseEstimator):  # type: ignore[misc]  # scikit-learn comes without types
    """What classifier and regressor have in common."""

    model_: MLP
    n_outputs_: int

    def __init__(
        self,
        hidden_layer_sizes: int | Iterable[int] = (100,),
        activation: Any = "relu",
        *,
        solver: str | Callable[..., Optimizer] = "adam",
        alpha: float = 1e-4,
        batch_size: Any = "auto",
        learning_rate_init: float = 1e-3,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
    ) -> None:
        # As scikit-learn has it: stored as they are, so that a search may set them one by one, and
        # looked at in `fit`.
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change

    def fit(self, X: Any, y: Any) -> Self:
        """Train on X (n, features) and y; anew, unless `warm_start`.

        Raises ValueError or TypeError for settings or data that do not fit; warns if training did
        not end by itself within max_iter epochs.
        """
        self._check()
        again = self.warm_start and hasattr(self, "model_")
        x, target = self._training_data(X, y, again, None)
        self._begin(x.shape[1], again)
        metric, monitor, validation = self._metric(), "loss", None
        if self.early_stopping:
            (x, target), validation = self._split(x, target)
            monitor = f"val_{metric.name}"
        stopping = training.EarlyStopping(
            monitor,
            patience=self.n_iter_no_change,
            min_delta=self.tol,
            mode="max" if self.early_stopping else "min",
            restore_best=self.early_stopping,
        )
        self._run(x, target, self.max_iter, validation, [metric] * self.early_stopping, [stopping])
        scores = self.history_.numbers.get(monitor, [])
        self.validation_scores_ = scores if self.early_stopping else None
        if self.history_.stopped is None:
            warnings.warn(
                f"{self._who}: after max_iter={self.max_iter} epochs the {monitor} still got "
                "better. Give a larger max_iter, or a larger learning_rate_init; and scale the "
                "features, if they are not.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _one_epoch(self, X: Any, y: Any, classes: Any = None) -> Self:
        self._check()
        again = hasattr(self, "model_")
        x, target = self._training_data(X, y, again, classes)
        if not again:
            self._begin(x.shape[1], again)
        self._run(x, target, 1)
        return self

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each layer, (inputs, outputs)."""
        return [layer.weight.data.T for layer in self._layers()]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer, (outputs,)."""
        return [layer.bias.data for layer in self._layers()]

    def _layers(self) -> list[Any]:
        check_is_fitted(self, "model_")
        return [layer for layer in self.model_ if isinstance(layer, Linear)]

    @property
    def _who(self) -> str:
        return type(self).__name__

    def _training_data(self, X: Any, y: Any, again: bool, classes: Any) -> tuple[Array, Array]:
        """X as float32 and y as the loss takes it; `again` if they go to the network there is.

        Otherwise notes `n_outputs_`, and what else is learned from y.
        """
        raise NotImplementedError

    def _loss(self, prediction: Tensor, target: Any) -> Tensor:
        """The mean loss of a batch, without penalty."""
        raise NotImplementedError

    def _metric(self) -> Metric:
        """What early stopping watches."""
        raise NotImplementedError

    def _split(self, x: Array, target: Array) -> Any:
        share = self.validation_fraction
        return train_dev_test_split(
            *(x, target),
            sizes=(1 - share, share),
            stratify=target if target.ndim == 1 else None,  # labels
            generator=self._random,
        )

    def _check(self) -> None:
        """Raise ValueError or TypeError for settings that the network itself does not check."""
        for name, check in CHECKS.items():
            check(getattr(self, name), self._who, name)
        if self.batch_size != "auto":
            whole_number(self.batch_size, self._who, "batch_size")
        if not 0 < number(self.validation_fraction, self._who, "validation_fraction") < 1:
            raise ValueError(
                f"{self._who}: validation_fraction is between 0 and 1, not "
                f"{self.validation_fraction}."
            )
        if not callable(self.solver) and self.solver not in SOLVERS:
            raise ValueError(
                f"{self._who}: solver is {' or '.join(map(repr, SOLVERS))}, or a function that "
                f"makes an optimizer, such as optim.RMSprop; not {self.solver!r}."
            )

    def _begin(self, features: int, again: bool) -> None:
        """Make the optimiser, and the network, unless there is one already."""
        if not again:
            state = self.random_state
            # A seed, or what scikit-learn draws seeds from; None is the project's own generator.
            seed = None if state is None else check_random_state(state).randint(2**31 - 1)
            self._random = random_source(seed)
            hidden = self.hidden_layer_sizes
            sizes = list(hidden) if isinstance(hidden, Iterable) else [hidden]
            self.model_ = MLP(
                [features, *sizes, self.n_outputs_],
                ACTIVATIONS.get(self.activation, self.activation),
                init="xavier_uniform",
                dtype=np.float32,
                generator=self._random,
            )
            self.loss_curve_: list[float] = []
        solver = SOLVERS.get(self.solver, self.solver)
        self._optimizer = solver(self.model_.parameters(), lr=self.learning_rate_init)

    def _run(
        self,
        x: Array,
        target: Array,
        epochs: int,
        validation: Any = None,
        metrics: Iterable[Metric] = (),
        callbacks: Iterable[training.EarlyStopping] = (),
    ) -> None:
        penalty = L2(self.alpha)

        def loss(prediction: Tensor, target: Any) -> Tensor:
            # scikit-learn's convention: per batch, ½ α ΣW² is shared among its examples.
            return self._loss(prediction, target) + penalty(self.model_) / len(target)

        size = AT_A_TIME if self.batch_size == "auto" else self.batch_size
        self.history_ = training.fit(
            self.model_,
            (x, target),
            loss,
            self._optimizer,
            epochs=epochs,
            validation=validation,
            metrics=metrics,
            callbacks=callbacks,
            batch_size=size,
            shuffle=self.shuffle,
            generator=self._random,
            progress=bool(self.verbose),
        )
        self.loss_curve_ = self.loss_curve_ + self.history_.numbers.get("loss", [])
        self.n_iter_ = len(self.loss_curve_)

    def _raw(self, X: Any) -> Array:
        """What the network gives for X, (n, outputs)."""
        check_is_fitted(self, "model_")
        return training.predict(self.model_, validate_data(self, X, dtype=np.float32, reset=False))
