"""scikit-learn's MLPClassifier."""

from __future__ import annotations

import math
import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from workloads import Built, Epochs

TITLE = "scikit-learn"
IMPORT = "from sklearn.neural_network import MLPClassifier"
PACKAGES = ("sklearn",)
DISTRIBUTIONS = ("scikit-learn", "numpy")


def epochs(work: Epochs) -> Built:
    x, y = work.data()
    network = work.network
    classifier = MLPClassifier(
        network.sizes[1:-1],
        alpha=0,
        batch_size=network.batch,
        learning_rate_init=network.lr,
        epsilon=work.eps,
        shuffle=False,
        max_iter=work.epochs,
        n_iter_no_change=math.inf,
        warm_start=True,  # goes on with the weights as they are
    )
    warnings.simplefilter("ignore", ConvergenceWarning)
    classifier.partial_fit(x, y, classes=range(network.sizes[-1]))  # makes the arrays of weights
    layers = list(zip(classifier.coefs_, classifier.intercepts_, strict=True))
    for (weight, bias), (our_weight, our_bias) in zip(layers, network.weights(), strict=True):
        weight[:], bias[:] = our_weight.T, our_bias
    return Built(
        lambda: classifier.fit(x, y),
        lambda: [array.T.copy() for layer in layers for array in layer],
    )
