"""`no_grad` and `enable_grad`: where they hold, and where they do not."""

import asyncio
import inspect
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.replay import Witness

from autograd import Tensor, enable_grad, is_grad_enabled, no_grad
from autograd.watching import watch


def leaf():
    return Tensor([1.0, 2.0], requires_grad=True)


@pytest.fixture(autouse=True)
def nothing_is_left_switched():
    assert is_grad_enabled()
    yield
    assert is_grad_enabled()


# As a context


def test_within_no_grad_results_have_no_history():
    x = leaf()
    with no_grad():
        y = x * 2
        assert not is_grad_enabled()
        assert x.requires_grad
    assert y.is_leaf
    assert not y.requires_grad
    assert (x * 2).requires_grad


def test_enable_grad_records_again_within_no_grad():
    x = leaf()
    with no_grad(), enable_grad():
        y = x * 2
    assert y.requires_grad


def test_nested_contexts_each_restore_what_they_found():
    with no_grad():
        with enable_grad():
            with no_grad():
                assert not is_grad_enabled()
            assert is_grad_enabled()
        assert not is_grad_enabled()
    with enable_grad():
        assert is_grad_enabled()


def test_one_object_may_be_entered_within_itself():
    switch = no_grad()
    with switch:
        with switch:
            assert not is_grad_enabled()
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_an_error_inside_is_passed_on_and_the_mode_restored():
    with pytest.raises(KeyError), no_grad(), enable_grad():
        raise KeyError
    assert is_grad_enabled()


def test_backward_works_within_no_grad():
    x = leaf()
    loss = (x * x).sum()
    with no_grad():
        loss.backward()
    assert x.grad.data.tolist() == [2, 4]


def test_no_grad_leaves_the_watcher_and_the_watcher_the_mode():
    witness = Witness()
    with watch(witness):
        with no_grad():
            leaf() * 2
        leaf() + 1
    with no_grad(), watch(witness):
        assert not is_grad_enabled()
    leaf().exp()
    assert witness.called_ops == ["Multiply", "Add"]


# As a decorator


@no_grad()
def predict(x, *, factor=2):
    """Twice x."""
    return x * factor


def test_a_decorated_function_runs_within_it():
    assert not predict(leaf()).requires_grad
    assert predict(leaf(), factor=3).data.tolist() == [3, 6]


def test_a_decorated_function_keeps_its_name_help_and_signature():
    assert (predict.__name__, predict.__doc__) == ("predict", "Twice x.")
    assert str(inspect.signature(predict)) == "(x, *, factor=2)"


def test_a_decorated_function_may_call_itself():
    @no_grad()
    def countdown(n):
        return [is_grad_enabled(), *countdown(n - 1)] if n else []

    assert countdown(3) == [False] * 3


def test_a_decorated_method_gets_its_object():
    class Model:
        @no_grad()
        def answer(self):
            return self, is_grad_enabled()

    model = Model()
    assert model.answer() == (model, False)


def test_the_inner_decorator_counts():
    @no_grad()
    @enable_grad()
    def inner():
        return is_grad_enabled()

    assert inner() is True


def test_an_error_in_a_decorated_function_is_passed_on():
    @no_grad()
    def fail():
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert is_grad_enabled()


# Generators: the mode holds in the body, never in whoever consumes it


@no_grad()
def conversation():
    """Answers each message with itself and the mode, until told to stop."""
    log = [is_grad_enabled()]
    try:
        message = yield "ready", is_grad_enabled()
        while message != "stop":
            try:
                message = yield message, is_grad_enabled()
            except KeyError:
                log.append(("caught", is_grad_enabled()))
                message = "error"
    finally:
        log.append(is_grad_enabled())
        modes_at_the_end.append(log[-1])
    return log


modes_at_the_end = []


def test_a_generator_runs_within_it_and_its_consumer_does_not():
    talk = conversation()
    assert is_grad_enabled()
    assert next(talk) == ("ready", False)
    assert is_grad_enabled()
    assert talk.send("hello") == ("hello", False)
    assert is_grad_enabled()
    assert talk.throw(KeyError) == ("error", False)
    assert is_grad_enabled()
    with pytest.raises(StopIteration) as stop:
        talk.send("stop")
    assert stop.value.value == [False, ("caught", False), False]


