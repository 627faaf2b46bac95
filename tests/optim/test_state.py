"""state_dict and load_state_dict: training goes on to the last bit, or nothing changes."""

import copy
import json

import numpy as np
import pytest
from support.checks import message

import optim
from autograd import Tensor

RULES = {
    "sgd": lambda p: optim.SGD(p, lr=0.01),
    "momentum": lambda p: optim.SGD(p, lr=0.01, momentum=0.9, dampening=0.1),
    "nesterov": lambda p: optim.Nesterov(p, lr=0.01),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.3),
    "adadelta": lambda p: optim.Adadelta(p),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    "adam": lambda p: optim.Adam(p, lr=0.1, amsgrad=True),
    "adamw": lambda p: optim.AdamW(p, lr=0.1),
    "adamax": lambda p: optim.Adamax(p),
    "nadam": lambda p: optim.NAdam(p),
    "radam": lambda p: optim.RAdam(p, betas=(0.9, 0.5)),
    "rprop": lambda p: optim.Rprop(p),
    "newton": lambda p: optim.Newton(p, damping=1.0),
    "lbfgs": lambda p: optim.LBFGS(p, max_iter=2, lr=0.1, history_size=3),
    "lbfgs-wolfe": lambda p: optim.LBFGS(p, max_iter=2, line_search_fn="strong_wolfe"),
}
every_rule = pytest.mark.parametrize("make", RULES.values(), ids=RULES.keys())


def model():
    rng = np.random.default_rng(0)
    shapes = {"weight": (3, 2), "bias": (2,), "scale": ()}
    return [Tensor(rng.standard_normal(s), requires_grad=True, name=n) for n, s in shapes.items()]


def grouped(make, parameters):
    rule = make(parameters[:1])
    if not isinstance(rule, optim.LBFGS | optim.Newton):
        rule.add_param_group({"params": parameters[1:], "lr": 0.02})
        return rule
    return make(parameters)


def train(rule, parameters, steps, first=0):
    for t in range(first, first + steps):

        def closure(t=t):
            used = parameters[:2] if t % 3 == 1 else parameters
            loss = sum(((p - np.cos(t)) ** 4).sum() + (p * p).sum() for p in used)
            if not isinstance(rule, optim.Newton):
                rule.zero_grad()
                loss.backward()
            return loss

        rule.step(closure)


def bits(parameters):
    return [p.data.tobytes() for p in parameters]


@every_rule
@pytest.mark.parametrize("way", [lambda s: s, copy.deepcopy])
def test_training_resumes_to_the_last_bit(make, way):
    straight = model()
    train(grouped(make, straight), straight, 12)

    first = model()
    rule = grouped(make, first)
    train(rule, first, 7)
    state = way(rule.state_dict())
    second = model()
    resumed = grouped(make, second)
    train(resumed, second, 2)  # what the new one did before is nothing to the state,
    for p, q in zip(first, second, strict=True):
        q.copy_(p.data)
    train(rule, first, 5, first=7)  # nor what the old one does from now on
    resumed.load_state_dict(state)
    train(resumed, second, 5, first=7)
    assert bits(second) == bits(straight) == bits(first)


def test_the_form_is_pytorchs():
    parameters = model()
    rule = optim.Adam([{"params": parameters[:1]}, {"params": parameters[1:], "lr": 0.5}])
    parameters[2].requires_grad = False
    train(rule, parameters[:2], 3)
    state = rule.state_dict()
    assert list(state) == ["state", "param_groups"]
    assert [group["params"] for group in state["param_groups"]] == [[0], [1, 2]]
    assert [group["lr"] for group in state["param_groups"]] == [1e-3, 0.5]
    assert {i: list(entry) for i, entry in state["state"].items()} == {
        0: ["step", "exp_avg", "exp_avg_sq"],
        1: ["step", "exp_avg", "exp_avg_sq"],
    }
    assert state["state"][0]["step"] == 3
    assert type(state["state"][0]["step"]) is int
    assert state["state"][0]["exp_avg"].shape == (3, 2)


