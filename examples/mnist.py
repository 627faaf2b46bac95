"""Train one of three models on MNIST, and say how well it reads the test images.

    python examples/mnist.py --data DIR --model mlp --seed 0

DIR holds the four files of MNIST, packed or not; without --data they are downloaded once, to the
user's cache. `linear` is a linear classifier that learns by squared error on one-hot labels,
`softmax` softmax regression, `mlp` a network with 100 hidden units.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import autograd
import nn
import optim
from nn import metrics


class Recipe(NamedTuple):
    sizes: list[int]
    loss: Callable[[Any, Any], autograd.Tensor]
    epochs: int
    lr: float
    weight_decay: float


RECIPES = {
    "linear": Recipe([784, 10], nn.MSELoss(), epochs=5, lr=1e-3, weight_decay=0.0),
    "softmax": Recipe([784, 10], nn.CrossEntropyLoss(), epochs=10, lr=2e-3, weight_decay=0.0),
    "mlp": Recipe([784, 100, 10], nn.CrossEntropyLoss(), epochs=20, lr=3e-3, weight_decay=1e-5),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a model on MNIST.")
    parser.add_argument("--data", type=Path, help="folder with MNIST's four files")
    parser.add_argument("--model", choices=RECIPES, default="mlp")
    parser.add_argument("--seed", type=int, default=0, help="of everything random")
    options = parser.parse_args()
    try:
        (x, y), (x_test, y_test) = nn.data.mnist(options.data)
    except (OSError, ValueError) as error:
        parser.error(str(error))

    autograd.manual_seed(options.seed)
    recipe = RECIPES[options.model]
    model = nn.MLP(recipe.sizes)
    optimizer = optim.Adam(model.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=recipe.epochs)
    target = nn.functional.one_hot(y, 10) if options.model == "linear" else y
    start = time.perf_counter()
    history = nn.fit(
        model,
        (x, target),
        recipe.loss,
        optimizer,
        epochs=recipe.epochs,
        batch_size=100,
        schedule=schedule,
    )
    seconds = time.perf_counter() - start
    accuracy = metrics.accuracy(nn.predict(model, x_test), y_test)
    print(f"{options.model}: {nn.summary(model, (784,)).parameters:,} parameters, {seconds:.0f} s")
    print(f"compiled: {history.compiled}")
    print(f"test accuracy: {100 * accuracy:.2f} %")


if __name__ == "__main__":
    main()
