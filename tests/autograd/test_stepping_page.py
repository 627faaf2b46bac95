"""The step-through page as a thing: what it leaves untouched, refuses, escapes and saves."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from support.checks import message
from support.step_pages import (
    PROGRAMS,
    Page,
    leaf,
    shown_and_page,
)

import autograd
import nn
from autograd import Tensor
from autograd.graph.stepping import step_through


class Counting(nn.Module):
    """Has a buffer, a counter and random numbers of its own."""

    def __init__(self):
        self.linear = nn.Linear(3, 2)
        self.dropout = nn.Dropout(0.5, np.random.default_rng(3))
        self.mean = Tensor(np.zeros(2, np.float32))
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        out = self.dropout(self.linear(x))
        self.mean.data[...] = out.data.mean(axis=0)
        return out


@pytest.mark.parametrize("known", [True, False], ids=["in the scope", "met on the way"])
@pytest.mark.parametrize("fails", [False, True])
def test_nothing_remembers_that_it_ran(known, fails):
    autograd.manual_seed(7)
    model = Counting()
    holder = [model]
    x = Tensor(np.ones((4, 3), np.float32), requires_grad=True)
    model(x).sum().backward()
    gradients = [np.array(p.grad.data) for p in (*model.parameters(), x)]
    state = (
        model.dropout.generator.bit_generator.state,
        autograd.random.draw("random", (0,)),
        model.calls,
    )
    mean = model.mean.data.copy()
    source = autograd.random.default_generator().bit_generator.state

    def loss_by(net, x):
        autograd.random.draw("random", (5,))
        loss = net(x).sum()
        if fails:
            raise KeyError("on purpose")
        return loss

    def by_name(x):
        model.dropout.eval()
        return loss_by(model, x)

    def by_place(x):
        return loss_by(holder[0], x)

    loss_of = by_name if known else by_place
    if fails:
        with pytest.raises(KeyError):
            step_through(loss_of, x)
    else:
        step_through(loss_of, x)
    now = [np.array(p.grad.data) for p in (*model.parameters(), x)]
    for before, after in zip(gradients, now, strict=True):
        np.testing.assert_array_equal(before, after)
    assert model.dropout.generator.bit_generator.state == state[0]
    assert autograd.random.default_generator().bit_generator.state == source
    assert (model.calls, model.training, model.dropout.training) == (state[2], True, True)
    np.testing.assert_array_equal(model.mean.data, mean)


def test_graphs_from_before_are_left_as_they_are():
    w = leaf(3)
    before = w * w
    page = Page(step_through(lambda x: (x * 2).sum(), before))
    assert page.data["parts"]["v0"] == {"forward": 0, "backward": 4}
    assert w.grad is None
    before.sum().backward()  # not released
    np.testing.assert_array_equal(w.grad.data, 2 * w.data)


with autograd.record() as other_tape:
    recorded = leaf(2).sum()

WRONG = {
    "no function": (TypeError, lambda: step_through(3)),
    "a tape alone": (TypeError, lambda: step_through(other_tape)),
    "a Tensor alone": (ValueError, lambda: step_through(leaf(2).sum())),
    "a Tensor with an argument": (TypeError, lambda: step_through(recorded, 3)),
    "a foreign Tensor": (LookupError, lambda: step_through(leaf(2).sum(), other_tape)),
    "no result": (TypeError, lambda: step_through(lambda x: None, leaf(2))),
    "two results": (TypeError, lambda: step_through(lambda x: (x.sum(), x), leaf(2))),
    "no operation": (ValueError, lambda: step_through(lambda x: x, leaf(2))),
    "no single number": (ValueError, lambda: step_through(lambda x: x * 2, leaf(2, 3))),
    "another shape": (
        ValueError,
        lambda: step_through(lambda x: x * 2, leaf(2), gradient=np.ones(3)),
    ),
    "too many calls": (
        ValueError,
        lambda: step_through(lambda x: sum((x * i for i in range(150)), x), leaf()),
    ),
    "no page": (ValueError, lambda: step_through(lambda x: x * 2, leaf()).save("steps.pdf")),
}
SAID = {
    "no function": "step_through takes a function, given with its arguments, or a Tensor that was "
    "recorded. This is 3 (int).",
    "a tape alone": "step_through takes the result whose history is to be seen, not the tape: "
    "step_through(loss).",
    "a Tensor alone": "step_through: a Tensor by itself keeps only what its rules need. Give the "
    "function that computes it, step_through(function, x, y), or record it:\n"
    "    with autograd.record() as tape:\n        loss = ...\n        loss.backward()\n"
    "    step_through(loss)",
    "a Tensor with an argument": "step_through: after a Tensor stands at most the tape that it "
    "was recorded on: step_through(loss). Arguments and `gradient` are those of a function, which "
    "stands first: step_through(function, x, y).",
    "a foreign Tensor": "No call of this record took or made the Tensor () float64. Compute with "
    "it within `with autograd.record() as tape:`, and ask for the very object, not for a copy.",
    "no result": "step_through: the function must return the one Tensor to differentiate, such as "
    "a loss; it returned NoneType. Does it end with `return loss`?",
    "two results": "step_through: the function must return the one Tensor to differentiate, such "
    "as a loss; it returned tuple. Leave the others out: step_through(lambda *args: f(*args)[0], "
    "...).",
    "no operation": "step_through: the function called no operation on Tensors that leads to its "
    "result, so there is no graph to show. If its arguments are plain arrays or numbers, make at "
    "least one of them a Tensor.",
    "no single number": "step_through: the function returned a Tensor of shape (2, 3), and only a "
    "single number has a gradient without saying more. Reduce it, as in step_through(lambda *args: "
    "f(*args).sum(), ...), or give the upstream gradient: step_through(f, ..., "
    "gradient=np.ones((2, 3))).",
    "another shape": "backward: the upstream gradient must have the result's shape (2,); this one "
    "has (3,).",
    "too many calls": "step_through: this computation makes 300 calls of operations, and a page is "
    "made for 200 at most, because nobody follows more steps than that. Step through a part, such "
    "as one layer with its input, step_through(model.layers[0], x, gradient=...), a few steps of a "
    "loop instead of all, or raise the limit: step_through(..., limit=300).",
    "no page": "The steps are saved as a page, in a file whose name ends in .html; 'steps.pdf' has "
    "'.pdf'.",
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_explained(case):
    error, wrong = WRONG[case]
    assert message(error, wrong) == SAID[case]


def test_a_larger_limit_is_taken():
    shown = step_through(lambda x: sum((x * i for i in range(101)), x), leaf(), limit=202)
    assert len(shown.story.calls) == 202


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


NASTY = (
    "</script><script>window.pwned = 1</script>",
    '"><img src=x onerror="window.pwned = 1">',
    "<!-- <script>",
    "it's {a} `b` \\u003c ${c} 権重",
)


def nasty_program():
    def evil(*values):  # </script><img src=x onerror="window.pwned = 1">
        return autograd.stack(list(values)).sum()  # </script><script>window.pwned = 1</script>

    return evil, *(leaf(name=name) for name in NASTY)


def test_names_and_source_cannot_break_out():
    page = Page(step_through(*nasty_program()))
    tags = Tags(page.text).found
    names = [tag for tag, _ in tags]
    assert names.count("script") == 2
    assert names.count("img") == 1
    assert not any(key.startswith("on") for _, attributes in tags for key in attributes)
    assert set(page.gradients()) == set(NASTY)  # as they are
    assert any(NASTY[0] in text for _, text in page.data["sources"][0]["lines"])


def chain(layers, width):
    weights = [leaf(width, width, seed=i, dtype=np.float32) for i in range(layers)]

    def deep(x):
        for weight in weights:
            x = np.tanh(x @ weight)
            x = x + 1
        return x.sum()

    return deep, Tensor(np.random.default_rng(0).normal(size=(32, width)).astype(np.float32))


def test_a_page_stays_small():
    shown = step_through(*chain(14, 20))  # 60 boxes: 43 calls, 14 weights, the input and labels
    assert 57 <= len(shown.story.calls) + len(shown.story.outside) <= 60
    text = shown.to_html()
    picture = re.search(r'base64,([^"]+)"', text)[1]
    assert len(text.encode()) - len(picture) <= 150_000


def test_the_same_program_makes_the_same_page():
    first, second = (step_through(*PROGRAMS["a network"]).to_html() for _ in range(2))
    assert first == second


def test_it_shows_itself_and_saves_itself(tmp_path):
    shown, _ = shown_and_page("scalars, one of them used twice")
    assert repr(shown) == (
        '<twice_used: 4 calls forward, 4 backward; .save("steps.html") writes the page to a file>'
    )
    bundle = shown._repr_mimebundle_()
    assert bundle == {"text/html": shown.to_html(), "text/plain": repr(shown)}
    assert set(shown._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert set(shown._repr_mimebundle_(exclude=["text/plain"])) == {"text/html"}
    path = shown.save(tmp_path / "new" / "steps.html")
    saved = (tmp_path / "new" / "steps.html").read_text(encoding="utf-8")
    assert path == str(tmp_path / "new" / "steps.html")
    assert saved.startswith("<!doctype html>")
    assert shown.to_html() in saved
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["steps.html"]
    assert not re.search(
        r'(?:src|href)="(?!data:)', re.sub(r"<script.*?</script>", "", saved, flags=re.S)
    )


def test_a_page_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(self, target):
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", full)
    shown, _ = shown_and_page("scalars, one of them used twice")
    with pytest.raises(OSError, match="the disk is full"):
        shown.save(tmp_path / "steps.html")
    assert list(tmp_path.iterdir()) == []