def test_options_bring_their_memory():
    def slots(rule, parameters):
        train(rule, parameters, 1)
        return set(rule.state[parameters[0]]) - {"step"}

    one = model()
    assert slots(optim.SGD(one), one) == set()
    assert slots(optim.SGD(one, momentum=0.5), one) == {"momentum_buffer"}
    assert slots(optim.RMSprop(one), one) == {"square_avg"}
    assert slots(optim.NAdam(one), one) == {"mu_product", "exp_avg", "exp_avg_sq"}
    rule = optim.Adam(one)
    assert slots(rule, one) == {"exp_avg", "exp_avg_sq"}
    rule.param_groups[0]["amsgrad"] = True
    assert slots(rule, one) == {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"}


def test_state_shows_the_memory_itself_and_the_dict_has_copies():
    (p, *_), parameters = model(), model()
    rule = optim.SGD(parameters, lr=0.1, momentum=0.9)
    train(rule, parameters, 1)
    view = rule.state[parameters[0]]["momentum_buffer"]
    copied = rule.state_dict()["state"][0]["momentum_buffer"]
    before = copied.copy()
    assert view.shape == p.shape
    train(rule, parameters, 1)
    np.testing.assert_array_equal(copied, before)
    assert not np.array_equal(view, before)


def test_hyper_parameters_come_along_also_those_of_schedules_and_files():
    old, new = model(), model()
    rule, other = optim.Adam(old, lr=0.1, betas=(0.5, 0.6)), optim.Adam(new)
    rule.param_groups[0]["initial_lr"] = 0.3
    other.param_groups[0]["unheard_of"] = 1
    group = other.param_groups[0]
    through_a_file = json.loads(json.dumps(rule.state_dict()))
    other.load_state_dict(through_a_file)
    assert other.param_groups[0] is group
    assert group["params"] == tuple(new)
    assert (group["lr"], group["betas"], group["initial_lr"]) == (0.1, (0.5, 0.6), 0.3)
    assert "unheard_of" not in group
    train(other, new, 1)


def test_a_state_of_other_precision_is_converted():
    rule = optim.SGD(model(), lr=0.1, momentum=0.9)
    parameters = [Tensor(p.data.astype(np.float32), requires_grad=True) for p in model()]
    other = optim.SGD(parameters, lr=0.1, momentum=0.9)
    train(rule, list(rule.param_groups[0]["params"]), 2)
    other.load_state_dict(rule.state_dict())
    kept = other.state[parameters[0]]["momentum_buffer"]
    assert kept.dtype == np.float32
    expected = rule.state_dict()["state"][0]["momentum_buffer"].astype(np.float32)
    np.testing.assert_array_equal(kept, expected)


def test_memory_of_parameters_without_state_starts_anew():
    parameters = model()
    rule = optim.Adam(parameters)
    fresh = rule.state_dict()
    train(rule, parameters, 3)
    rule.load_state_dict(fresh)
    assert rule.state == {}
    twin = model()
    for p, q in zip(parameters, twin, strict=True):
        q.copy_(p.data)
    train(rule, parameters, 2)
    train(optim.Adam(twin), twin, 2)
    assert bits(parameters) == bits(twin)


def adam_state():
    parameters = model()
    rule = optim.Adam([{"params": parameters[:1]}, {"params": parameters[1:]}])
    train(rule, parameters, 2)
    return rule.state_dict()


def changed(**entries):
    """Adam's state with these entries changed for the first parameter."""
    state = adam_state()
    for name, value in entries.items():
        if value is None:
            del state["state"][0][name]
        else:
            state["state"][0][name] = value
    return state


def with_group(**settings):
    state = adam_state()
    state["param_groups"][1].update(settings)
    return state


def without_lr():
    state = adam_state()
    del state["param_groups"][0]["lr"]
    return state


HEAD = "Adam.load_state_dict: the state does not fit; nothing was changed.\n  "
FIX = "\n  fix  build the model and the optimiser with the sizes, groups and class that were saved"
MISFITS = [
    (
        changed(exp_avg=np.ones((2, 3))),
        "parameter 0, 'weight': exp_avg: (2, 3) in the state, (3, 2) here",
    ),
    (changed(exp_avg_sq=None), "parameter 0, 'weight': the state lacks exp_avg_sq"),
    (
        changed(sum=np.ones((3, 2))),
        "parameter 0, 'weight': the state has the unexpected sum",
    ),
    (
        changed(exp_avg=np.ones((3, 2), complex)),
        "parameter 0, 'weight': exp_avg: complex128 in the state, and not real numbers",
    ),
    (with_group(lr=float("nan")), "group 1: Adam: lr must be at least 0 and finite; it is nan."),
    (without_lr(), "group 0: the state lacks lr"),
    (with_group(params=[1]), "group 1: 1 parameters in the state, 2 here"),
    (
        {**adam_state(), "param_groups": adam_state()["param_groups"][:1]},
        "groups: 1 in the state, 2 here",
    ),
    (
        {**adam_state(), "state": {7: {}}},
        "state of parameters that no group has: [7]",
    ),
    (
        changed(exp_avg=np.ones(1), step=[1, 2]),
        "parameter 0, 'weight': step: (2,) in the state, () here\n  "
        "parameter 0, 'weight': exp_avg: (1,) in the state, (3, 2) here",
    ),
]


@pytest.mark.parametrize(("state", "complaint"), MISFITS)
def test_what_does_not_fit_is_listed_and_nothing_changes(state, complaint):
    parameters = model()
    rule = optim.Adam([{"params": parameters[:1]}, {"params": parameters[1:]}], lr=0.3)
    train(rule, parameters, 1)
    before = rule.state_dict()
    assert message(ValueError, lambda: rule.load_state_dict(state)) == HEAD + complaint + FIX
    after = rule.state_dict()
    assert after["param_groups"] == before["param_groups"]
    for i, entry in before["state"].items():
        for name, value in entry.items():
            np.testing.assert_array_equal(after["state"][i][name], value)


def test_a_state_of_another_kind_of_optimiser_is_refused():
    parameters = model()
    rule = optim.SGD(parameters)
    complaint = message(ValueError, lambda: optim.Adam(model()).load_state_dict(rule.state_dict()))
    assert "group 0: the state lacks betas, eps, amsgrad, decoupled_weight_decay" in complaint


@pytest.mark.parametrize("thing", [{"weight": 1}, [1, 2]])
def test_what_is_no_state_is_refused(thing):
    assert message(TypeError, lambda: optim.SGD(model()).load_state_dict(thing)).startswith(
        "SGD.load_state_dict takes what state_dict() of an optimiser gives, a dict with 'state' "
        "and 'param_groups'; this is "
    )


def test_lbfgs_refuses_memory_of_another_size():
    first, second = model(), model()
    rule, other = optim.LBFGS(first), optim.LBFGS(second[:2])
    train(rule, first, 1)
    state = rule.state_dict()
    state["param_groups"][0]["params"] = [0, 1]
    complaint = message(ValueError, lambda: other.load_state_dict(state))
    assert "parameter 0, 'weight': step: (9,) in the state, (8,) here" in complaint
    assert "parameter 0, 'weight': changes: (" in complaint
    assert ", 9) in the state, (any, 8) here" in complaint
