"""The chain rule path by path: what each path brings, that they sum up, and how it is written."""

import time
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.checks import operations_of_a_test
from support.expressions import gradients, result_of, weights_of
from support.random_expressions import expressions, many

import autograd
import nn
from autograd import Function, Tensor, no_grad, record
from autograd.graph.explaining.explanation import explain


def number(x, name=None):
    return Tensor(x, requires_grad=True, dtype="float64", name=name)


def square_of_product(x, y, z):
    A = x + y
    B = A * z
    return B**2


def total(e):
    """The contributions of all paths together."""
    return sum((path.contribution for path in e.paths), e.rest)


def chain(e, path):
    return [e.result, *(e.names[link.below] for link in path.links)]


# The lecture's examples


def test_the_chain_rule_of_the_lecture():
    # f = ((x + y) z)² at 1, 2, −3: A = 3, B = −9; ∂f/∂A = 2Bz = 2 (x + y) z² = 54.
    x, y, z = number(1.0), number(2.0), number(-3.0)
    e = explain(square_of_product, x, y, z, wrt=x)
    assert e.count == 1
    assert e.gradient == 2 * (1 + 2) * (-3.0) ** 2
    assert chain(e, e.paths[0]) == ["square_of_product", "B", "A", "x"]
    assert e.paths[0].sizes == (1, 18, 54, 54)


def test_it_reads_as_in_the_book():
    f = square_of_product
    x, y, z = number(1.0), number(2.0), number(-3.0)
    with record() as tape:
        f = square_of_product(x, y, z)
    assert str(explain(f, wrt=z)) == (
        "∂f/∂z = −54, by one path\n"
        "\n"
        "    f = B²\n"
        "    B = A · z\n"
        "\n"
        "f → B → z: −54\n"
        "      ∂f/∂B · ∂B/∂z\n"
        "    = 2 · B · A\n"
        "    = −18 · 3\n"
        "    = −54\n"
        "\n"
        "If z grows by a small ε, f changes by about −54 · ε."
    )
    assert explain(f, wrt=x).latex == "\n".join(
        (
            r"\begin{aligned}",
            r"\frac{\partial f}{\partial x} &= \frac{\partial f}{\partial B} \cdot "
            r"\frac{\partial B}{\partial A} \cdot \frac{\partial A}{\partial x} \\",
            r"&= 2 \cdot B \cdot z \cdot 1 \\",
            r"&= -18 \cdot \left(-3\right) \cdot 1 \\",
            r"&= 54",
            r"\end{aligned}",
        )
    )
    assert len(tape.calls) == 3


def test_the_matrix_chain_rule_of_the_lecture():
    W = Tensor(np.array([[0.1, 0.5], [-0.3, 0.8]]), requires_grad=True)
    x = Tensor(np.array([0.2, 0.4]), requires_grad=True)

    def norm():
        return ((W @ x) ** 2).sum()

    assert np.allclose(explain(norm, wrt=W).gradient, [[0.088, 0.176], [0.104, 0.208]])
    assert np.allclose(explain(norm, wrt=x).gradient, [-0.112, 0.636])


def test_a_value_used_twice_has_two_paths():
    x = number(3.0)
    e = explain(lambda x: x * x + x, x, wrt=x)
    assert [float(path.contribution) for path in e.paths] == [3, 3, 1]
    assert [round(e.share(path.contribution), 4) for path in e.paths] == [0.4286, 0.4286, 0.1429]
    assert "The gradient is the sum over all paths." in str(e)
    assert e.latex.endswith("&= 3 + 3 + 1 \\\\\n&= 7\n\\end{aligned}")
    assert e.latex.count("3 + 3 + 1") == 1


