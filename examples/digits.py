"""Train a multilayer perceptron on handwritten digits, and leave pictures of it behind.

    python examples/digits.py --epochs 60 --hidden 128,64 --seed 0 --out out/digits

The 1,797 images (8×8) ship with the package, so nothing is downloaded. They are split by class into
a part for training, one for watching (dev), and one for the final test, which nothing else sees.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import NoReturn

import matplotlib as mpl
import numpy as np
from tqdm import tqdm

import autograd
import nn
import optim
from autograd import Tensor
from autograd.graph import draw
from nn.plots import curves, misclassified

mpl.use("Agg")
import matplotlib.pyplot as plt

FRACTIONS = {"train": 0.7, "dev": 0.1, "test": 0.2}


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"digits.py: {message}\n")


def whole_number(text: str, least: int, most: int | None = None) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if number < least:
        raise argparse.ArgumentTypeError(f"{number} is too small; it must be at least {least}")
    if most is not None and number > most:
        raise argparse.ArgumentTypeError(f"{number} is too large; it must be at most {most}")
    return number


def layer_sizes(text: str) -> list[int]:
    try:
        return [whole_number(size, least=1, most=10_000) for size in text.split(",")]
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}; write sizes such as 128,64") from None


def read_arguments() -> argparse.Namespace:
    parser = Parser(description="Train a multilayer perceptron on handwritten digits.")
    parser.add_argument(
        "--epochs", type=lambda t: whole_number(t, 1), default=60, help="passes over the data"
    )
    parser.add_argument(
        "--hidden", type=layer_sizes, default=[128, 64], help="hidden layers, such as 128,64"
    )
    parser.add_argument(
        "--seed", type=lambda t: whole_number(t, 0), default=0, help="of everything random"
    )
    parser.add_argument("--out", type=Path, default=Path("out/digits"), help="folder for pictures")
    arguments = parser.parse_args()
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"argument --out: {arguments.out} cannot be made: {error.strerror}")
    return arguments


def make_model(hidden: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    size = 64
    for width in hidden:
        layers += [nn.Linear(size, width), nn.ReLU(), nn.Dropout(0.2)]
        size = width
    return nn.Sequential(*layers, nn.Linear(size, 10))


def evaluate(model: nn.Module, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Loss and accuracy."""
    model.eval()
    with autograd.no_grad():
        logits = model(Tensor(x))
        loss = nn.functional.cross_entropy(logits, y).item()
    model.train()
    return loss, float(np.mean(logits.data.argmax(axis=1) == y))


def train(model, parts, epochs: int) -> dict[str, list[float]]:
    """The training loop; answers loss and accuracy after each epoch, "val_" those of dev."""
    (x, y), dev = parts["train"], parts["dev"]
    optimizer = optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)

    @autograd.compile  # recorded once, then replayed: the same numbers in less time
    def step(images: Tensor, labels: np.ndarray) -> None:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()

    loader = nn.data.DataLoader(x, y, batch_size=32, shuffle=True)
    history: dict[str, list[float]] = {
        name: [] for name in ("loss", "accuracy", "val_loss", "val_accuracy")
    }
    progress = tqdm(range(epochs), unit="epoch", disable=None)
    for epoch in progress:
        optimizer.param_groups[0]["lr"] = 2e-3 * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        for images, labels in loader:
            step(Tensor(images), labels)
        numbers = (*evaluate(model, x, y), *evaluate(model, *dev))
        for column, number in zip(history.values(), numbers, strict=True):
            column.append(number)
        progress.set_postfix(val_loss=f"{history['val_loss'][-1]:.3f}")
    return history


def save(axes, path: Path) -> None:
    axes.figure.savefig(path, dpi=150)
    plt.close(axes.figure)


def main() -> None:
    arguments = read_arguments()
    autograd.manual_seed(arguments.seed)
    images, labels = nn.data.digits()
    split = nn.data.train_dev_test_split(
        np.arange(len(labels)), sizes=tuple(FRACTIONS.values()), stratify=labels
    )
    places = dict(zip(FRACTIONS, split, strict=True))
    scaler = nn.data.StandardScaler().fit(images[places["train"]])
    parts = {name: (scaler.transform(images[rows]), labels[rows]) for name, rows in places.items()}
    print(", ".join(f"{name} {len(y):,}" for name, (_, y) in parts.items()), "images")

    model = make_model(arguments.hidden)
    print(model)
    start = time.perf_counter()
    history = train(model, parts, arguments.epochs)
    print(
        f"trained {arguments.epochs} epochs in {time.perf_counter() - start:.1f} s, steps compiled"
    )

    x, y = parts["test"]
    _, accuracy = evaluate(model, x, y)
    print(f"test accuracy: {100 * accuracy:.1f} %")

    model.eval()

    def loss(images: Tensor, labels: np.ndarray) -> Tensor:
        return nn.functional.cross_entropy(model(images), labels)

    pictures = {
        "computation graph": arguments.out / "graph.svg",
        "loss and accuracy": arguments.out / "history.png",
        "misclassified digits": arguments.out / "misclassified.png",
    }
    draw(loss, Tensor(x[:4]), y[:4]).save(pictures["computation graph"])
    save(curves(history)[0], pictures["loss and accuracy"])
    predicted = model(Tensor(x)).data.argmax(axis=1)
    wrong = misclassified(images[places["test"]], y, predicted)
    save(wrong, pictures["misclassified digits"])
    for name, path in pictures.items():
        print(f"{name}: {path}")


if __name__ == "__main__":
    sys.exit(main())
