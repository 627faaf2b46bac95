"""A loss and its gradient as a plain NumPy program: what it says, that it runs, that it agrees."""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from support.checks import operations_of_a_test
from support.expressions import gradients, result_of, weights_of
from support.operations import CASES
from support.random_expressions import expressions, many

import autograd
import nn
from autograd import Elementwise, Tensor, no_grad, record
from autograd.graph.deriving.sheet import derive


def number(x, name=None):
    return Tensor(x, requires_grad=True, dtype="float64", name=name)


def f(x, y, z):
    A = x + y
    B = A * z
    return B**2


PROGRAM = '''\
"""f and its gradient, in plain NumPy."""

import numpy as np


def value_and_gradients(x, y, z):
    """The value, and by name the derivative of it by each input that wants one.

    x: () float64
    y: () float64
    z: () float64
    """
    A = x + y              # A = x + y
    B = A * z              # B = A · z
    f = np.square(B)       # f = B²

    # backward: d_x is the derivative of f by x
    d_f = np.ones_like(f)  # ∂f/∂f = ones_like(f)
    # back through Square
    t = 2 * B              # 2 · B
    d_B = d_f * t          # ∂f/∂B = ∂f/∂f · 2 · B
    # back through Multiply
    d_A = d_B * z          # ∂f/∂A = ∂f/∂B · z
    d_z = d_B * A          # ∂f/∂z = ∂f/∂B · A
    # back through Add
    d_x = d_A              # ∂f/∂x = ∂f/∂A
    d_y = d_A              # ∂f/∂y = ∂f/∂A
    gradients = {
        "x": d_x,
        "y": d_y,
        "z": d_z,
    }
    return f, gradients
'''


def test_the_lecture_s_function_as_a_program():
    # f = ((x + y) z)² at 1, 2, −3: ∂f/∂x = 2 (x + y) z² = 54, ∂f/∂z = 2 (x + y)² z = −54.
    sheet = derive(f, number(1.0), number(2.0), number(-3.0))
    assert str(sheet) == PROGRAM
    value, found = sheet.run()
    assert value == 81
    assert {name: float(g) for name, g in found.items()} == {"x": 54, "y": 54, "z": -54}


def test_the_matrix_product_of_the_lecture():
    W = Tensor(np.array([[0.1, 0.5], [-0.3, 0.8]]), requires_grad=True, name="W")
    x = Tensor(np.array([[0.2], [0.4]]), requires_grad=True, name="x")
    sheet = derive(lambda: ((W @ x) ** 2).sum())
    value, found = sheet.run()
    assert value == pytest.approx(0.116)
    assert np.allclose(found["W"], [[0.088, 0.176], [0.104, 0.208]])
    assert np.allclose(found["x"].ravel(), [-0.112, 0.636])
    assert "∂result/∂W = ∂result/∂v1 @ xᵀ" in sheet.source


def network():
    autograd.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Dropout(0.4), nn.Linear(5, 3))
    x = np.linspace(-1, 1, 24, dtype=np.float32).reshape(6, 4)

    def loss_of(net, x, labels):
        penalty = (net[0].weight ** 2).sum()
        return autograd.softmax_cross_entropy(net(x), labels).mean() + 0.01 * penalty

    return loss_of, net, x, np.arange(6) % 3


def test_the_program_of_a_network_runs_where_only_numpy_is():
    sheet = derive(*network())
    program = "\n".join(
        (
            "import sys",
            "class Only:",
            "    def find_spec(self, name, path=None, target=None):",
            "        if name.partition('.')[0] in ('autograd', 'nn', 'optim'):",
            "            raise ImportError(name)",
            "sys.meta_path.insert(0, Only())",
            sheet.source,
            "import ast",
            "inputs = {n: np.array(v, t) for n, (v, t) in ast.literal_eval(input()).items()}",
            "value, gradients = value_and_gradients(**inputs)",
            "print([float(value), *(float(np.sum(g)) for g in gradients.values())])",
        )
    )
    inputs = {name: (x.tolist(), x.dtype.str) for name, x in sheet.inputs.items()}
    done = subprocess.run(
        [sys.executable, "-c", program], input=f"{inputs}\n", capture_output=True, text=True
    )
    assert not done.stderr
    value, found = sheet.run()
    assert done.stdout.strip() == str([float(value), *(float(g.sum()) for g in found.values())])


