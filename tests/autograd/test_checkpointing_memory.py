"""What a checkpoint keeps, and how long."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest
from support.replay import Witness, leaf

from autograd import Tensor, checkpoint
from autograd.watching import watch
from nn.functional import dropout

NORMAL = np.random.default_rng(0).standard_normal
W, X = leaf(NORMAL((3, 3))), NORMAL((4, 3))


def two_layers(x):
    return dropout((dropout(x) @ W).tanh())


@pytest.fixture
def uncollected():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_between_forward_and_backward_only_the_inputs_are_kept():
    made = []

    def observed(x):
        for _ in range(2):
            x = two_layers(x)
            made.append(weakref.ref(x.data))
        return x

    x = leaf(X)
    h = checkpoint(observed, x)
    y = checkpoint(observed, h)
    del h
    assert [one() is not None for one in made] == [False, True, False, True]
    loss = y.sum()
    del y
    assert [one() is not None for one in made] == [False, True, False, False]
    loss.backward()
    assert [one() is not None for one in made] == [False] * 8


def test_a_deep_network_takes_less():
    depth, part = 32, 8
    weights = [leaf(NORMAL((32, 32)) / 6) for _ in range(depth)]
    x = Tensor(NORMAL((1024, 32)))

    def layers(x, some):
        for w in some:
            x = (x @ w).tanh()
        return x

    def peak(call):
        tracemalloc.start()
        h = x
        for i in range(0, depth, part):
            h = call(layers, h, weights[i : i + part])
        loss = h.sum()
        del h
        loss.backward()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most / x.data.nbytes

    assert peak(lambda fn, *inputs: fn(*inputs)) > depth
    # What goes from part to part, the values of one part, and a few that are being worked on.
    assert peak(checkpoint) < depth / part + part + 4


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("backward", [False, True])
def test_its_graph_goes_with_its_last_name(backward):
    x = leaf(X)
    witness = Witness()
    with watch(witness):
        witness.seen = y = checkpoint(two_layers, x)
    node = weakref.ref(y.grad_fn)
    before = weakref.ref(y.grad_fn.edges[0])
    if backward:
        y.sum().backward()
    del y, witness
    assert (node(), before()) == (None, None)


@pytest.mark.usefixtures("uncollected")
def test_after_backward_its_inputs_are_let_go():
    x = leaf(X)
    h = Tensor(NORMAL((4, 3)))
    seen = weakref.ref(h)
    y = checkpoint(lambda x, h: x * h, x, h)
    del h
    assert seen() is not None
    y.sum().backward()
    assert seen() is None
