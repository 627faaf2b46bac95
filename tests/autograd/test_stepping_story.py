"""The story of a step-through page: its order, formulas, names, words and source."""

import base64
import html
import re

import numpy as np
from support.checks import operations_of_a_test
from support.step_pages import (
    Page,
    leaf,
    page_of,
    shown_and_page,
    twice_used,
)

import autograd
from autograd import Elementwise, Tensor
from autograd.graph.stepping import step_through


def test_first_forward_then_backward_one_call_a_step():
    page = page_of("scalars, one of them used twice")
    calls = page.data["calls"]
    operations = [calls[s["part"]]["operation"] for s in page.steps if "part" in s]
    assert operations == ["Add", "Multiply", "Add", "Square", "Square", "Add", "Multiply", "Add"]
    assert [step["kind"] for step in page.steps] == [
        *("start", "forward", "forward", "forward", "forward"),
        *("backward", "backward", "backward", "backward", "end"),
    ]
    assert len(page.said) == len(page.steps)


def formulas_of(page, step):
    found = {}
    for card in page.cards(step, "local"):
        if card.get("formula", -1) >= 0:
            found[card["name"]] = re.sub(r"<[^>]+>", "", page.data["formulas"][card["formula"]])
    return found


def test_formulas_are_those_of_the_rules():
    shown, page = shown_and_page("a network")
    for step, seen in zip(shown.story.steps, page.steps, strict=True):
        if step.kind == "backward":
            rules = step.call.local_gradient_formulas()
            expected = {n: re.sub(r"<[^>]+>", "", rule.mathml) for n, rule in rules.items()}
            assert formulas_of(page, seen) == expected
    tanh = next(
        s for s in page.of_kind("backward") if "tanh" in page.data["calls"][s["part"]]["title"]
    )
    assert formulas_of(page, tanh) == {"x": "1−out·out"}
    assert [card["of"] for card in page.cards(tanh, "kept")] == ["h"]  # what the formula speaks of


def test_a_rule_that_cannot_be_read_leaves_the_formula_out():
    with operations_of_a_test():

        class Odd(Elementwise):
            forward = staticmethod(lambda x: np.array(x * 3.0))
            local_gradients = {"x": lambda x: np.array([3.0] * len(memoryview(x)))}

        page = Page(step_through(lambda x: Odd.apply(x).sum(), leaf(2)))
    odd = page.of_kind("backward")[1]
    assert formulas_of(page, odd) == {}
    assert page.arrays(odd, "sent", "name")["x"].tolist() == [3, 3]


def test_calls_without_gradient_say_why():
    def several_ends(x):
        best = x.argmax()
        fixed = x.detach()
        with autograd.no_grad():
            scale = x * 2
        aside = np.exp(x)
        assert best.shape == aside.shape[1:]
        return (x * fixed * scale + best).sum()

    page = Page(step_through(several_ends, leaf(3)))
    why = {
        page.data["calls"][step["part"]]["title"]: note
        for step in page.of_kind("forward")
        for note in step.get("notes", ())
    }
    no = "No gradient comes back through this call: "
    assert why == {
        "best = arg_max(x)": no + "ArgMax lets none through.",
        "fixed = detach(x)": no + "Detach lets none through.",
        "scale = x × 2": no + "it ran within no_grad().",
        "aside = exp(x)": no + "the result does not depend on it.",
    }
    assert "Nothing is sent to fixed: it requires no gradient." in page.said[-2]


def test_leaves_that_nothing_reaches_are_named():
    unused = leaf(2, name="unused")
    page = Page(
        step_through(lambda x: (x + 0 * unused.detach()).sum() + (unused > 0).sum(), leaf(2))
    )
    assert page.steps[-1]["notes"] == [
        "No gradient arrived at unused: the result does not depend on it."
    ]
    assert "notes" not in page_of("a network").steps[-1]  # nobody misses those of the data


def test_hooks_that_change_gradients_are_told():
    def hooked(x):
        y = x * 2
        y.register_hook(lambda g: 10 * g)
        return y.sum()

    page = Page(step_through(hooked, leaf(2)))
    said = "A hook changed the gradient of y: [1, 1] was sent to it, [10, 10] went on."
    assert page.of_kind("backward")[1]["notes"] == [said]
    assert page.gradients()["x"].tolist() == [20, 20]


def test_values_have_their_names_and_numbers_where_those_are_not_unique():
    def repeated(x):
        for _ in range(2):
            x = np.tanh(x)
        return (x * Tensor(2.0)).sum()

    titles = [
        call["title"] for call in Page(step_through(repeated, leaf(2))).data["calls"].values()
    ]
    assert titles == ["x #1 = tanh(x)", "x #2 = tanh(x #1)", "#3 = x #2 × input", "#4 = sum(#3)"]


