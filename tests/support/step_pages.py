"""Pages that step through programs, read back from their HTML; and programs for them."""

from __future__ import annotations

import base64
import html
import json
import re
from functools import cache
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.graph.stepping import StepThrough, step_through

Array = Any

CARD = ("role", "sign", "name", "of", "array", "formula", "note")


class Page:
    """A page as it is read back from its HTML."""

    def __init__(self, shown: StepThrough) -> None:
        self.text = shown.to_html()
        (data,) = re.findall('<script type="application/json">(.*?)</script>', self.text)
        self.data = json.loads(data)
        self.steps = self.data["steps"]
        rows = re.findall(r"<tr><td>\d+</td><td>(.*?)</td>", self.text)
        self.said = [html.unescape(one) for one in rows]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """The steps that are of a kind: "forward", "backward"."""
        return [step for step in self.steps if step["kind"] == kind]

    def cards(self, step: dict[str, Any], role: str | None = None) -> list[dict[str, Any]]:
        """The cards of a step, all or those with a role."""
        rows = (row for group in step.get("groups", ()) for row in group["rows"])
        cards = [dict(zip(CARD, card, strict=False)) for row in rows for card in row]
        return [card for card in cards if role in (None, card["role"])]

    def array(self, card: dict[str, Any]) -> Array:
        """The entries that a card shows; all of them if they are the same."""
        entry = self.data["arrays"][card["array"]]
        found = np.frombuffer(
            base64.b64decode(entry["data"]), "<f8" if "double" in entry else "<f4"
        )
        if entry.get("all"):
            return np.full(entry["shape"], found[0])
        if "note" in entry:
            return found.reshape(-1, min(8, entry["shape"][-1]))
        return found.reshape(entry["shape"])

    def arrays(self, step: dict[str, Any], role: str, by: str = "of") -> dict[str, Array]:
        """The arrays of the cards with a role, by the program's name or the operation's."""
        cards = self.cards(step, role)
        return {card[by]: self.array(card) for card in cards if card["array"] >= 0}

    def gradients(self) -> dict[str, Array]:
        """What is there at the end, by name."""
        return {
            name.removeprefix("∇ "): array
            for name, array in self.arrays(self.steps[-1], "gradient").items()
        }


def leaf(*shape: int, seed: int = 0, dtype: Any = np.float64, name: str | None = None) -> Tensor:
    """A Tensor of random numbers that requires a gradient."""
    values = np.random.default_rng(seed).normal(size=shape).astype(dtype)
    return Tensor(values, requires_grad=True, name=name)


def twice_used(x: Any, y: Any, z: Any) -> Any:
    """Scalars; s is used twice."""
    s = x + y
    return (s * z + s) ** 2


def two_layers(x: Any, target: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    h = np.tanh(x @ W1 + b1)
    error = h @ W2 + b2 - target
    return (error**2).mean()


def cross_entropy(x: Any, W: Any, b: Any) -> Any:
    """With a call that no gradient comes back through."""
    scores = autograd.affine(x, W, b)
    guess = scores.argmax(axis=1)
    assert guess.shape == (4,)
    return autograd.softmax_cross_entropy(scores, np.array([0, 1, 2, 0])).mean()


def many_outputs(a: Any) -> Any:
    """Two outputs of one call, both used."""
    values, vectors = np.linalg.eigh(a + a.T)
    return (values * values).sum() + (vectors[0] ** 3).sum()


def joined(x: Any, y: Any) -> Any:
    """x is used three times, twice in one call."""
    return np.prod(1 + np.concatenate([x, y, x, x * 2.0]))


def broadcast(column: Any, row: Any) -> Any:
    """Both inputs are broadcast."""
    return (np.exp(column - row) / (1 + row * row)).sum()


def looked_up(x: Any) -> Any:
    """An entry is taken twice."""
    return (x[np.array([0, 1, 1]), 1:] * x[0, 0]).sum()


def cut(x: Any) -> Any:
    """A condition and a detached factor."""
    return (np.where(x > 0, x, 0.1 * x) * x.detach()).sum()


PROGRAMS = {  # a function and its arguments
    "scalars, one of them used twice": (twice_used, leaf(), leaf(seed=1), leaf(seed=2)),
    "a network": (
        *(two_layers, Tensor(np.random.default_rng(8).normal(size=(4, 2))), np.ones((4, 1))),
        *(leaf(2, 3), leaf(3, seed=1), leaf(3, 1, seed=2), leaf(1, seed=3)),
    ),
    "cross-entropy": (cross_entropy, leaf(4, 2), leaf(3, 2, seed=1), leaf(3, seed=2)),
    "several outputs": (many_outputs, leaf(3, 3)),
    "any number of inputs": (joined, leaf(2), leaf(1, seed=1)),
    "broadcasting": (broadcast, leaf(4, 1), leaf(3, seed=1)),
    "indices": (looked_up, leaf(2, 3)),
    "cut paths": (cut, leaf(2, 3)),
    "an input twice in one call": (lambda x: (x * x).sum(), leaf(3)),
}


@cache
def shown_and_page(name: str) -> tuple[StepThrough, Page]:
    """A program's page, as made and as read back."""
    shown = step_through(*PROGRAMS[name])
    return shown, Page(shown)


def page_of(name: str) -> Page:
    """A program's page, as read back."""
    return shown_and_page(name)[1]


def leaves_of(args: Any) -> list[Tensor]:
    """The arguments that require a gradient."""
    return [x for x in args if isinstance(x, Tensor) and x.requires_grad]