def test_of_arrays_each_call_stands_with_its_rule_and_the_size_of_the_gradient():
    W = Tensor(np.array([[3.0, 4.0]]), requires_grad=True, name="W")
    x = np.array([[1.0], [0.0]])
    with record() as tape:
        h = W @ x
        loss = (h * 2.0).sum()
    first, second, third = (call.line for call in tape.calls)
    assert str(explain(loss, tape, wrt=W)) == (
        "∂loss/∂W, of shape (1, 2) and size 1.414, by one path\n"
        "\n"
        "    loss = Σ[−2, −1] v1\n"
        "    v1 = h · 2\n"
        "    h = W @ x\n"
        "\n"
        "loss → v1 → h → W: size 1.414\n"
        "    call  value  shape   its gradient, from g, the one before  size   line\n"
        f"    Sum   v1     (1, 1)  broadcast_to(g, shape of v1)          1      {third}\n"
        f"    × 2   h      (1, 1)  g · 2                                 2      {second}\n"
        f"    @     W      (1, 2)  g @ xᵀ                                1.414  {first}\n"
        "\n"
        "If one entry of W grows by a small ε, loss changes by about ε times that entry of the\n"
        "gradient. Sizes are root mean squares of the entries."
    )


# The paths sum to the gradient


@settings(parent=many, max_examples=60)
@given(expressions())
def test_paths_and_rest_sum_to_the_gradient(expression):
    leaves = expression.tensors(expression.arrays())
    expected = dict(zip(expression.variables, gradients(expression, leaves), strict=True))
    with record() as tape:
        result = result_of(expression, leaves)
        loss = (result * weights_of(result)).sum()
    for name, gradient in expected.items():
        if not gradient.data.any():  # it may have no path
            continue
        e = explain(loss, tape, wrt=leaves[name])
        np.testing.assert_allclose(e.gradient, gradient.data, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(total(e), gradient.data, rtol=1e-9, atol=1e-12)
        shares = [e.share(path.contribution) for path in e.paths]
        assert sum(shares) + e.share(e.rest) == pytest.approx(1)


@st.composite
def programs(draw):
    """Steps vᵢ = a vⱼ + b vₖ from one input v₀, each as (j, a, k, b)."""
    weight = st.sampled_from([-2.0, -1.5, -0.5, 0.25, 0.75, 1.0, 3.0])
    steps = draw(st.integers(1, 7))
    return [
        (draw(st.integers(0, i)), draw(weight), draw(st.integers(0, i)), draw(weight))
        for i in range(steps)
    ]


def run(program, x):
    values = [x]
    for j, a, k, b in program:
        values.append(values[j] * a + values[k] * b)
    return values[-1]


def products(program):
    """The products of the weights along all paths, found by walking every one of them."""

    def back_from(i):
        if i == 0:
            yield 1.0
            return
        j, a, k, b = program[i - 1]
        yield from (a * rest for rest in back_from(j))
        yield from (b * rest for rest in back_from(k))

    return list(back_from(len(program)))


@settings(parent=many, max_examples=60)
@given(programs())
def test_of_numbers_the_twenty_largest_of_all_paths_are_shown(program):
    e = explain(lambda x: run(program, x), x := number(1.0), wrt=x)
    by_hand = sorted(products(program), key=abs, reverse=True)
    assert e.count == len(by_hand)
    assert e.surely_largest
    assert e.gradient == pytest.approx(sum(by_hand))
    shown = [abs(float(path.contribution)) for path in e.paths]
    assert shown == pytest.approx([abs(one) for one in by_hand[:20]])
    assert float(e.rest) == pytest.approx(
        sum(by_hand) - sum(float(p.contribution) for p in e.paths)
    )


def test_of_many_ways_to_one_value_the_largest_are_followed_on():
    factors = np.random.default_rng(0).permutation(np.arange(1.0, 41.0)).tolist()

    def f(x):
        h = x * 2.0
        return sum((h * factor for factor in factors), 0.0 * x)

    e = explain(f, x := number(1.0), wrt=x)
    assert [float(path.contribution) for path in e.paths] == [2.0 * n for n in range(40, 20, -1)]
    assert float(e.rest) == 2.0 * sum(range(1, 21))
    assert e.surely_largest


def residual(x, weights):
    for W in weights:
        x = x + autograd.tanh(x @ W)
    return (x**2).mean()


def test_a_residual_network_of_forty_blocks_takes_less_than_two_seconds():
    rng = np.random.default_rng(0)
    weights = [Tensor(rng.normal(0, 0.15, (16, 16)), requires_grad=True) for _ in range(40)]
    x = Tensor(rng.normal(size=(8, 16)), requires_grad=True)
    start = time.perf_counter()
    e = explain(residual, x, weights, wrt=x)
    text = str(e)
    assert time.perf_counter() - start < 2
    assert e.count == 2**40
    assert len(e.paths) == 20
    sizes = [path.size for path in e.paths]
    assert sizes == sorted(sizes, reverse=True)
    assert not e.surely_largest
    assert "the other 1,099,511,627,756 together" in text
    assert "the largest that were found" in text
    loss = residual(x, weights)
    loss.backward()
    np.testing.assert_allclose(total(e), x.grad.data, rtol=1e-10)
    np.testing.assert_allclose(e.gradient, x.grad.data, rtol=1e-10)


def test_what_calls_make_of_the_size_multiplies_to_the_contribution():
    W = Tensor(np.linspace(-1, 1, 6).reshape(2, 3), requires_grad=True)
    (path,) = explain(lambda: autograd.tanh(W * 3.0).mean(), wrt=W).paths
    assert prod(path.factors) == pytest.approx(path.size)
    assert path.size == pytest.approx(np.sqrt(np.mean(path.contribution**2)))


# What it is given


def test_operations_with_several_outputs_and_any_number_of_inputs():
    x = Tensor(np.array([[2.0, 1.0], [1.0, 3.0]]), requires_grad=True)

    def f(x):
        values, vectors = autograd.linalg.eigh(x)
        return (autograd.concatenate([values, vectors[0], values], axis=0) ** 2).sum()

    e = explain(f, x, wrt=x)
    f(x).backward()
    assert e.count == 3
    np.testing.assert_allclose(total(e), x.grad.data, atol=1e-12)


def test_an_output_without_a_rule_for_an_input_is_no_way_to_it():
    with operations_of_a_test():

        class Pair(Function):
            """x · 2 and y · 3."""

            outputs = ("a", "b")

            def forward(x, y):
                return x * 2.0, y * 3.0

            gradients = {("x", "a"): lambda g: g * 2.0, ("y", "b"): lambda g: g * 3.0}

        def f(x, y):
            a, b = Pair.apply(x, y)
            return a * 10.0 + b

        x, y = number(1.0), number(1.0)
        assert [float(explain(f, x, y, wrt=one).gradient) for one in (x, y)] == [20, 3]
        assert explain(f, x, y, wrt=x).count == 1


def test_of_a_tape_the_last_number_is_the_loss():
    x = number(3.0)
    with record() as tape:
        early = x * 5.0
        loss = x * early
    assert explain(tape, wrt=x).result == "loss"
    assert float(explain(tape, wrt=x).gradient) == 30
    assert float(loss.data) == 45


def test_a_checkpointed_part_is_explained_as_any_other():
    x = number(0.5)

    def tanh_twice(x):
        return autograd.tanh(autograd.tanh(x))

    e = explain(lambda x: autograd.checkpoint(tanh_twice, x) * 2, x, wrt=x)
    plain = explain(lambda x: tanh_twice(x) * 2, x, wrt=x)
    assert e.gradient == plain.gradient
    assert len(e.paths[0].links) == 3


def test_a_module_s_parameters_go_by_their_names():
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1))
    e = explain(lambda x: net(x).mean(), np.ones((4, 3), np.float32), wrt=net[0].weight)
    assert chain(e, e.paths[0])[-1] == "0.weight"
    net(np.ones((4, 3), np.float32)).mean().backward()
    np.testing.assert_allclose(e.gradient, net[0].weight.grad.data, rtol=1e-5, atol=1e-7)


