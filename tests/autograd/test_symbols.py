"""Rules as formulas: what is shown is the code, evaluated and written three ways."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from support.checks import operations_of_a_test
from support.operations import CASES, Case, anywhere

from autograd import Function, Tensor, ops
from autograd.graph import explain
from autograd.ops import exponentials, trigonometry
from autograd.symbols import Formula, formula_of, local_gradient_formulas_of
from autograd.symbols.expression import Apply, Constant, Name


def node_of(case, dtype=np.float64):
    """The node of the first result, with the arrays it was computed from."""
    arrays = case.draw(dtype)
    results = case.apply(*[Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays])
    return results[0].grad_fn


NODES = [case for case in CASES if isinstance(case.op, type)]


# What is shown is what runs


@pytest.mark.parametrize("case", NODES, ids=repr)
def test_a_formula_gives_what_the_rule_gives(case):
    node = node_of(case)
    read, rng = node.signature, np.random.default_rng(1)
    kept = dict(zip(node.plan.kept_names, node.kept, strict=True))
    for which, formula in local_gradient_formulas_of(node).items():
        values = {name.lstrip("_"): value for name, value in kept.items()}
        for name in read.inputs if read.variadic else ():
            values |= {f"{name}[{i}]": one for i, one in enumerate(kept.get(name, ()))}
        upstream = upstream_gradients(node, rng)
        values |= upstream
        expected = pulled(node, which, list(upstream.values()))
        found = formula.evaluate(values)
        if read.elementwise:
            found = upstream["g"] * found
        np.testing.assert_array_equal(np.broadcast_to(found, np.shape(expected)), expected)


def upstream_gradients(node, rng):
    if not node.several:
        return {"g": rng.standard_normal(node.shape)}
    names = [f"g_{name.lstrip('_')}" for name in node.outputs]
    pairs = zip(names, node.shape, strict=True)
    return {name: rng.standard_normal(shape) for name, shape in pairs}


def pulled(node, which, upstream):
    """What the rules give for one input, before broadcasting is undone."""
    part = node.plan.parts[node.plan.wanted.index(which)]
    return part(upstream if node.several else upstream[0], node.kept)


def test_every_operation_has_a_formula_for_what_it_computes():
    for op in Function.registry:
        if op.__module__.startswith("autograd."):
            assert str(formula_of(op))


# The table that lessons rely on: what an operation computes, and its rules

SHOWN = {
    ops.Add: ("x + y", {"x": "1", "y": "1"}),
    ops.Subtract: ("x − y", {"x": "1", "y": "−1"}),
    ops.Multiply: ("x · y", {"x": "y", "y": "x"}),
    ops.Divide: ("x / y", {"x": "1 / y", "y": "−out / y"}),
    ops.Power: (
        "x^y",
        {"x": "y · (x + (x = 0) · (y = 0))^(y − 1)", "y": "out · ln(x + (x = 0))"},
    ),
    ops.Maximum: (
        "maximum(x, y)",
        {"x": "0.5 · (x > y) + 0.5 · (x ≥ y)", "y": "0.5 · (y > x) + 0.5 · (y ≥ x)"},
    ),
    ops.Where: ("where(condition, x, y)", {"x": "condition ≠ 0", "y": "condition = 0"}),
    ops.Negative: ("−x", {"x": "−1"}),
    ops.Square: ("x²", {"x": "2 · x"}),
    ops.Exp: ("e^x", {"x": "out"}),
    ops.Log: ("ln(x)", {"x": "1 / x"}),
    ops.Sqrt: ("√x", {"x": "0.5 / out"}),
    ops.Tanh: ("tanh(x)", {"x": "1 − out · out"}),
    ops.Sigmoid: ("sigmoid(x)", {"x": "out · (1 − out)"}),
    ops.ReLU: ("relu(x)", {"x": "out > 0"}),
    ops.Absolute: ("|x|", {"x": "sign(x)"}),
    ops.Sum: ("Σ x", {"x": "broadcast_to(g, shape of x)"}),
    ops.Mean: ("mean(x)", {"x": "broadcast_to(g / 6, shape of x)"}),
    ops.MatMul: ("x @ y", {"x": "g @ yᵀ", "y": "xᵀ @ g"}),
    ops.Affine: ("x @ weightᵀ + bias", {"x": "g @ weight", "weight": "gᵀ @ x", "bias": "g"}),
    ops.Softmax: ("softmax(x)", {"x": "out · (g − Σ[−1] g · out)"}),
    ops.LogSoftmax: ("log_softmax(x)", {"x": "g − e^out · Σ[−1] g"}),
    ops.Reshape: ("reshape(x)", {"x": "reshape(g, shape of x)"}),
    ops.BroadcastTo: ("broadcast_to(x)", {"x": "g"}),
    ops.Minimum: (
        "minimum(x, y)",
        {"x": "0.5 · (x < y) + 0.5 · (x ≤ y)", "y": "0.5 · (y < x) + 0.5 · (y ≤ x)"},
    ),
    ops.Clip: ("clip(x)", {"x": "(x ≥ −1) · (x ≤ 0.5)"}),
    ops.Transpose: ("xᵀ", {"x": "transpose(g, axes = (−1, −2))"}),
    ops.Concatenate: ("concatenate(arrays)", {0: "g[…, 0:2, :]", 1: "g[…, 2:3, :]"}),
    ops.ExpandDims: ("expand_dims(x)", {"x": "reshape(g, shape of x)"}),
    ops.GetItem: ("get_item(x)", {"x": "scatter_add(g, key = 1, shape of x)"}),
    trigonometry.Sin: ("sin(x)", {"x": "cos(x)"}),
    trigonometry.Cos: ("cos(x)", {"x": "−sin(x)"}),
    trigonometry.Arctan: ("arctan(x)", {"x": "1 / (1 + x · x)"}),
    exponentials.Log1p: ("log1p(x)", {"x": "1 / (1 + x)"}),
    exponentials.Reciprocal: ("1 / x", {"x": "−out · out"}),
}


@pytest.mark.parametrize("op", SHOWN, ids=lambda op: op.__name__)
def test_the_formulas_of_lessons(op):
    node = node_of(next(case for case in CASES if case.op is op))
    value, rules = SHOWN[op]
    assert str(formula_of(op)) == value
    found = local_gradient_formulas_of(node)
    assert {name: str(formula) for name, formula in found.items()} == rules


# Three ways of writing

x, y, z = Name("x"), Name("y"), Name("z")


def plus(a, b):
    return Apply(np.add, (a, b))


def times(a, b):
    return Apply(np.multiply, (a, b))


def over(a, b):
    return Apply(np.divide, (a, b))


def minus(a, b):
    return Apply(np.subtract, (a, b))


WRITTEN = [
    (times(plus(x, y), z), "(x + y) · z", r"\left(x + y\right) \cdot z"),
    (plus(times(x, y), z), "x · y + z", r"x \cdot y + z"),
    (minus(x, minus(y, z)), "x − (y − z)", r"x - \left(y - z\right)"),
    (minus(minus(x, y), z), "x − y − z", "x - y - z"),
    (over(x, times(y, z)), "x / (y · z)", r"\frac{x}{y \cdot z}"),
    (over(plus(x, y), z), "(x + y) / z", r"\frac{x + y}{z}"),
    (Apply(np.negative, (plus(x, y),)), "−(x + y)", r"-\left(x + y\right)"),
    (times(x, Apply(np.negative, (y,))), "x · (−y)", r"x \cdot \left(-y\right)"),
    (Apply(np.power, (plus(x, y), Constant(3))), "(x + y)³", r"{\left(x + y\right)}^{3}"),
    (Apply(np.exp, (Apply(np.negative, (x,)),)), "e^(−x)", "{e}^{-x}"),
    (Apply(np.sqrt, (plus(x, y),)), "√(x + y)", r"\sqrt{x + y}"),
    (Apply(np.sum, (times(x, y),), {"axis": Constant(-1)}), "Σ[−1] x · y", None),
    (Apply(np.log, (x,)), "ln(x)", r"\mathrm{ln}\left(x\right)"),
    (Constant(-np.inf), "−∞", r"-\infty"),
    (Constant(0.1), "0.1", "0.1"),
    (Name("sigma"), "σ", r"\sigma"),
    (Name("learning_rate"), "learning_rate", r"\mathit{learning\_rate}"),
]


@pytest.mark.parametrize(("tree", "unicode", "latex"), WRITTEN)
def test_brackets_stand_where_they_are_needed(tree, unicode, latex):
    formula = Formula(tree)
    assert str(formula) == unicode
    if latex is not None:
        assert formula.latex == latex


@pytest.mark.parametrize("case", NODES[::7], ids=repr)
def test_mathml_is_well_formed_and_latex_balanced(case):
    for formula in local_gradient_formulas_of(node_of(case)).values():
        root = ElementTree.fromstring(formula.mathml)
        assert root.tag == "{http://www.w3.org/1998/Math/MathML}math"
        assert formula.latex.count("{") == formula.latex.count("}")
        assert formula.latex.count(r"\left") == formula.latex.count(r"\right")
        assert formula._repr_latex_() == f"${formula.latex}$"


def test_a_number_among_the_operands_is_shown_as_a_number():
    for number, shown in ((3, "3"), (0.5, "0.5"), (-1.25, "−1.25")):
        node = (Tensor([1.0, 2.0], requires_grad=True) * number).grad_fn
        assert {k: str(f) for k, f in node.local_gradient_formulas().items()} == {"x": shown}


def test_the_power_of_a_number_reads_as_in_school():
    node = (Tensor([1.0, 2.0], requires_grad=True) ** 3).grad_fn
    assert str(node.local_gradient_formulas()["x"]) == "3 · x²"


def test_a_node_says_what_it_computes():
    x = Tensor([[1.0, 2.0]], requires_grad=True)
    assert str((x / x).grad_fn.formula()) == "x / y"
    assert str(x.sum(axis=0).grad_fn.formula()) == "Σ[−2] x"
    assert x.exp().grad_fn.formula().latex == "{e}^{x}"
    assert str(x[:, 1].grad_fn.formula()) == "x[:, 1]"


def test_released_nodes_have_no_formulas_any_more():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x.tanh()
    y.sum().backward()
    with pytest.raises(RuntimeError, match="released"):
        local_gradient_formulas_of(y.grad_fn)


def test_reading_a_rule_leaves_its_values_alone():
    node = node_of(Case(ops.Divide, np.divide, anywhere(2), anywhere(2)))
    before = [np.array(one) for one in node.kept]
    local_gradient_formulas_of(node)
    for one, wanted in zip(node.kept, before, strict=True):
        np.testing.assert_array_equal(one, wanted)


def test_an_operation_of_ones_own_has_formulas_too():
    with operations_of_a_test():

        class Cube(Function):
            def forward(x):
                return x**3

            gradients = {"x": lambda g, x: g * 3 * x**2}

    node = Cube.apply(Tensor([2.0], requires_grad=True)).grad_fn
    assert str(formula_of(Cube)) == "Cube(x)"
    assert str(local_gradient_formulas_of(node)["x"]) == "g · 3 · x²"


def test_names_with_latexs_own_characters_are_written_as_they_are():
    x = Tensor(2.0, requires_grad=True, name=r"50%_{a}&$b#")
    latex = explain(lambda: x * x, wrt=x).latex
    assert r"50\%\_\{a\}\&\$b\#" in latex
