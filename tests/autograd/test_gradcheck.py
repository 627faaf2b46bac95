"""The gradient check: it passes right gradients, fails wrong ones, and says where and why."""

import numpy as np
import pytest
from support.checks import message, operations_of_a_test

import autograd
from autograd import Elementwise, Function, Tensor, gradcheck, no_grad
from autograd.gradcheck import Component, GradientReport


def tensor(values, name=None, requires_grad=True):
    return Tensor(np.array(values, dtype=np.float64), requires_grad, name=name)


def cube_with_slope(local_gradient):
    """x³ with a derivative of one's own."""
    with operations_of_a_test():

        class Cube(Elementwise):
            def forward(x):
                return x**3

            local_gradients = {"x": local_gradient}

    return Cube.apply


# What it says of right and wrong gradients


rng = np.random.default_rng(1)
WEIGHT, BIAS = tensor(rng.standard_normal((4, 3))), tensor(rng.standard_normal(4))


def network(x):
    logits = autograd.affine(x, WEIGHT, BIAS).tanh()
    return autograd.softmax_cross_entropy(logits, np.array([0, 1, 2, 3, 0])).mean()


RIGHT = {
    "a polynomial": (lambda x: (x**3 - 2 * x).sum(), (tensor([1.0, -2.0, 0.5]),), ()),
    "two inputs": (lambda x, y: (x @ y).sum(), (tensor([[1.0, 2.0]]), tensor([[3.0], [4.0]])), ()),
    "one Tensor given twice": (lambda x, y: x * y, (tensor(3.0),) * 2, ()),
    "an input of one number": (lambda x: x.exp(), (tensor(0.3),), ()),
    "a result with several entries": (autograd.softmax, (tensor([1.0, 2.0, 4.0]),), ()),
    "an input that is not used": (lambda x, y: x.sum(), (tensor([1.0]), tensor([2.0])), ()),
    "an integer input beside": (lambda x, i: x[i].sum(), (tensor([1.0, 2.0]), [0, 0, 1]), ()),
    "a read-only input": (lambda x: x * x, (Tensor(np.broadcast_to(2.0, 3), True),), ()),
    "an input that is a result": (lambda x: x * x, (tensor([1.0, 2.0]) * 3,), ()),
    "a large entry, beside which the step is rounded": (
        lambda x: 3 * (x - 12345),
        (tensor(12345.6),),
        (),
    ),
    "a steep function": (lambda x, y: (1000 * (x + y)).exp(), (tensor(0.0), tensor(0.0)), ()),
    "parameters and no inputs": (lambda: WEIGHT * WEIGHT, (), (WEIGHT,)),
    "a whole network": (network, (tensor(rng.standard_normal((5, 3))),), (WEIGHT, BIAS)),
}


@pytest.mark.parametrize(("fn", "inputs", "parameters"), RIGHT.values(), ids=RIGHT)
def test_right_gradients_are_great(fn, inputs, parameters):
    report = gradcheck(fn, *inputs, parameters=parameters)
    assert report, str(report)
    assert report.verdict == "great"
    assert report.ratio < 1e-7
    different = {id(one): one for one in (*inputs, *parameters) if isinstance(one, Tensor)}
    assert report.components == sum(one.size for one in different.values())


def test_checking_a_gradient_checks_the_second_derivative():
    def slope(x):
        return autograd.grad((x**3).sum(), x, create_graph=True)

    assert gradcheck(slope, tensor([1.0, -2.0]))


@pytest.mark.parametrize(
    ("error", "verdict"),
    [(1e-8, "great"), (2e-5, "maybe"), (2e-3, "worry"), (1.0, "worry"), (np.nan, "worry")],
)
def test_verdict_by_the_size_of_the_error(error, verdict):
    cube = cube_with_slope(lambda x: 3 * x**2 * (1 + error))
    report = gradcheck(cube, tensor([1.0, -2.0, 0.5]))
    assert report.verdict == verdict
    assert bool(report) is (verdict == "great")


def test_ratio_is_the_norm_of_the_difference_by_the_norms_of_both():
    # f = 3x + 4y with both slopes told as 0: ‖(3, 4) − 0‖ / (5 + 0) = 1; told as twice: 5/(5+10).
    blind = cube_with_slope(lambda x: 0 * x)
    twice = cube_with_slope(lambda x: 6 * x**2)
    x = tensor([1.0, np.sqrt(4 / 3)])
    assert gradcheck(blind, x).ratio == 1
    assert gradcheck(twice, x).ratio == pytest.approx(1 / 3, rel=1e-7)


def test_ratio_of_two_zero_gradients_is_zero():
    report = gradcheck(lambda x: x * 0, tensor([1.0, 2.0]))
    assert report.ratio == 0
    assert report