def test_a_result_in_between_can_be_asked_for_too():
    x = number(3.0)
    with record() as tape:
        h = x * 2.0
        loss = h * h
    assert float(explain(loss, tape, wrt=h).gradient) == 12


def test_a_loss_that_was_not_recorded_is_explained_as_far_as_its_graph_goes():
    x = number(3.0, "x")
    e = explain((x * x) * 2.0, wrt=x)
    assert float(e.gradient) == 12
    assert [chain(e, path) for path in e.paths] == [["result", "v1", "x"]] * 2
    assert "This loss was not recorded" in str(e)


def test_after_backward_a_recorded_loss_can_still_be_explained():
    x = number(3.0)
    with record() as tape:
        loss = x * x
        loss.backward()
    assert float(explain(tape, wrt=x).gradient) == 6
    assert float(x.grad.data) == 6  # and stays as it is


def test_values_with_one_name_are_told_apart():
    def f(x):
        x = x * 2.0
        x = x * 3.0
        return x * x

    e = explain(f, x := number(1.0), wrt=x)
    assert chain(e, e.paths[0]) == ["f", "x_3", "x_2", "x"]

    a, b = number(2.0, "w"), number(3.0, "w")
    e = explain(lambda: a * b, wrt=a)
    assert sorted(name for name in e.names.values() if name.startswith("w")) == ["w", "w_2"]


