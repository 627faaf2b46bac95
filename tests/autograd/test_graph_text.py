"""The graph in text: as a tree, step by step, and for Mermaid."""

import re

import numpy as np
import pytest
from support.graphs import doubled, leaf, square_of_product

import autograd
import nn
from autograd import Tensor, record
from autograd.graph import describe, mermaid, steps, tree


def scalars():
    return [Tensor(x, requires_grad=True) for x in (1.0, 2.0, -3.0)]


def network():
    autograd.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 2), nn.ReLU()), Tensor(np.ones((3, 4), np.float32))


# Trees


def test_a_tree_shows_below_each_result_what_it_was_computed_from():
    assert tree(square_of_product, *scalars(), values=True, gradients=True) == (
        "#2 ** 2     () float32       = 81  ∇ 1\n"
        "└─ #1 ×     () float32       = −9  ∇ −18\n"
        "   ├─ #0 +  () float32       = 3   ∇ 54\n"
        "   │  ├─ x  () float32 leaf  = 1   ∇ 54\n"
        "   │  └─ y  () float32 leaf  = 2   ∇ 54\n"
        "   └─ z     () float32 leaf  = −3  ∇ −54"
    )


def test_what_is_used_again_is_named_not_repeated():
    def f(x):
        y = autograd.tanh(x)
        return y * y + x

    assert tree(f, leaf()) == (
        "#2 +               () float32\n"
        "├─ #1 ×            () float32\n"
        "│  ├─ #0 y = Tanh  () float32\n"
        "│  │  └─ x         () float32 leaf\n"
        "│  └─ #0 y = Tanh, as above\n"
        "└─ x, as above"
    )


def test_results_have_names_and_settings_and_several_outputs():
    def both(x):
        q, r = np.linalg.qr(x)
        return q.sum(axis=0), r.sum()

    with record() as tape:
        x = Tensor(np.eye(2), requires_grad=True, name="matrix")
        low, high = both(x)
    assert low.ndim > high.ndim
    lines = tree(tape).splitlines()
    assert lines[0].startswith("#1 low = Sum(axis=0)")
    assert [line.split("  (")[0].strip() for line in lines] == [
        *("#1 low = Sum(axis=0)", "└─ #0 q = Qr.q", "└─ matrix"),
        *("#2 high = Sum", "└─ #0 r = Qr.r"),
    ]


def test_a_tree_says_what_blocks_gradients():
    assert tree(lambda x, y: (x.detach() * y).sum(), leaf(2), leaf(2), gradients=True) == (
        "#2 Sum           () float32         ∇ 1\n"
        "└─ #1 ×          (2,) float32       ∇ [1, 1]\n"
        "   ├─ #0 Detach  (2,) float32\n"
        "   │  └─ x       (2,) float32 leaf  ∇ blocked at Detach\n"
        "   └─ y          (2,) float32 leaf  ∇ [1, 1]"
    )


def test_a_deep_tree_ends_with_a_note():
    shown = tree(doubled, Tensor(0.0, requires_grad=True), 5000)
    assert len(shown.splitlines()) < 100
    assert shown.splitlines()[41].endswith("└─ … steps() has all 5,000 calls")
    assert "…" not in tree(doubled, leaf(), 40)


def test_a_description_prints_as_a_tree():
    graph = describe(square_of_product, *scalars())
    assert str(graph) == tree(square_of_product, *scalars())
    assert "∇" not in str(graph)
    assert "∇ 54" in str(describe(square_of_product, *scalars(), gradients=True))


def test_a_text_shows_itself_as_it_is_printed():
    shown = tree(square_of_product, *scalars())
    assert repr(shown) == str(shown)
    assert isinstance(shown, str)


def test_what_could_not_be_shown_is_said_below():
    y = (leaf(2) * 2).sum()
    assert "This was not recorded" in tree(y, values=True).splitlines()[-1]
    assert "recorded" not in tree(y)


# Steps


def test_steps_go_forward_and_then_back():
    shown = steps(square_of_product, *scalars(), values=True, gradients=True)
    assert [" ".join(line.split("graphs.py")[0].split()) for line in shown.splitlines()] == [
        "forward",
        "#0 x + y () float32 = 3",
        "#1 #0 × z () float32 = −9",
        "#2 #1 ** 2 () float32 = 81",
        "backward",
        "#2 #1 ** 2 ∇ 1 → #1 ∇ −18",
        "#1 #0 × z ∇ −18 → #0 ∇ 54; z ∇ −54",
        "#0 x + y ∇ 54 → x ∇ 54; y ∇ 54",
    ]
    assert "graphs.py:21  return ((x + y) * z) ** 2" in shown


def test_steps_have_the_module_and_the_source_line():
    net, x = network()
    forward = steps(net, x).splitlines()
    assert re.search(r"#0  Affine\(batch|#0  Affine\(x, 0\.weight, 0\.bias\)", forward[1])
    assert "0 (Linear)" in forward[1]
    assert "1 (ReLU)" in forward[2]
    assert "test_graph_text.py" in forward[1]


