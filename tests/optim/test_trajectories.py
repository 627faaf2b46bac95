"""Every optimiser with every option goes where PyTorch's goes, over 200 steps in float64.

The points are PyTorch's own; tests/fixtures/make_optim_trajectories.py writes them.
"""

import inspect
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import optim
from autograd import Tensor
from autograd.functional import value_and_grad
from optim.line_search import Point, strong_wolfe

FILE = Path(__file__).parents[1] / "fixtures" / "optim_trajectories.json"
KNOWN = json.loads(FILE.read_text())
A, b = np.array(KNOWN["problem"]["A"]), np.array(KNOWN["problem"]["b"])


def title(case):
    said = [f"{k}={v}" for k, v in case["settings"].items()]
    return "-".join([case.get("optimizer", "LBFGS"), *said])


def loss(w, c, t):
    value = 0.5 * (w @ A @ w) - (b * (1 + np.sin(t)) * w).sum()
    return value if t % 7 == 3 else value + ((c * w.sum() - 1) ** 2).sum()


@pytest.mark.parametrize("case", KNOWN["cases"], ids=title)
def test_two_hundred_steps(case):
    w = Tensor(np.array(KNOWN["problem"]["w"]), requires_grad=True)
    c = Tensor(np.array(KNOWN["problem"]["c"]), requires_grad=True)
    second = case["second_group"]
    groups = [w, c] if second is None else [{"params": [w]}, {"params": [c], **second}]
    rule = getattr(optim, case["optimizer"])(groups, **case["settings"])
    points = []
    for t in range(1, 201):
        if case["change"] and t == KNOWN["changed_at"]:
            for group in rule.param_groups:
                group.update(case["change"])
        rule.zero_grad()
        loss(w, c, t).backward()
        rule.step()
        if t in KNOWN["checkpoints"]:
            points.append([*w.data.tolist(), c.item()])
    np.testing.assert_allclose(points, case["points"], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("case", KNOWN["lbfgs_cases"], ids=title)
def test_lbfgs(case):
    x = Tensor(np.array(KNOWN["lbfgs_start"]), requires_grad=True)
    rule = optim.LBFGS([x], **case["settings"])

    def closure():
        rule.zero_grad()
        value = ((1 - x[:-1]) ** 2).sum() + 5 * ((x[1:] - x[:-1] ** 2) ** 2).sum()
        value = case["scale"] * value
        value.backward()
        return value

    points = [[rule.step(closure).item(), *x.data.tolist()] for _ in case["points"]]
    np.testing.assert_allclose(points, case["points"], rtol=1e-8, atol=1e-8)
    assert rule.state[x]["func_evals"] == case["func_evals"]


LINES = {
    "hollow": lambda t: -t / (t * t + 2),
    "steep": lambda t: (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
    "waves": lambda t: -0.3 * t + np.sin(3 * t) / 4 - np.sin(7 * t) / 5 - t / (1 + t * t),
    "wall": lambda t: np.exp(3 * t) - 6 * t,
    "ripples": lambda t: np.cos(2 * t) - 1 - 0.05 * t,
}


@pytest.mark.parametrize(
    "case", KNOWN["line_searches"], ids=lambda c: f"{c['function']}-{c['first']}-{c['most']}"
)
def test_line_searches_look_where_pytorchs_looks(case):
    derivative, asked = value_and_grad(LINES[case["function"]]), []

    def evaluate(t):
        value, slope = derivative(np.array(t))
        asked.append(t)
        return Point(t, value.item(), slope.item(), None)

    found = strong_wolfe(evaluate, evaluate(0.0), case["first"], 1.0, case["most"])
    np.testing.assert_allclose(asked[1:], case["asked"], rtol=1e-8)
    np.testing.assert_allclose(found.t, case["t"], rtol=1e-8)


OWN = {"form", "eps_inside", "check_finite"}  # options that PyTorch has not: test_update_rules.py


def test_every_optimiser_is_compared_with_every_option():
    tried = defaultdict(set)
    for case in KNOWN["cases"]:
        parts = (case[part] or {} for part in ("settings", "second_group", "change"))
        tried[case["optimizer"]].update(*parts)
    tried["LBFGS"] = set().union(*(case["settings"] for case in KNOWN["lbfgs_cases"]))
    classes = [thing for name in optim.__all__ if isinstance(thing := getattr(optim, name), type)]
    rules = [thing for thing in classes if issubclass(thing, optim.Optimizer)]
    ours = {optim.Optimizer, optim.Nesterov, optim.Newton}  # PyTorch has no such classes
    for rule in set(rules) - ours:
        options = inspect.signature(rule).parameters.keys() - {"params"} - OWN
        assert tried[rule.__name__] == options, rule
