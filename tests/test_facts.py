"""Facts that the lectures state, with their numbers, reproduced by the engine.

Sources: Andrew Ng, Neural Networks and Deep Learning (logistic regression, the two-layer network);
Stanford CS231n, lecture on back-propagation (the scalar and matrix chain rule); MIT 6.S191 (the
single unit); the rest can be worked out by hand, and is.
"""

import numpy as np
import pytest
from support.replay import Witness, leaf

import autograd
from autograd import Function, Tensor, grad, gradcheck
from autograd.watching import watch

RNG = np.random.default_rng(0)


def nodes_and_variables(result):
    """The function nodes and the variables that a result was computed from."""
    functions, variables, waiting = set(), set(), [result.grad_fn]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Function):
            functions.add(one)
            waiting += one.edges
        else:
            variables.add(one)
    return functions, variables


def test_a_graph_consists_of_variables_functions_and_edges():
    x, y = leaf(2.0, name="x"), leaf(3.0, name="y")
    product = x * y
    result = product + x
    functions, variables = nodes_and_variables(result)
    assert variables == {x, y}
    assert functions == {product.grad_fn, result.grad_fn}
    assert product.grad_fn.edges == (x, y)
    assert result.grad_fn.edges == (product.grad_fn, x)


def test_a_function_sends_back_the_upstream_times_its_local_gradients():
    class Listener(Witness):
        def sent(self, node, upstream, gradients, batch):
            local = node.local_gradient_values().values()
            expected = [upstream.item() * one.item() for one in local]
            assert [g.item() for g in gradients] == pytest.approx(expected, rel=1e-15)
            super().sent(node, upstream, gradients, batch)

    x, y = leaf(2.0), leaf(3.0)
    product = x * y
    assert product.grad_fn.local_gradient_values() == {"x": 3, "y": 2}  # ∂z/∂x = y, ∂z/∂y = x
    listener = Listener()
    with watch(listener):
        (product / y).tanh().backward(retain_graph=True)
    assert listener.replayed_ops == ["Tanh", "Divide", "Multiply"]


def test_forward_and_backward_visit_every_function_once_in_opposite_orders():
    x, y, z = leaf(1.0), leaf(2.0), leaf(3.0)
    witness = Witness()
    with watch(witness):
        a = x + y
        b = a * z
        loss = b * b + a  # a and b are used on two paths
        loss.backward()
    assert witness.called_ops == ["Add", "Multiply", "Multiply", "Add"]
    assert witness.replayed_ops == witness.called_ops[::-1]
    made = [a.grad_fn, b.grad_fn, loss.grad_fn.edges[0], loss.grad_fn]
    assert witness.replayed == made[::-1]
    # A topological order: no function before one that it is computed from.
    place = {node: i for i, node in enumerate(made)}
    for node in made:
        assert all(place[edge] < place[node] for edge in node.edges if edge in place)


def test_a_value_on_several_paths_receives_the_sum_over_all_paths():
    paths = [lambda a: 3 * a, lambda a: a * a, lambda a: a.exp(), lambda a: a / 2]

    def slope(of):
        x = leaf(0.7)
        of(x.tanh()).backward()
        return x.grad.item()

    total = slope(lambda a: sum(path(a) for path in paths))
    assert total == pytest.approx(sum(slope(path) for path in paths), rel=1e-14)


def test_scalar_chain_rule():
    # f = ((x + y) · z)² by way of A = x + y, B = A · z, f = B²: ∂f/∂A = 2Bz = 2(x + y)z²
    x, y, z = leaf(1.0), leaf(2.0), leaf(4.0)
    a = x + y
    b = a * z
    f = b**2
    (f_by_b,) = f.grad_fn.local_gradient_values().values()
    b_by_a = b.grad_fn.local_gradient_values()["x"]
    assert f_by_b == 2 * b.item() == 24
    assert b_by_a == z.item()
    by_a, by_x, by_y, by_z = (g.item() for g in grad(f, (a, x, y, z)))
    assert by_a == f_by_b * b_by_a == 2 * (1 + 2) * 4**2 == 96
    assert by_x == by_y == by_a
    assert by_z == 2 * (1 + 2) ** 2 * 4


def test_matrix_chain_rule():
    # f(x, W) = ‖Wx‖²: ∇_W f = 2 (Wx) xᵀ, ∇_x f = 2 Wᵀ(Wx)
    weight, x = leaf([[0.1, 0.5], [-0.3, 0.8]]), leaf([0.2, 0.4])
    q = weight @ x
    f = (q**2).sum()
    assert f.item() == pytest.approx(0.116, abs=1e-15)
    by_weight, by_x = (g.data for g in grad(f, (weight, x)))
    np.testing.assert_allclose(by_weight, [[0.088, 0.176], [0.104, 0.208]], atol=1e-15)
    np.testing.assert_allclose(by_x, [-0.112, 0.636], atol=1e-15)
    np.testing.assert_allclose(by_weight, 2 * np.outer(q.data, x.data), rtol=1e-14)
    np.testing.assert_allclose(by_x, 2 * weight.data.T @ q.data, rtol=1e-14)