@pytest.mark.parametrize(
    ("function", "written"),
    [
        (lambda x: x * 2, "x × 2"),
        (lambda x: 1 - x, "1 − x"),
        (lambda x: x @ x, "x @ x"),
        (lambda x: x[0], "x[0]"),
        (lambda x: x**3, "x ** 3"),
        (lambda x: -x, "Negative(x)"),
        (lambda x: x == x, "x == x"),
        (lambda x: x.sum(axis=0, keepdims=True), "Sum(x, axis=0, keepdims=True)"),
        (lambda x: autograd.stack([x, x]), "Stack(x, x)"),
    ],
)
def test_calls_are_written_as_in_python(function, written):
    line = steps(function, leaf(2, 2)).splitlines()[1]
    assert line.split("  ")[1] == written


def test_only_calls_that_a_gradient_comes_to_are_replayed():
    def f(x, w):
        x.argmax()
        unused = w * 3
        assert unused is not None
        return (x * w.detach()).sum()

    for gradients in (True, False):
        back = steps(f, leaf(2), leaf(2), gradients=gradients).split("backward\n")[1].splitlines()
        assert [line.split()[0] for line in back] == ["#4", "#3"]
    assert "backward\n" not in steps(lambda x: x.argmax(), leaf(2))


@pytest.mark.parametrize("calls", [1, 60, 5000])
def test_every_call_has_its_line(calls):
    shown = steps(doubled, Tensor(0.0, requires_grad=True), calls).splitlines()
    assert len(shown) == 2 + 2 * calls
    assert shown[1].startswith("#0")
    assert shown[-1].startswith("#0")


# Mermaid


def lines_of(*args, **options):
    return [line.strip() for line in mermaid(*args, **options).splitlines()]


def test_mermaid_text_has_the_nodes_the_edges_and_the_looks():
    lines = lines_of(square_of_product, *scalars())
    assert lines[:13] == [
        "flowchart TD",
        'v0("x<br/>() float32")',
        'v1("y<br/>() float32")',
        'v2("() float32")',
        'v3("z<br/>() float32")',
        'v4("() float32")',
        'v5("() float32")',
        'f0(["+"])',
        'f1(["×"])',
        'f2(["#42;#42; 2"])',
        "v0 --> f0",
        "v1 --> f0",
        "f0 --> v2",
    ]
    assert "class v0,v1,v3 leaf" in lines
    assert "class f0,f1,f2 function" in lines
    assert "class v5 output" in lines


def test_mermaid_text_has_no_word_that_mermaid_keeps_for_itself():
    """As Mermaid 11.17 was found to do with a class named "call"."""
    kinds = re.findall(r"classDef (\w+)", mermaid(lambda x: (x.detach() * x).sum(), leaf(2)))
    assert set(kinds) == {"leaf", "output", "result", "stop", "function"}


def test_mermaid_shows_what_flows_and_what_is_cut():
    def f(x, c):
        return (x.detach() * x - c).sum()

    lines = lines_of(f, leaf(2), Tensor([1.0, 2.0]), gradients=True)
    assert "v0 -.-x f0" in lines  # into Detach
    assert 'f0{{"Detach"}}' in lines
    assert "v0 --> f1" in lines
    assert 'v3 -.->|"right"| f2' in lines
    assert any(line.startswith("style v0 fill:#") for line in lines)


def test_mermaid_folds_as_drawings_do():
    net = nn.Sequential(*(nn.Linear(3, 3) for _ in range(50)))
    lines = lines_of(net, leaf(2, 3))
    assert 'subgraph g1["Sequential"]' in lines
    assert any("0…49 · Linear × 50" in line for line in lines)
    assert lines.count("end") == 2
    assert any(line.startswith('note0>"49 of 50 calls are folded.') for line in lines)
    assert 'g2[["0 · Linear<br/>1 call"]]' in lines_of(net, leaf(2, 3), depth=1)


AWKWARD = {
    'a "quoted" name': "a #34;quoted#34; name",
    "<b>bold</b> & <br/>": "#60;b#62;bold#60;#47;b#62; #38; #60;br#47;#62;",
    "#quot; #35;": "#35;quot#59; #35;35#59;",
    r"\N and \n": "∖N and ∖n",
    "v0 --> f0; }]) end": "v0 --#62; f0#59; #125;#93;) end",
    "`code` **b** _i_ $x$ %%": "#96;code#96; #42;#42;b#42;#42; #95;i#95; #36;x#36; #37;#37;",
    "Δθ · 権重 · 🎲": "Δθ · 権重 · 🎲",
    "two\nlines\x00": "two�lines�",
    "long" * 40: "long" * 19 + "lon…",
}


def test_names_are_escaped_for_mermaid():
    """Mermaid 11.17 showed each of these as it is (a backslash as a character that looks alike)."""
    lines = lines_of(lambda xs: autograd.stack(xs).sum(), [leaf(name=name) for name in AWKWARD])
    for i, shown in enumerate(AWKWARD.values()):
        assert f'v{i}("{shown}<br/>() float32")' in lines


def test_names_stay_in_one_line_of_trees_and_steps():
    for view in (tree, steps):
        shown = view(lambda x: x * 2, leaf(name="two\nlines\x1b[31m"))
        assert "two�lines�[31m" in shown
