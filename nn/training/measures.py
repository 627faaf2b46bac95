"""What is measured while batches go by: the mean loss, and metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from autograd import Tensor
from nn.module import Module

Metric = Any  # a streaming object, or a function of prediction and target
Metrics = Iterable[Metric] | Mapping[str, Metric] | None
TAKEN = ("epoch", "loss", "lr", "seconds")  # the history's own columns


class Streaming(Protocol):
    """A metric that takes in batch after batch."""

    def update(self, prediction: Any, target: Any) -> Any: ...
    def compute(self) -> Any: ...
    def reset(self) -> Any: ...


class MeanOf:
    """A function of prediction and target as a metric: its mean over all examples."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self.function = function
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.total, self.examples = 0.0, 0

    def update(self, prediction: Any, target: Any) -> None:
        """Take in a batch."""
        n = len(target)
        self.total += float(self.function(prediction, target)) * n
        self.examples += n

    def compute(self) -> float:
        """The mean so far."""
        return self.total / self.examples if self.examples else float("nan")


class Measures:
    """The loss and the metrics of one pass over the data.

    Args:
        metrics: as `fit` takes them.
        who: in whose name errors are raised.

    Raises:
        TypeError, ValueError: a metric is none, has no name, or has that of another.
    """

    def __init__(self, metrics: Metrics, who: str) -> None:
        self.who = who
        self.metrics: dict[str, Streaming] = {}
        if isinstance(metrics, str) or not isinstance(metrics, Iterable | None):
            raise TypeError(
                f"{who}: metrics is a list, such as [nn.metrics.Accuracy()], or a dict "
                f"of them by name; not {metrics!r}."
            )
        named = metrics.items() if isinstance(metrics, Mapping) else map(self._named, metrics or ())
        for name, metric in named:
            if name in self.metrics or name in TAKEN or name.startswith("val_"):
                raise ValueError(
                    f"{who}: a metric cannot be called {name!r}, as another column of the history "
                    'is. Give names in a dict, metrics={"name": metric}.'
                )
            self.metrics[name] = self._streaming(name, metric)
        self.reset()

    @property
    def names(self) -> list[str]:
        """What `numbers` gives, in its order."""
        return ["loss", *self.metrics]

    def reset(self) -> None:
        """Begin a pass."""
        self.total, self.examples = 0.0, 0
        for metric in self.metrics.values():
            metric.reset()

    def update(self, prediction: Any, target: Any, loss: float) -> None:
        """Take in a batch: what was predicted, what was right, and the mean loss."""
        n = len(target)
        self.total += loss * n
        self.examples += n
        if self.metrics:
            prediction, target = _array(prediction), _array(target)
            for name, metric in self.metrics.items():
                try:
                    metric.update(prediction, target)
                except Exception as error:
                    error.add_note(f"  in  the metric {name!r}, {type(metric).__name__}")
                    raise

    @property
    def loss(self) -> float:
        """The mean loss over the examples so far."""
        return self.total / self.examples

    def numbers(self) -> dict[str, float]:
        """Loss and metrics over all batches since `reset`."""
        found = {"loss": self.loss}
        for name, metric in self.metrics.items():
            value = metric.compute()
            if np.ndim(getattr(value, "data", value)) != 0:
                raise TypeError(
                    f"{self.who}: the metric {name!r} gives {np.shape(value)} numbers, and the "
                    "history takes one. Choose an average of them; the whole is had after "
                    "training, from nn.predict and the metric."
                )
            found[name] = float(value)
        return found

    def _named(self, metric: Metric) -> tuple[str, Metric]:
        if isinstance(metric, type | str):
            given = metric.__name__ if isinstance(metric, type) else metric
            raise TypeError(
                f"{self.who}: {given!r} is the name of a metric; make one, as in "
                "[nn.metrics.Accuracy()]."
            )
        name = getattr(metric, "name", None) or getattr(metric, "__name__", None)
        if not isinstance(name, str) or name == "<lambda>":
            raise TypeError(
                f"{self.who}: a metric of type {type(metric).__name__} has no name for the "
                'history. Give it one in a dict: metrics={"name": metric}.'
            )
        return name, metric

    def _streaming(self, name: str, metric: Metric) -> Streaming:
        if all(callable(getattr(metric, one, None)) for one in ("update", "compute", "reset")):
            return metric  # type: ignore[no-any-return]
        if callable(metric) and not isinstance(metric, type | Module):
            return MeanOf(metric)
        raise TypeError(
            f"{self.who}: the metric {name!r} is {metric!r:.60}. A metric is an object with "
            "update(prediction, target), compute() and reset(), as those of nn.metrics, or a "
            "function of prediction and target that gives a number."
        )


def _array(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x