def test_formulas_name_long_parts_and_lines_that_nobody_needs_are_left_out():
    source = derive(*network()).source
    assert re.search(r"= \(∂loss_of/∂v\d+\)ᵀ @ v\d+$", source, re.MULTILINE)
    assert not re.search("…$", source, re.MULTILINE)
    assert "t_10 = np.log(t_9)" in source
    assert "ln(Σ[−1] e^(v5 − t_6))" in source
    assert "count_nonzero" not in source  # of the check of the labels


def test_a_network_s_parameters_and_the_mask_that_was_drawn_are_inputs_by_name():
    sheet = derive(*network())
    drawn = {"c1"}
    assert set(sheet.inputs) == drawn | {
        *("x", "labels", "layer_0_weight", "layer_0_bias", "layer_3_weight", "layer_3_bias")
    }
    assert set(np.unique(sheet.inputs["c1"]).round(4)) == {0, np.float32(1 / 0.6).round(4)}
    assert sheet.check()


def test_the_program_gives_the_engine_s_numbers_to_the_last_bit():
    fn, net, x, labels = network()
    net.eval()
    _, found = derive(fn, net, x, labels).run()
    fn(net, x, labels).backward()
    for name, parameter in net.named_parameters():
        np.testing.assert_array_equal(found[f"layer_{name.replace('.', '_')}"], parameter.grad.data)


def test_the_program_holds_for_other_numbers():
    sheet = derive(f, number(1.0), number(2.0), number(-3.0))
    value, found = sheet.run(x=np.array(0.5), z=np.array(2.0))
    assert (value, found["x"]) == (25, 2 * (0.5 + 2) * 2**2)


@settings(parent=many, max_examples=60)
@given(expressions())
def test_random_programs_agree_with_the_engine_and_with_differences(expression):
    leaves = expression.tensors(expression.arrays())
    expected = gradients(expression, leaves)
    with record() as tape:
        result = result_of(expression, leaves)
        loss = (Tensor(weights_of(result)) * result).sum()
    if not loss.requires_grad:  # the variables were not used
        return
    sheet = derive(loss, tape)
    assert sheet.check(), f"{sheet}\n{sheet.check()}"
    _, found = sheet.run()
    for name, gradient in zip(expression.variables, expected, strict=True):
        if name in found:
            np.testing.assert_allclose(found[name], gradient.data, rtol=1e-12, atol=1e-14)
        else:
            assert not gradient.data.any()


# Of each operation a row of the table, and one with a single number where there is one.
ROWS = {(row.op, () in [one.shape for one in row.inputs]): row for row in reversed(CASES)}


@pytest.mark.parametrize("row", ROWS.values(), ids=str)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_operation_has_a_program(row):
    inputs = [Tensor(x, requires_grad=True) if x.dtype.kind == "f" else x for x in row.draw()]
    with record() as tape:
        results = [x for x in row.apply(*inputs) if isinstance(x, Tensor) and x.requires_grad]
        loss = sum(((x * weights_of(x)).sum() for x in results), number(0.0))
    sheet = derive(loss, tape)
    assert sheet.check(), f"{sheet}\n{sheet.check()}"


# The check


def test_the_check_prints_the_largest_gaps():
    check = derive(f, number(1.0), number(2.0), number(-3.0)).check()
    assert check
    assert [(gap.name, float(gap.gradient), gap.entries) for gap in check.gaps] == [
        ("x", 54, 1),
        ("y", 54, 1),
        ("z", -54, 1),
    ]
    assert [gap.to_engine for gap in check.gaps] == [0, 0, 0]
    assert max(gap.to_differences for gap in check.gaps) < 1e-7
    lines = str(check).splitlines()
    assert lines[0].split("  ")[0] == "input"
    assert lines[-1] == "value: program 81, engine 81. Program, engine and differences agree."
    assert "<td" in check._repr_html_()


def test_a_wrong_rule_is_found():
    with operations_of_a_test():

        class Cube(Elementwise):
            """x³, with the factor forgotten."""

            def forward(x):
                return x * x * x

            local_gradients = {"x": lambda x: x * x}

        check = derive(lambda x: Cube.apply(x), number(2.0, "x")).check()
    assert not check
    (gap,) = check.gaps
    assert gap.to_engine == 0
    assert gap.to_differences == pytest.approx(12 - 4)
    assert "differs" in str(check)
    assert "look at the rule" in str(check)


