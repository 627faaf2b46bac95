"""Work shared among threads: who does it, what a failure becomes, how many there are."""

import multiprocessing
import os
import threading
import warnings

import numpy as np
import pytest

import autograd
from autograd import threads


@pytest.fixture(autouse=True)
def _count_as_it_was(monkeypatch):
    monkeypatch.setattr(threads, "_count", None)
    threads._machines.cache_clear()
    yield
    threads._machines.cache_clear()


def test_every_share_is_done_in_a_thread_of_its_own_the_first_in_the_callers():
    together, done = threading.Barrier(3, timeout=10), {}

    def work(one):
        together.wait()  # passes only if all three run at the same time
        done[one] = threading.current_thread()

    threads.share(work, ["a", "b", "c"])
    assert set(done) == {"a", "b", "c"}
    assert len(set(done.values())) == 3
    assert done["a"] is threading.current_thread()


@pytest.mark.parametrize("fails", ["a", "b"])
def test_a_failure_is_raised_when_all_are_done(fails):
    done, go_on = [], threading.Event()

    def work(one):
        if one == fails:
            go_on.set()
            raise ValueError(f"share {one}")
        go_on.wait(10)
        done.append(one)

    with pytest.raises(ValueError, match=f"share {fails}"):
        threads.share(work, ["a", "b", "c"])
    assert sorted(done) == sorted({"a", "b", "c"} - {fails})


def test_numpys_error_state_holds_in_every_thread():
    arrays = [np.zeros(3), np.zeros(3)]
    with np.errstate(divide="ignore"), warnings.catch_warnings(action="error"):
        threads.share(lambda one: np.divide(1, one, out=one), arrays)
    assert all(np.isinf(one).all() for one in arrays)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        threads.share(lambda one: 1 / one, [np.ones(3), np.zeros(3)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork a process")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_makes_threads_of_its_own():
    threads.share(lambda one: one, [1, 2])  # the parent's are there
    results = multiprocessing.get_context("fork").SimpleQueue()

    def child():
        names = []
        threads.share(lambda one: names.append(one), ["a", "b"])
        results.put(sorted(names))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(20)
    process.kill()
    assert process.exitcode == 0
    assert results.get() == ["a", "b"]


@pytest.mark.parametrize(
    ("asked", "count"), [("3", 3), ("1", 1), ("", None), ("0", None), ("2,1", None), ("x", None)]
)
def test_the_count_follows_the_environment_or_the_cores(monkeypatch, asked, count):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert autograd.get_num_threads() == (count or cores)


def test_the_count_that_was_set_comes_first(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    autograd.set_num_threads(5)
    assert autograd.get_num_threads() == 5


@pytest.mark.parametrize(
    ("count", "error", "words"),
    [
        (0, ValueError, "positive number, not 0"),
        (-2, ValueError, "positive number, not -2"),
        (2.0, TypeError, "whole number, not 2.0"),
        (True, TypeError, "whole number, not True"),
        ("4", TypeError, "whole number, not '4'"),
    ],
)
def test_a_wrong_count_is_refused(count, error, words):
    with pytest.raises(error, match=words):
        autograd.set_num_threads(count)
