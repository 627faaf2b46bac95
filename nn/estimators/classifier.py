"""Classes from features."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from autograd import Tensor, log_softmax, softmax
from nn.data.arguments import Array
from nn.estimators.base import Perceptron
from nn.functional.classification import cross_entropy
from nn.metrics import Accuracy, Metric


class MLPClassifier(ClassifierMixin, Perceptron):  # type: ignore[misc]
    """A multilayer perceptron that tells classes apart, with softmax and cross-entropy.

    Args:
        hidden_layer_sizes: the length of each hidden layer.
        activation: what follows each of them: "relu", "tanh", "logistic", "identity", or whatever
            `nn.MLP` takes.
        solver: "adam"; "sgd" with Nesterov's momentum of 0.9; or a function that makes an optimizer
            of parameters and lr=, such as optim.RMSprop.
        alpha: strength of the L2 penalty on weights: ½ α ΣW² is added to the sum of a batch's
            losses.
        batch_size: how many examples at a time; "auto" for 200.
        learning_rate_init: the learning rate.
        max_iter: the most epochs there may be.
        shuffle: whether each epoch has an order of its own.
        random_state: a seed or RandomState for initial weights, order and validation; None for the
            project's own generator (`autograd.manual_seed`).
        tol, n_iter_no_change: training ends when the loss has not got better by more than tol for
            so many epochs.
        verbose: whether there is a progress bar.
        warm_start: whether `fit` goes on with the network of the last call.
        early_stopping: whether what is watched is instead the accuracy (R² in regression) on
            examples set aside, after which the weights are those of the best epoch.
        validation_fraction: which share of the examples that is.

    Attributes, after `fit`:
        classes_: the classes, sorted, as the columns of `predict_proba`.
        model_: the trained `nn.MLP`. Its numbers are float32.
        history_: the `History` of the last training.
        loss_curve_: the mean loss of each epoch, penalty included.
        validation_scores_: of each epoch, or None without early_stopping.
        n_iter_: how many epochs there were; n_features_in_, feature_names_in_: of X.
        coefs_, intercepts_: the layers' weights, each (inputs, outputs), and biases.

    Features should be scaled: make_pipeline(StandardScaler(), MLPClassifier()).
    """

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Train for one epoch more on X and y, all of which counts as training data.

        Args:
            X: (n, features).
            y: (n,), of any of the classes.
            classes: all there are, needed in the first call.
        """
        if classes is None and not hasattr(self, "model_"):
            raise ValueError(
                f"{self._who}: the first call of partial_fit is told all classes that will come: "
                "partial_fit(X, y, classes=np.unique(all_y))."
            )
        return self._one_epoch(X, y, classes)

    def predict(self, X: Any) -> Array:
        """The likeliest class of each row, (n,)."""
        likeliest = self._raw(X).argmax(axis=1)
        found: Array = self.classes_[likeliest]
        return found

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, (n, classes), in the order of `classes_`."""
        found: Array = softmax(Tensor(self._raw(X))).data
        return found

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of the probabilities, (n, classes)."""
        found: Array = log_softmax(Tensor(self._raw(X))).data
        return found

    def _training_data(self, X: Any, y: Any, again: bool, classes: Any) -> tuple[Array, Array]:
        x, labels = validate_data(self, X, y, dtype=np.float32, reset=not again)
        check_classification_targets(labels)
        if not again:
            self._encoder = LabelEncoder().fit(labels if classes is None else classes)
            self.classes_ = self._encoder.classes_
            self.n_outputs_ = len(self.classes_)
            if self.n_outputs_ < 2:
                raise ValueError(
                    f"{self._who}: all {len(labels)} examples are of one class, "
                    f"{self.classes_[0]}, and there is nothing to tell apart."
                )
        return x, self._encoder.transform(labels)

    def _loss(self, prediction: Tensor, target: Any) -> Tensor:
        return cross_entropy(prediction, target)

    def _metric(self) -> Metric:
        return Accuracy()