def test_a_generators_consumer_may_be_within_anything():
    with no_grad():
        talk = conversation()
        next(talk)
        with enable_grad():
            assert talk.send(1) == (1, False)
            assert is_grad_enabled()
        assert not is_grad_enabled()
        talk.close()


def test_two_generators_side_by_side():
    @enable_grad()
    def recording():
        while True:
            yield is_grad_enabled()

    with no_grad():
        quiet, loud = conversation(), recording()
        next(quiet)
        for i in range(3):
            assert next(loud) is True
            assert quiet.send(i) == (i, False)
            assert not is_grad_enabled()


@pytest.mark.parametrize("end", ["close", "del", "error"])
def test_a_generator_that_ends_early_cleans_up_within_it(end):
    modes_at_the_end.clear()
    talk = conversation()
    next(talk)
    if end == "close":
        talk.close()
    elif end == "error":
        with pytest.raises(ZeroDivisionError):
            talk.throw(ZeroDivisionError)
    del talk
    assert modes_at_the_end == [False]
    assert is_grad_enabled()


def test_a_decorated_generator_is_still_one():
    assert inspect.isgeneratorfunction(conversation)
    assert list(no_grad()(lambda: (yield from (1, 2)))()) == [1, 2]


# Threads and tasks: each has its own


def in_a_thread(function):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function()))
    thread.start()
    thread.join()
    return answers[0]


def test_a_new_thread_records_whatever_the_one_that_made_it_does():
    with no_grad():
        assert in_a_thread(is_grad_enabled) is True
        assert not is_grad_enabled()


def test_no_grad_in_one_thread_does_not_reach_another():
    inside, done = threading.Event(), threading.Event()
    answers = []

    def quiet():
        with no_grad():
            inside.set()
            done.wait(5)
            answers.append(is_grad_enabled())

    thread = threading.Thread(target=quiet)
    thread.start()
    assert inside.wait(5)
    assert is_grad_enabled()
    assert (leaf() * 2).requires_grad
    done.set()
    thread.join()
    assert answers == [False]


def test_one_object_may_be_used_in_two_threads_at_once():
    switch = no_grad()
    both_inside, first_out = threading.Barrier(2, timeout=5), threading.Event()

    def first():
        with switch:
            both_inside.wait()
        first_out.set()
        return is_grad_enabled()

    def second():
        with no_grad():
            with switch:
                both_inside.wait()
                first_out.wait(5)
            return is_grad_enabled()

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(first), pool.submit(second)]
    assert [answer.result() for answer in answers] == [True, False]


def test_tasks_do_not_disturb_each_other():
    async def quiet(log):
        with no_grad():
            for _ in range(3):
                await asyncio.sleep(0)
                log.append(is_grad_enabled())

    async def recording(log):
        for _ in range(5):
            await asyncio.sleep(0)
            log.append(is_grad_enabled())

    async def both():
        first, second = [], []
        await asyncio.gather(quiet(first), recording(second), quiet(first))
        return first, second

    assert asyncio.run(both()) == ([False] * 6, [True] * 5)


def test_a_decorated_coroutine_runs_within_it():
    @no_grad()
    async def evaluate():
        await asyncio.sleep(0)
        return is_grad_enabled()

    async def main():
        return await evaluate(), is_grad_enabled()

    assert inspect.iscoroutinefunction(evaluate)
    assert asyncio.run(main()) == (False, True)


def test_a_decorated_asynchronous_generator_runs_within_it():
    @no_grad()
    async def batches():
        for _ in range(2):
            await asyncio.sleep(0)
            yield is_grad_enabled()

    async def main():
        return [(inside, is_grad_enabled()) async for inside in batches()]

    assert asyncio.run(main()) == [(False, True)] * 2


def test_a_decorator_without_parentheses_says_so():
    with pytest.raises(TypeError) as caught:

        @no_grad
        def predict():
            pass

    assert str(caught.value) == (
        "no_grad takes no arguments. As a decorator it is written with parentheses: @no_grad()."
    )
