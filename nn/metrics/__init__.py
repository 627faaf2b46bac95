"""How good predictions are: numbers for people to read, where a loss is one to be made smaller.

    metric = nn.metrics.Accuracy()
    for x, y in loader:
        metric.update(model(x), y)
    metric.compute()

Every metric also is a function of all predictions and targets at once, with the same settings:
`nn.metrics.accuracy(prediction, target)`. Updated batch by batch, in whatever pieces, a metric is
that of the whole; means of batches' values would not be. Nothing here makes a graph.
"""

from nn.metrics.accuracy import Accuracy, TopKAccuracy, accuracy, top_k_accuracy
from nn.metrics.base import Metric
from nn.metrics.confusion import ConfusionMatrix, confusion_matrix
from nn.metrics.per_class import F1, Precision, Recall, f1, precision, recall
from nn.metrics.regression import MAE, R2, RMSE, mae, r2, rmse

__all__ = [
    "F1",
    "MAE",
    "R2",
    "RMSE",
    "Accuracy",
    "ConfusionMatrix",
    "Metric",
    "Precision",
    "Recall",
    "TopKAccuracy",
    "accuracy",
    "confusion_matrix",
    "f1",
    "mae",
    "precision",
    "r2",
    "recall",
    "rmse",
    "top_k_accuracy",
]