# In notebooks


def test_names_are_escaped():
    x = number(2.0, "<b>&\"'\n")
    e = explain(lambda: x * x, wrt=x)
    html = e._repr_html_()
    assert '<b>&"' not in html
    assert "&lt;b&gt;&amp;" in html
    assert "\n" not in chain(e, e.paths[0])[-1]
    assert html.count("<div") == html.count("</div>")


def test_a_notebook_shows_the_equation_and_the_table():
    W = Tensor(np.ones((2, 2)), requires_grad=True, name="größe_1")
    html = explain(lambda: (W * 2.0).sum(), wrt=W)._repr_html_()
    assert "<math" in html
    assert "<td" in html
    assert "größe_1" in html


def test_long_paths_are_shown_with_both_ends():
    x = number(0.5)

    def deep(x):
        for _ in range(30):
            x = x * 1.01
        return x

    text = str(explain(deep, x, wrt=x))
    assert " → … → " in text
    assert max(map(len, text.splitlines())) < 200
    assert "…" in explain(deep, x, wrt=x).latex


# Wrong calls

w = number(2.0, "w")
other = number(1.0, "other")


def cut_off(w):
    with no_grad():
        return w * 2.0


def released():
    loss = w * w
    loss.backward()
    return loss


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: explain(lambda: w * w, wrt="w"), TypeError, "wrt is the Tensor whose gradient"),
        (lambda: explain(3, wrt=w), TypeError, "explain takes a loss, a tape, or a function"),
        (lambda: explain(w * w, 3, wrt=w), TypeError, "not Tensor, int"),
        (lambda: explain(lambda: 3, wrt=w), TypeError, "<lambda> answers int"),
        (lambda: explain(lambda: w, wrt=w), ValueError, "no operation made the result"),
        (lambda: explain(w, wrt=w), ValueError, "it is a leaf"),
        (
            lambda: explain(autograd.stack([w, w]), wrt=w),
            ValueError,
            r"this result has shape \(2,\). Reduce it first",
        ),
        (
            lambda: explain(lambda: w * w, wrt=other),
            ValueError,
            r"'other' gets no gradient: no call takes it. why\(w, loss\)",
        ),
        (lambda: explain(cut_off, w, wrt=w), ValueError, "no path leads from the loss back"),
        (lambda: explain(released(), wrt=w), RuntimeError, "has released the values"),
    ],
)
def test_a_wrong_call_is_answered_with_what_to_do(call, error, words):
    with pytest.raises(error, match=words):
        call()