def test_a_program_that_was_changed_is_found():
    sheet = derive(f, number(1.0), number(2.0), number(-3.0))
    object.__setattr__(sheet, "source", sheet.source.replace("d_z = d_B * A", "d_z = d_B * z"))
    check = sheet.check()
    assert not check
    assert [gap.to_engine for gap in check.gaps] == [0, 0, 108]


def test_the_engine_is_held_to_rounding_where_differences_cannot_be():
    sheet = derive(f, number(1.0), number(2.0), number(-3.0))
    changed = sheet.source.replace("d_z = d_B * A", "d_z = d_B * A * (1 + 1e-9)")
    object.__setattr__(sheet, "source", changed)
    check = sheet.check()
    assert not check
    assert check.gaps[2].to_differences < 1e-7


def test_of_many_entries_fifty_are_checked():
    w = Tensor(np.linspace(-1, 1, 1000), requires_grad=True)
    check = derive(lambda w: (w**3).sum(), w).check()
    assert check
    assert check.gaps[0].entries == 50
    assert "50 of 1,000" in str(check)


# What it is given


def test_float32_stays_float32_and_is_checked_in_float64():
    w = Tensor(np.linspace(-1, 1, 6, dtype=np.float32), requires_grad=True)
    sheet = derive(lambda w: autograd.sigmoid(w).mean(), w)
    _, found = sheet.run()
    assert found["w"].dtype == np.float32
    check = sheet.check()
    assert check
    assert check.gaps[0].to_differences < 1e-7


def test_a_conversion_to_float32_does_not_blur_the_differences():
    w = Tensor(np.linspace(-1, 1, 6), requires_grad=True)
    assert derive(lambda w: (w.astype("float32") ** 2).sum(), w).check()


def test_a_negative_number_keeps_its_sign_in_a_power():
    sheet = derive(lambda x: (-2.0) ** x.detach() * x, number(2.0))
    assert float(sheet.run()[0]) == 8


def test_what_no_gradient_flows_through_stays_as_it_was():
    def f(w):
        with no_grad():
            scale = w * 2.0
        return (w.detach() * w * scale).sum()

    w = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    sheet = derive(f, w)
    _, found = sheet.run()
    f(w).backward()
    np.testing.assert_array_equal(found["w"], w.grad.data)
    np.testing.assert_array_equal(found["w"], 2 * w.data**2)
    assert sheet.check()  # its differences hold still what no gradient flows through


def test_a_gradient_that_is_a_sum_is_written_as_one():
    sheet = derive(lambda x: x * x + x, number(3.0))
    assert "d_x = t + d_x_3" in sheet.source
    assert float(sheet.run()[1]["x"]) == 7


def test_names_that_are_no_identifiers_are_made_ones():
    names = ("class", "0.weight", "w\n\"'''", "w²", "np", "d_x")
    tensors = [number(float(i + 1), name) for i, name in enumerate(names)]
    sheet = derive(lambda: sum((t * t for t in tensors), 0.0 * tensors[0]))
    value, found = sheet.run()
    assert value == 91
    assert sorted(float(g) for g in found.values()) == [2, 4, 6, 8, 10, 12]
    assert "layer_0_weight" in found
    assert "class_" in found


def test_a_sheet_shows_itself_with_its_names_escaped():
    html = derive(lambda x: autograd.where(x < 3.0, x, 0.0) * x, number(2.0))._repr_html_()
    assert html.startswith("<pre>")
    assert "&lt;" in html
    assert "x < 3" not in html


def test_a_recorded_loss_after_backward_and_its_tape_will_do():
    x = number(2.0)
    with record() as tape:
        y = x * x
        y.backward()
    assert derive(y).source == derive(tape).source == derive(y, tape).source
    assert float(x.grad.data) == 4


w = number(2.0, "w")


def without_history():
    with no_grad():
        return w * 2.0


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: derive(w * w), RuntimeError, "derive: this loss was not recorded"),
        (lambda: derive(without_history), ValueError, "the result has no gradient"),
        (lambda: derive(lambda: autograd.stack([w, w])), ValueError, "Reduce it first"),
        (lambda: derive(3), TypeError, "derive takes a loss, a tape, or a function"),
    ],
)
def test_a_wrong_call_is_answered_with_what_to_do(call, error, words):
    with pytest.raises(error, match=words):
        call()
