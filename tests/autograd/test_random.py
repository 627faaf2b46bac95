"""Random numbers: one seed for all, and a checkpoint that meets the same ones again."""

import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support.replay import leaf

from autograd import checkpoint, manual_seed
from autograd.random import default_generator, draw
from nn.functional import dropout


@pytest.mark.parametrize("method", ["random", "standard_normal"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_numbers_are_those_of_the_generator(method, dtype):
    drawn = draw(method, (2, 3), dtype, np.random.default_rng(4))
    numbers = getattr(np.random.default_rng(4), method)
    exact = np.float64 if dtype == np.float64 else np.float32
    np.testing.assert_array_equal(drawn, numbers((2, 3), dtype=exact).astype(dtype))
    assert drawn.dtype == dtype


@pytest.mark.parametrize(("given", "fix"), [(42, "default_rng(42)"), ("rng", "default_rng(seed)")])
def test_what_is_no_generator_is_refused_with_the_fix(given, fix):
    with pytest.raises(TypeError, match=re.escape(f"write generator=np.random.{fix}.")):
        draw("random", (2,), np.float32, given)


def test_one_seed_reproduces_what_is_drawn_without_a_generator():
    manual_seed(7)
    first = [draw("random", (3,)), draw("random", (3,))]
    manual_seed(7)
    np.testing.assert_array_equal([draw("random", (3,)), draw("random", (3,))], first)
    assert (first[0] != first[1]).all()


# In a checkpoint


def own_generator():
    generator = np.random.default_rng(3)
    return lambda x: dropout(x, 0.5, generator=generator)


def own_and_default_generator():
    generator = default_generator()
    return lambda x: dropout(dropout(x, 0.2), 0.2, generator=generator)


def seeded_within():
    def fn(x):
        y = dropout(x, 0.2)
        manual_seed(5)
        return dropout(y, 0.2)

    return fn


def made_within():
    return lambda x: dropout(x, 0.5, generator=np.random.default_rng(7))


def mersenne_twister():
    generator = np.random.Generator(np.random.MT19937(0))
    return lambda x: dropout(x.astype(np.float32), 0.5, generator=generator)


@pytest.mark.parametrize(
    "make",
    [own_generator, own_and_default_generator, seeded_within, made_within, mersenne_twister],
)
def test_the_same_random_numbers_come_again(make):
    manual_seed(0)
    x = leaf(np.ones((20, 20)))
    y = checkpoint(make(), x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, y.data)  # y = x · mask at x = 1
    assert 0 < np.count_nonzero(y.data) < y.size


def test_the_seed_may_be_set_anew_before_backward():
    manual_seed(0)
    x = leaf(np.ones((20, 20)))
    y = checkpoint(dropout, x)
    manual_seed(1)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, y.data)


def test_backward_draws_nothing_from_the_generators():
    manual_seed(0)
    own = np.random.default_rng(0)
    y = checkpoint(lambda x: dropout(dropout(x), generator=own), leaf(np.ones(5)))
    states = [g.bit_generator.state for g in (default_generator(), own)]
    y.sum().backward()
    assert [g.bit_generator.state for g in (default_generator(), own)] == states


def test_threads_that_draw_from_one_generator_each_get_their_own_numbers_again():
    manual_seed(0)

    def work(_):
        x = leaf(np.ones(1000))
        y = checkpoint(dropout, x)
        y.sum().backward()
        return np.array_equal(x.grad.data, y.data)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(400)))