def test_worst_component_is_named_with_both_values():
    # y's gradient is 3y² = 12 for each entry, and told 1 too large in entry [1, 0].
    cube = cube_with_slope(lambda x: 3 * x**2 + np.array([[0, 0], [1, 0]]))
    report = gradcheck(
        lambda x, y: x.sum() + cube(y).sum(), tensor([1.0]), tensor(np.full((2, 2), 2.0), "y")
    )
    assert report.worst.name == "input 1 'y'"
    assert report.worst.entry == (1, 0)
    assert report.worst.numerical == pytest.approx(12, rel=1e-7)
    assert report.worst.analytic == 13


def test_worst_component_may_be_a_parameter():
    weight = tensor([2.0], "net.weight")
    report = gradcheck(lambda x: x * weight.data**2, tensor([1.0]), parameters=[weight])
    assert report.worst.name == "parameter 0 'net.weight'"
    assert report.worst.analytic == 0  # no gradient gets to it through .data
    assert report.worst.numerical == pytest.approx(4)


def test_frozen_parameters_are_not_checked():
    x, frozen = tensor([1.0]), tensor([2.0], requires_grad=False)
    assert gradcheck(lambda x: x * frozen, x, parameters=iter([frozen])).components == 1


def test_errors_of_two_entries_do_not_cancel_in_the_sum():
    with operations_of_a_test():

        class Tilted(Function):
            def forward(x):
                return x + x.sum()

            gradients = {"x": lambda g: g + g.sum() + (g[0] - g[1])}  # the last is 0 for a sum

    assert gradcheck(lambda x: Tilted.apply(x).sum(), tensor([1.0, 1.0]))
    assert not gradcheck(Tilted.apply, tensor([1.0, 1.0]))


# How the report reads


def test_report_of_a_pass():
    report = GradientReport(2.345e-9, 12, Component("input 0", (), 0.5, 0.25), False)
    assert str(report) == (
        "gradient check of 12 components: great, ratio 2.3e-09\n"
        "  worst  input 0: numerical 0.5, analytic 0.25"
    )


def test_report_of_a_result_with_several_entries_says_that_they_were_summed():
    report = gradcheck(lambda x: x * x, tensor([0.0, 2.0]))
    assert str(report).splitlines()[2] == (
        "  of     a sum of the 2 results with fixed random weights"
    )


def test_report_of_a_wrong_gradient():
    doubled = cube_with_slope(lambda x: 6 * x**2)
    report = gradcheck(lambda x: doubled(x).sum(), tensor([[0.0, 2.0]], "x"))
    assert str(report).replace(f"{report.worst.numerical:.10g}", "≈12") == (
        "gradient check of 2 components: worry, ratio 0.33\n"
        "  worst  input 0 'x'[0, 1]: numerical ≈12, analytic 24\n"
        "  Look at the rule that this component's gradient comes through. A kink closer than eps "
        "(relu at 0, a tie in max) does this too: move the point away from it."
    )


def test_report_where_rounding_decides_nothing():
    # Softmax sums to 1 wherever it is taken: the gradient is zero, the difference rounding alone.
    report = gradcheck(lambda x: 1000 * autograd.softmax(x).sum(), tensor([0.3, 1.0, 2.5, 0.7]))
    assert report.within_rounding
    assert not report
    assert str(report).splitlines()[-1] == (
        "  Rounding alone can make this difference, so nothing is decided: the gradient is small "
        "beside the value. Check at another point, or without large constant terms."
    )


def test_report_where_something_is_not_finite():
    with np.errstate(all="ignore"):
        report = gradcheck(lambda x: (x / x).sum() * x, tensor([0.0]))
    assert report.verdict == "worry"
    assert str(report).splitlines()[-1] == (
        "  Something is infinite or not a number here: check at another point."
    )


def test_a_kink_is_a_worry_and_the_report_says_so():
    report = gradcheck(autograd.relu, tensor([0.0]))
    assert report.verdict == "worry"  # 1/2 by the difference, 0 by definition
    assert "A kink closer than eps (relu at 0" in str(report)


def test_report_is_frozen():
    report = gradcheck(lambda x: x, tensor(1.0))
    with pytest.raises(AttributeError):
        report.ratio = 0.0


# What it leaves behind


class Explosion(Exception):
    pass


def test_data_and_gradients_are_left_as_they_were_also_if_fn_raises():
    x, weight = tensor([1.0, 2.0]), tensor([3.0, 4.0])
    (x * weight).sum().backward()
    before = [(t, t.data, t.data.tobytes(), t.grad, t.grad.data.tobytes()) for t in (x, weight)]
    calls = []

    def fn(x):
        calls.append(x)
        if len(calls) == 5:
            raise Explosion
        x.data[0] += 0  # writes into what it was given
        return (x * weight).sum()

    with pytest.raises(Explosion):
        gradcheck(fn, x, parameters=[weight])
    assert gradcheck(fn, x, parameters=[weight])  # call 6 and on
    for t, data, bytes_of_data, grad, bytes_of_grad in before:
        assert t.data is data
        assert t.data.tobytes() == bytes_of_data
        assert t.grad is grad
        assert t.grad.data.tobytes() == bytes_of_grad