def test_jacobians_of_the_matrix_product():
    # Of q = Wx: ∂q_i/∂x_k = W_ik, and ∂q_i/∂W_jk = x_k where i = j, else 0.
    weight, x = leaf([[0.1, 0.5], [-0.3, 0.8]]), leaf([[0.2], [0.4]])  # x as a column
    q = weight @ x
    jacobians = q.grad_fn.local_gradient_values()
    np.testing.assert_array_equal(jacobians["y"].reshape(2, 2), weight.data)
    expected = np.einsum("ij,k->ijk", np.eye(2), x.data[:, 0])
    np.testing.assert_array_equal(jacobians["x"].reshape(2, 2, 2), expected)
    # The chain rule in matrices: the Jacobian of ‖q‖² is 2qᵀ, times that of q.
    squares = q**2
    assert squares.grad_fn.local_gradient_values()["x"].tolist() == (2 * q.data).tolist()
    (by_weight,) = grad(squares.sum(), [weight])
    chained = np.einsum("i,ijk->jk", 2 * q.data[:, 0], expected)
    np.testing.assert_allclose(by_weight.data, chained, rtol=1e-14)


def test_gradient_of_a_vector_of_sigmoids():
    z = leaf(np.arange(-6.0, 7.0))
    values = autograd.sigmoid(z)
    values.backward(np.ones(13))
    slopes = z.grad.data
    np.testing.assert_allclose(slopes, values.data * (1 - values.data), rtol=1e-14)
    assert slopes[[0, 12]].round(8).tolist() == [0.00246651] * 2
    assert slopes[[5, 7]].round(8).tolist() == [0.19661193] * 2
    assert slopes[6] == 0.25 == slopes.max()


@pytest.mark.parametrize("y", [0.0, 1.0])
def test_logistic_regression_by_hand(y):
    x = np.array([0.5, -1.2, 2.0])
    w, b = leaf([0.3, 0.1, -0.4]), leaf(0.2)
    z = (w * x).sum() + b
    a = autograd.sigmoid(z)
    loss = -(y * a.log() + (1 - y) * (1 - a).log())
    by_a, by_z, by_w, by_b = (g.data for g in grad(loss, (a, z, w, b)))
    hat = a.item()
    assert by_a == pytest.approx((hat - y) / (hat * (1 - hat)), rel=1e-14)
    assert by_z == pytest.approx(hat - y, rel=1e-14)
    np.testing.assert_allclose(by_w, x * (hat - y), rtol=1e-14)
    assert by_b == pytest.approx(hat - y, rel=1e-14)


