"""What an optimiser does with its parameters, whatever the rule."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import Tensor

RULES = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "sgd-nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.1, lr_decay=0.1),
    "adadelta": lambda p: optim.Adadelta(p, lr=0.1),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.1, momentum=0.5, centered=True),
    "adam": lambda p: optim.Adam(p, lr=0.1, amsgrad=True),
    "adamax": lambda p: optim.Adamax(p, lr=0.1),
    "nadam": lambda p: optim.NAdam(p, lr=0.1),
    "radam": lambda p: optim.RAdam(p, lr=0.1, betas=(0.9, 0.5)),
    "rprop": lambda p: optim.Rprop(p, lr=0.1),
    "decayed": lambda p: optim.Adam(p, lr=0.1, weight_decay=0.1),
    "maximised": lambda p: optim.AdamW(p, lr=0.1, maximize=True),
}
undecayed = [rule for name, rule in RULES.items() if name not in ("decayed", "maximised")]
every_rule = pytest.mark.parametrize("make", RULES.values(), ids=RULES.keys())


def parameters(*shapes, dtype=np.float64):
    rng = np.random.default_rng(0)
    return [Tensor(rng.standard_normal(s).astype(dtype), requires_grad=True) for s in shapes]


def backward(tensors, factor=1.0):
    """Gradients that differ from entry to entry, through a real backward pass."""
    total = sum(((t * t).sum() * (i + 1) for i, t in enumerate(tensors)), Tensor(0.0, dtype=float))
    (total * factor).backward()


def alone(make, tensor, gradients):
    """What the rule makes of one parameter that is alone in the world."""
    copy = Tensor(tensor.copy(), requires_grad=True)
    rule = make([copy])
    for g in gradients:
        copy.grad = None if g is None else Tensor(g)
        rule.step()
    return copy.data


def through_pickle(things):
    return pickle.loads(pickle.dumps(things))


@every_rule
def test_many_parameters_are_updated_as_each_alone(make):
    ps = parameters((3, 4), (4,), (), (2, 1, 5))
    starts = [p.data.copy() for p in ps]
    rule = make(ps)
    seen = []
    for _ in range(5):
        rule.zero_grad()
        backward(ps)
        seen.append([p.grad.data.copy() for p in ps])
        rule.step()
    for i, (p, start) in enumerate(zip(ps, starts, strict=True)):
        np.testing.assert_array_equal(p.data, alone(make, start, [g[i] for g in seen]))


@every_rule
def test_a_parameter_larger_than_the_cache_is_updated_in_pieces(make):
    (p,) = parameters((300, 301), dtype=np.float32)
    start = p.data.copy()
    rule = make([p])
    backward([p])
    g = p.grad.data.copy()
    rule.step()
    corner = alone(make, start[:5, :5].copy(), [g[:5, :5]])
    end = alone(make, start[-5:, -5:].copy(), [g[-5:, -5:]])
    np.testing.assert_array_equal(p.data[:5, :5], corner)
    np.testing.assert_array_equal(p.data[-5:, -5:], end)


@every_rule
def test_a_parameter_without_gradient_is_skipped_with_its_memory_and_its_count(make):
    ps = parameters((3,), (2,), (4,))
    starts = [p.data.copy() for p in ps]
    rule = make(ps)
    gradients = [[], [], []]
    for used in ([0, 1, 2], [0, 2], [0, 1, 2], [1]):
        rule.zero_grad()
        backward([ps[i] for i in used])
        for i, p in enumerate(ps):
            if p.grad is not None:
                gradients[i].append(p.grad.data.copy())
        rule.step()
    for p, start, seen in zip(ps, starts, gradients, strict=True):
        np.testing.assert_array_equal(p.data, alone(make, start, seen))


@every_rule
def test_a_frozen_parameter_stays(make):
    ps = parameters((3,), (2,))
    rule = make(ps)
    backward(ps)
    ps[0].requires_grad = False
    before = ps[0].data.copy()
    rule.step()
    np.testing.assert_array_equal(ps[0].data, before)
    assert not np.array_equal(ps[1].data, parameters((3,), (2,))[1].data)


@every_rule
def test_data_assigned_anew_is_what_is_updated(make):
    ps = parameters((3,), (2,))
    rule = make(ps)
    ps[0].data = [10.0, 20.0, 30.0]
    backward(ps)
    g = ps[0].grad.data.copy()
    rule.step()
    np.testing.assert_array_equal(ps[0].data, alone(make, np.array([10.0, 20.0, 30.0]), [g]))


@every_rule
def test_a_gradient_assigned_by_hand_is_used_whatever_its_layout(make):
    (p,) = parameters((3, 3))
    start = p.data.copy()
    rule = make([p])
    backward([p])
    p.grad = p.grad.data.T  # a view of the gradient's own memory, in another order
    g = p.grad.data.copy()
    rule.step()
    np.testing.assert_array_equal(p.data, alone(make, start, [g]))


@pytest.mark.parametrize("make", undecayed)  # whose moves do not depend on where they are
def test_two_optimisers_on_the_same_parameters_both_stay_correct(make):
    ps = parameters((3,), (2, 2))
    starts = [p.data.copy() for p in ps]
    first, second = make(ps), make(list(reversed(ps)))
    expected = [s.copy() for s in starts]
    states = [{}, {}]  # of each optimiser: the gradients that each parameter has met
    for rule, state in [(first, 0), (second, 1), (first, 0), (second, 1)]:
        first.zero_grad()
        backward(ps)
        gradients = [p.grad.data.copy() for p in ps]
        before = [p.data.copy() for p in ps]
        rule.step()
        for i, p in enumerate(ps):
            met = states[state].setdefault(i, [])
            moved = alone(make, np.zeros_like(p.data), [*met, gradients[i]])
            moved = moved - alone(make, np.zeros_like(p.data), met)
            met.append(gradients[i])
            expected[i] = before[i] + moved
            np.testing.assert_allclose(p.data, expected[i], rtol=1e-12, atol=1e-14)


@every_rule
def test_a_shared_parameter_gets_the_sum_of_its_gradients_and_one_update(make):
    (p,) = parameters((3,))
    start = p.data.copy()
    rule = make([p])
    ((p * p).sum() + (3 * p).sum()).backward()
    rule.step()
    np.testing.assert_array_equal(p.data, alone(make, start, [2 * start + 3]))


@every_rule
def test_groups_have_hyper_parameters_of_their_own(make):
    a, b = parameters((3,), (2,))
    starts = a.data.copy(), b.data.copy()
    rule = make([{"params": [a]}, {"params": b, "lr": 0.01}])
    backward([a, b])
    gradients = a.grad.data.copy(), b.grad.data.copy()
    rule.step()
    np.testing.assert_array_equal(a.data, alone(make, starts[0], [gradients[0]]))

    def slower(p):
        rule = make(p)
        rule.param_groups[0]["lr"] = 0.01
        return rule

    np.testing.assert_array_equal(b.data, alone(slower, starts[1], [gradients[1]]))


def test_parameters_of_two_dtypes_in_one_group():
    a, b = parameters((3,))[0], parameters((2,), dtype=np.float32)[0]
    rule = optim.Adam([a, b], lr=0.1)
    ((a * a).sum() + (b * b).sum().astype(np.float64)).backward()
    rule.step()
    assert (a.dtype, b.dtype) == (np.float64, np.float32)
    assert not np.array_equal(b.data, parameters((2,), dtype=np.float32)[0].data)


def test_the_whole_update_is_a_few_calls_however_many_parameters():
    ps = parameters(*[(3,)] * 50)
    rule = optim.SGD(ps, lr=0.1)
    backward(ps)
    (_, flat), *rest = rule._flats
    assert not rest
    assert len(flat.runs({})) == 1


def test_memory_that_somebody_else_sees_stays_where_it_is():
    mine = np.ones(3)
    shared, owned = Tensor(mine, requires_grad=True), Tensor(np.ones(2), requires_grad=True)
    kept = owned.detach()
    rule = optim.SGD([shared, owned], lr=0.5)
    (shared.sum() + owned.sum()).backward()
    rule.step()
    np.testing.assert_array_equal(mine, [0.5, 0.5, 0.5])
    np.testing.assert_array_equal(kept.data, [0.5, 0.5])


def test_a_new_optimiser_for_the_same_parameters_is_as_flat_as_the_first():
    ps = parameters((3,), (2,))
    optim.SGD(ps, lr=0.1)
    rule = optim.SGD(ps, lr=0.1)
    backward(ps)
    assert len(rule._flats[0][1].runs({})) == 1


def test_a_gradient_still_held_after_zero_grad_keeps_its_value():
    (p,) = parameters((3,))
    rule = optim.SGD([p], lr=0.1)
    backward([p])
    tensor, array, view = p.grad, p.grad.data, p.grad.data[1:]
    before = array.copy()
    rule.zero_grad()
    backward([p], factor=7.0)
    np.testing.assert_array_equal(tensor.data, before)
    np.testing.assert_array_equal(array, before)
    np.testing.assert_array_equal(view, before[1:])
    np.testing.assert_array_equal(p.grad.data, 7 * before)


def test_a_step_between_forward_and_backward_is_noticed():
    (p,) = parameters((3,))
    rule = optim.SGD([p], lr=0.1)
    backward([p])
    loss = (p * p).sum()
    rule.step()
    with pytest.raises(RuntimeError, match="changed in place after the forward pass"):
        loss.backward()


@every_rule
@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda both: pickle.loads(pickle.dumps(both))]
)
def test_copies_of_parameters_and_optimiser_go_on_training_by_themselves(make, duplicate):
    (p,) = parameters((3,))
    rule = make([p])
    backward([p])
    rule.step()
    q, other = duplicate((p, rule))
    before = p.data.copy()
    rule.zero_grad()
    other.zero_grad()
    backward([q])
    g = q.grad.data.copy()
    other.step()
    np.testing.assert_array_equal(p.data, before)
    p.grad = Tensor(g)
    rule.step()
    np.testing.assert_array_equal(q.data, p.data)
    assert not np.array_equal(q.data, before)


def test_momentum_may_be_switched_off_between_steps():
    (p,) = parameters((3,))
    rule = optim.SGD([p], lr=0.1, momentum=0.9, nesterov=True)
    rule.param_groups[0]["momentum"] = 0.0
    start = p.data.copy()
    p.grad = Tensor(np.ones(3))
    rule.step()
    np.testing.assert_allclose(p.data, start - 0.1)


def test_scalar_and_empty_parameters():
    scalar = Tensor(np.array(2.0), requires_grad=True)
    empty = Tensor(np.zeros((0, 3)), requires_grad=True)
    rule = optim.Adam([empty, scalar], lr=0.1)
    (scalar * scalar + empty.sum()).backward()
    rule.step()
    np.testing.assert_allclose(scalar.data, 1.9)


w = Tensor([1.0], requires_grad=True, name="w")
BAD_CALLS = [
    (
        lambda: optim.SGD([]),
        ValueError,
        "SGD: there are no parameters. A generator such as model.parameters() is used up after "
        "one pass; call it again. A model keeps its layers as attributes.",
    ),
    (lambda: optim.SGD(w), TypeError, "SGD takes a list of parameters: write SGD([tensor], …)."),
    (
        lambda: optim.Adam([("w", w)]),
        TypeError,
        "Adam: parameter 0 is a tuple, not a Tensor. For pairs of name and parameter use "
        "model.parameters().",
    ),
    (
        lambda: optim.SGD([w * 2]),
        ValueError,
        "SGD: parameter 0 is a result of Multiply; only leaves are learned. Pass the Tensor it "
        "was computed from.",
    ),
    (
        lambda: optim.SGD([w, w]),
        ValueError,
        "SGD: parameter 1, 'w', is listed twice; it would be updated twice in each step.",
    ),
    (
        lambda: optim.SGD([Tensor(np.arange(3))]),
        ValueError,
        "SGD: parameter 0 is int64; weights are floating.",
    ),
    (
        lambda: optim.SGD([w], lr=-1),
        ValueError,
        "SGD: lr must be at least 0 and finite; it is -1.",
    ),
    (
        lambda: optim.SGD([w], lr=float("nan")),
        ValueError,
        "SGD: lr must be at least 0 and finite; it is nan.",
    ),
    (
        lambda: optim.SGD([w], lr="fast"),
        ValueError,
        "SGD: lr must be a number, not 'fast'.",
    ),
    (
        lambda: optim.Adam([w], betas=(0.9, 1.0)),
        ValueError,
        "Adam: betas must be below 1; it is 1.0.",
    ),
    (
        lambda: optim.SGD([w], nesterov=True),
        ValueError,
        "SGD: nesterov=True needs momentum, such as momentum=0.9.",
    ),
    (
        lambda: optim.Adam([{"params": [w], "learning_rate": 0.1}]),
        ValueError,
        "Adam: a group has the unknown hyper-parameter learning_rate; there are lr, betas, eps, "
        "weight_decay, amsgrad, maximize, decoupled_weight_decay, check_finite.",
    ),
    (lambda: optim.SGD([{"params": []}]), ValueError, "SGD: a group has no parameters."),
    (
        lambda: optim.SGD(nn.Linear(2, 1)),
        TypeError,
        "SGD takes parameters: write SGD(model.parameters(), …).",
    ),
    (
        lambda: optim.SGD(nn.Linear(2, 1).parameters),
        TypeError,
        "SGD takes parameters, not a function: call it, parameters().",
    ),
    (
        lambda: optim.Adam([w], 0.1, 0.9),
        ValueError,
        "Adam: betas is a pair such as (0.9, 0.999), and not 0.9.",
    ),
    (
        lambda: optim.SGD([Tensor(np.broadcast_to(1.0, 2), requires_grad=True)]),
        ValueError,
        "SGD: parameter 0 is read-only, because others rely on its memory; learn a copy: "
        "t.clone().",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS)
def test_bad_calls_say_what_to_do(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_repr_names_groups_and_hyper_parameters():
    rule = optim.SGD([w], lr=0.5)
    assert repr(rule) == (
        "SGD(1 parameters, lr=0.5, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, "
        "form='accumulate', maximize=False, check_finite=False)"
    )


def test_an_optimiser_may_be_used_within_no_grad():
    (p,) = parameters((2,))
    rule = optim.SGD([p], lr=0.1)
    backward([p])
    before = p.data.copy()
    with autograd.no_grad():
        rule.step()
    assert not np.array_equal(p.data, before)


def test_zero_grad_may_leave_zeros_as_in_pytorch():
    used, unused = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    optimizer = optim.SGD([used, unused], lr=0.1)
    used.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert (used.grad.data == 0).all()
    assert unused.grad is None
    optimizer.zero_grad()
    assert used.grad is None