def test_values_saved_before_the_check_still_count_as_unchanged():
    x = tensor([1.0, 2.0])
    loss = (x * x).sum()
    gradcheck(lambda x: x * x, x)
    loss.backward()
    np.testing.assert_array_equal(x.grad.data, [2, 4])


def test_works_within_no_grad():
    with no_grad():
        assert gradcheck(lambda x: x * x, tensor([1.0]))


# What it refuses


def random_result(x):
    return x * np.random.default_rng().random(x.shape)


FLOAT64 = (
    ", and the check needs float64: a step of 1e-7 drowns in coarser rounding. Write "
    "Tensor(data, requires_grad=True, dtype='float64'), or call "
    "autograd.set_default_dtype('float64') before making a module."
)
REFUSED = {
    "a float32 input": (
        lambda: gradcheck(lambda x: x, Tensor([1.0], requires_grad=True, name="x")),
        TypeError,
        f"gradcheck: input 0 'x' is float32{FLOAT64}",
    ),
    "a float32 parameter": (
        lambda: gradcheck(
            lambda x: x, tensor(1.0), parameters=[tensor(2.0), Tensor([1.0], requires_grad=True)]
        ),
        TypeError,
        f"gradcheck: parameter 1 is float32{FLOAT64}",
    ),
    "float32 on the way": (
        lambda: gradcheck(lambda x: x.astype(np.float32), tensor([1.0])),
        TypeError,
        f"gradcheck: fn's result is float32{FLOAT64}",
    ),
    "nothing that requires a gradient": (
        lambda: gradcheck(lambda x: x, np.ones(3)),
        TypeError,
        "gradcheck: nothing to check, because no input that has entries requires a gradient. Make "
        "one with Tensor(data, requires_grad=True, dtype='float64'), or pass parameters=[…].",
    ),
    "nothing but empty inputs": (
        lambda: gradcheck(lambda x: x.sum(), tensor([])),
        TypeError,
        "gradcheck: nothing to check, because no input that has entries requires a gradient. Make "
        "one with Tensor(data, requires_grad=True, dtype='float64'), or pass parameters=[…].",
    ),
    "named parameters": (
        lambda: gradcheck(lambda: None, parameters=[("weight", tensor([1.0]))]),
        TypeError,
        "gradcheck: parameters are Tensors, not tuple. "
        "Of a module pass parameters=module.parameters().",
    ),
    "a number as the result": (
        lambda: gradcheck(lambda x: x.item(), tensor(1.0)),
        TypeError,
        "gradcheck: fn must return one Tensor, and returned float.",
    ),
    "a random function": (
        lambda: gradcheck(random_result, tensor([1.0, 2.0, 3.0])),
        ValueError,
        "gradcheck: fn gave two answers for the same inputs, so differences would show its "
        "randomness and not its slope. Switch dropout off (module.eval()), or let fn seed its "
        "generator anew at each call.",
    ),
    "a result without history": (
        lambda: gradcheck(lambda x: Tensor(x.data), tensor([1.0])),
        RuntimeError,
        "backward: this Tensor, (1,) float64, has no history and requires no gradient. Either "
        "nothing it was computed from has requires_grad=True, or it was computed within no_grad() "
        "or from detached values.",
    ),
    "entries beside which eps is lost": (
        lambda: gradcheck(lambda x: x, tensor([1.0, 1e10])),
        ValueError,
        "gradcheck: eps=1e-07 is lost beside 1e+10, an entry of input 0. "
        "Scale the input down, or take a larger eps.",
    ),
    "a step of 0": (
        lambda: gradcheck(lambda x: x, tensor(1.0), eps=0),
        ValueError,
        "gradcheck: eps=0 is lost beside 1, an entry of input 0. "
        "Scale the input down, or take a larger eps.",
    ),
}


@pytest.mark.parametrize(("wrong", "kind", "text"), REFUSED.values(), ids=REFUSED)
def test_refused(wrong, kind, text):
    assert message(kind, wrong) == text


def test_a_random_function_that_is_seeded_anew_is_checked():
    def dropout(x):
        return x * (np.random.default_rng(3).random(x.shape) > 0.5)

    assert gradcheck(dropout, tensor([1.0, 2.0, 3.0, 4.0]))


def test_one_tensor_as_parameters_is_that_one_parameter():
    weight = tensor([1.0, 2.0])
    assert gradcheck(lambda: weight * weight, parameters=weight).worst.name == "parameter 0"