def test_the_source_is_shown_and_each_call_knows_its_line():
    page = page_of("a network")
    (source,) = page.data["sources"]
    assert source["title"] == "two_layers"
    text = dict(source["lines"])
    assert next(iter(text.values())).startswith("def two_layers(x: Any, target: Any, ")
    lines = [text[call["line"][1]].strip() for call in page.data["calls"].values()]
    assert lines == [
        *["h = np.tanh(x @ W1 + b1)"] * 3,
        *["error = h @ W2 + b2 - target"] * 3,
        *["return (error**2).mean()"] * 2,
    ]


def test_without_source_the_page_does_without():
    scope = {}
    exec("def twice(x): return (x * 2).sum()", scope)
    page = Page(step_through(scope["twice"], leaf(2)))
    assert page.data["sources"] == []
    assert not any("line" in call for call in page.data["calls"].values())


def test_edges_and_parts_lead_through_the_drawing():
    page = page_of("scalars, one of them used twice")
    assert page.data["parts"] == {
        "c0": {"forward": 1, "backward": 8},
        "c1": {"forward": 2, "backward": 7},
        "c2": {"forward": 3, "backward": 6},
        "c3": {"forward": 4, "backward": 5},
        "v0": {"forward": 0, "backward": 8},
        "v1": {"forward": 0, "backward": 8},
        "v2": {"forward": 0, "backward": 7},
    }
    assert [step.get("edges") for step in page.steps[1:4]] == [
        ["v0-c0", "v1-c0"],
        ["c0-c1", "v2-c1"],
        ["c1-c2", "c0-c2"],
    ]
    cut_back = page_of("cut paths").of_kind("backward")
    assert [len(step["edges"]) for step in cut_back] == [1, 1, 2, 1]  # not to what is cut off
    assert page_of("any number of inputs").data["parts"]["v0"]["backward"] == 8  # the last use
    picture = html.unescape(base64.b64decode(re.search('base64,([^"]+)"', page.text)[1]).decode())
    drawn = {one for classes in re.findall('class="([^"]*)"', picture) for one in classes.split()}
    for step in page.steps:
        assert drawn.issuperset(step.get("edges", ()))
    assert drawn.issuperset(page.data["parts"])
    assert picture.count("∇") == 7  # the drawing alone tells gradients, too


def test_a_recorded_result_shows_its_own_history():
    x, y, z = (
        Tensor(v, requires_grad=True, name=n) for v, n in zip((1.0, 2.0, 4.0), "xyz", strict=True)
    )
    with autograd.record() as tape:
        loss = twice_used(x, y, z)
        aside = x * 7
        loss.backward()
    page = Page(step_through(loss, tape))
    assert aside.item() == 7
    assert len(page.of_kind("forward")) == len(page.of_kind("backward")) == 4
    found = {name: array.item() for name, array in page.gradients().items()}
    assert found == {"x": 150, "y": 150, "z": 90}
    assert x.grad.item() == 150


def test_a_record_without_a_backward_pass_says_so():
    with autograd.record() as tape:
        loss = leaf(2).sum()
    (start, forward) = Page(step_through(loss, tape)).steps
    assert start["notes"] == [
        "No backward pass was recorded. To see it, call loss.backward() within "
        "`with autograd.record() as tape:`."
    ]
    assert forward["kind"] == "forward"


def test_a_function_may_run_its_own_backward_pass():
    x = Tensor(3.0, requires_grad=True)

    def step(x):
        loss = x * x
        loss.backward()
        return loss

    assert Page(step_through(step, x)).gradients()["x"].item() == 6


def test_without_a_gradient_there_is_only_the_way_forward():
    page = Page(step_through(lambda x: np.tanh(x), Tensor([1.0, 2.0])))
    assert [step["kind"] for step in page.steps] == ["start", "forward"]
    assert "There is no way back" in page.said[0]


def test_the_way_back_may_start_from_a_given_gradient():
    x = Tensor([1.0, 2.0], requires_grad=True)
    page = Page(step_through(lambda x: x * x, x, gradient=[10.0, 1.0]))
    assert page.gradients()["x"].tolist() == [20, 4]
    assert "begins with the gradient that was given" in page.said[2]


def test_a_bias_is_told_to_receive_the_sum_over_the_rows():
    x, weight, bias = leaf(4, 3), leaf(2, 3), leaf(2)
    page = Page(step_through(lambda x, w, b: autograd.affine(x, w, b).sum(), x, weight, bias))
    (step,) = [s for s in page.steps if s["kind"] == "backward" and len(page.cards(s, "sent")) == 3]
    notes = {card["name"]: card.get("note", "") for card in page.cards(step, "sent")}
    assert notes == {"x": "", "weight": "", "bias": "summed over the rows"}