def softmax_by_hand(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


CROSS_ENTROPIES = {
    "the fused node": lambda z, labels: autograd.softmax_cross_entropy(z, labels).sum(),
    "log-softmax": lambda z, labels: -autograd.log_softmax(z)[np.arange(3), labels].sum(),
    "the logarithm of softmax": lambda z, labels: (
        -(autograd.softmax(z).log() * np.eye(4)[labels]).sum()
    ),
}


@pytest.mark.parametrize("loss", CROSS_ENTROPIES.values(), ids=CROSS_ENTROPIES)
def test_softmax_with_cross_entropy_sends_back_prediction_minus_target(loss):
    z, labels = leaf(RNG.standard_normal((3, 4))), np.array([2, 0, 3])
    value = loss(z, labels)
    value.backward()
    prediction = softmax_by_hand(z.data)
    assert value.item() == pytest.approx(-np.log(prediction[[0, 1, 2], labels]).sum(), rel=1e-14)
    expected = prediction - np.eye(4)[labels]
    np.testing.assert_allclose(z.grad.data, expected, rtol=1e-12, atol=1e-15)


def two_layers(inputs, targets, parameters):
    """Cost of a network with one hidden layer of tanh units and logistic outputs."""
    w1, b1, w2, b2 = parameters
    hidden = (inputs @ w1.T + b1).tanh()
    a = autograd.sigmoid(hidden @ w2.T + b2)
    losses = -(targets * a.log() + (1 - targets) * (1 - a).log()).sum(axis=1)
    return losses.mean()


@pytest.fixture
def batch():
    m, n_in, n_hidden, n_out = 7, 3, 5, 2
    rng = np.random.default_rng(4)
    shapes = [(n_hidden, n_in), (n_hidden,), (n_out, n_hidden), (n_out,)]
    parameters = [leaf(rng.standard_normal(shape)) for shape in shapes]
    inputs = rng.standard_normal((m, n_in))
    targets = rng.integers(0, 2, (m, n_out)).astype(float)
    return inputs, targets, parameters


def test_vectorised_backward_of_two_layers_by_hand(batch):
    x, y, parameters = batch
    w1, b1, w2, b2 = (p.data for p in parameters)
    m = len(x)

    a1 = np.tanh(x @ w1.T + b1)
    a2 = 1 / (1 + np.exp(-(a1 @ w2.T + b2)))
    dz2 = a2 - y
    dw2 = dz2.T @ a1 / m
    db2 = dz2.mean(axis=0)
    dz1 = (dz2 @ w2) * (1 - a1**2)  # tanh' = 1 − tanh²
    dw1 = dz1.T @ x / m
    db1 = dz1.mean(axis=0)

    for found, expected in zip(
        grad(two_layers(x, y, parameters), parameters), (dw1, db1, dw2, db2), strict=True
    ):
        np.testing.assert_allclose(found.data, expected, rtol=1e-12, atol=1e-15)


def test_the_batch_gradient_is_the_mean_of_the_examples_gradients(batch):
    x, y, parameters = batch
    singles = [
        grad(two_layers(x[i : i + 1], y[i : i + 1], parameters), parameters) for i in range(len(x))
    ]
    together = grad(two_layers(x, y, parameters), parameters)
    for found, of_examples in zip(together, zip(*singles, strict=True), strict=True):
        mean = np.mean([one.data for one in of_examples], axis=0)
        np.testing.assert_allclose(found.data, mean, rtol=1e-12, atol=1e-15)


def test_a_single_unit():
    # ŷ = g(1 + 3x₁ − 2x₂) at (−2, 2), with g the sigmoid: σ(−9)
    z = 1 + (Tensor(np.array([-2.0, 2.0])) * [3, -2]).sum()
    assert z.item() == -9
    assert round(autograd.sigmoid(z).item(), 8) == 0.00012339


def test_parameter_counts_of_784_100_10():
    import nn

    net = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    counts = [sum(p.size for p in layer.parameters()) for layer in net]
    assert counts == [78_500, 0, 1_010]
    assert net[0].weight.shape == (100, 784)
    assert net[0].bias.shape == (100,)
    assert sum(p.size for p in net.parameters()) == 79_510


def test_gradient_check_of_a_network():
    import nn

    class Net(nn.Module):
        def __init__(self):
            rng = np.random.default_rng(0)
            self.hidden = nn.Linear(4, 6, dtype=np.float64, generator=rng)
            self.dropout = nn.Dropout(0.5)
            self.output = nn.Linear(6, 3, dtype=np.float64, generator=rng)

        def forward(self, x):
            return self.output(self.dropout(self.hidden(x).tanh()))

    net, x, labels = Net(), RNG.standard_normal((5, 4)), np.array([0, 1, 2, 1, 0])

    def cost(x):
        return nn.functional.cross_entropy(net(x), labels)

    with pytest.raises(ValueError, match=r"Switch dropout off \(module\.eval\(\)\)"):
        gradcheck(cost, x, parameters=net.parameters())
    net.eval()
    report = gradcheck(cost, x, parameters=net.parameters())
    assert report.verdict == "great"
    assert report.components == (4 + 1) * 6 + (6 + 1) * 3
    assert report.worst.name.startswith("parameter ")


def test_softmax_of_four_logits():
    z = Tensor(np.array([5.0, 2.0, -1.0, 3.0]))
    assert autograd.softmax(z).data.round(3).tolist() == [0.842, 0.042, 0.002, 0.114]


def test_jacobian_of_softmax():
    y = autograd.softmax(leaf([5.0, 2.0, -1.0, 3.0]))
    (jacobian,) = y.grad_fn.local_gradient_values().values()
    expected = y.data[:, None] * (np.eye(4) - y.data)  # ŷ_c (δ_co − ŷ_o)
    np.testing.assert_allclose(jacobian, expected, rtol=1e-12, atol=1e-16)
    np.testing.assert_allclose(jacobian.sum(axis=0), 0, atol=1e-15)  # probabilities sum to 1


@pytest.mark.parametrize("shift", [-1000.0, -1.0, 0.5, 1000.0])
def test_softmax_does_not_change_when_all_logits_shift(shift):
    z = np.array([5.0, 2.0, -1.0, 3.0])
    shifted = autograd.softmax(Tensor(z + shift))
    np.testing.assert_allclose(shifted.data, autograd.softmax(Tensor(z)).data, rtol=1e-12)


def test_softmax_of_two_classes_is_a_sigmoid():
    z = Tensor(RNG.standard_normal((6, 2)))
    first = autograd.softmax(z)[:, 0]
    np.testing.assert_allclose(first.data, autograd.sigmoid(z[:, 0] - z[:, 1]).data, rtol=1e-14)


def test_log_odds_are_linear_in_the_input():
    weight, bias = RNG.standard_normal((4, 3)), RNG.standard_normal(4)
    x = RNG.standard_normal((5, 3))
    p = autograd.softmax(Tensor(x) @ weight.T + bias)
    for c, o in ((0, 1), (2, 3), (3, 0)):
        log_odds = (p[:, c] / p[:, o]).log()
        expected = x @ (weight[c] - weight[o]) + bias[c] - bias[o]
        np.testing.assert_allclose(log_odds.data, expected, rtol=1e-11, atol=1e-14)
