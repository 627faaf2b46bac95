"""Arrays that are locked for a while, with everything that they are views of."""

import sys
import threading

import numpy as np
import pytest

from autograd.locks import Lock, _memories


def flat_buffer_view():
    """As an optimiser keeps a parameter: a view of a view that was made through a memoryview."""
    buffer = np.zeros(8)
    return np.frombuffer(buffer.data, buffer.dtype, 4, 16).reshape(2, 2)


def chain_of(array):
    return [array] + (chain_of(array.base) if isinstance(array.base, np.ndarray) else [])


ARRAYS = {
    "an array": lambda: np.zeros(3),
    "without axes": lambda: np.zeros(()),
    "a view": lambda: np.zeros((3, 4))[1:, ::2],
    "transposed and reshaped": lambda: np.zeros((3, 4)).T.reshape(2, 6),
    "in a flat buffer": flat_buffer_view,
}


@pytest.mark.parametrize("make", ARRAYS.values(), ids=ARRAYS)
def test_an_array_is_locked_with_what_it_is_a_view_of(make):
    array = make()
    lock = Lock([array])
    assert [one.flags.writeable for one in chain_of(array)] == [False] * len(chain_of(array))
    with pytest.raises(ValueError, match="read-only"):
        array[...] = 1
    lock.release()
    assert [one.flags.writeable for one in chain_of(array)] == [True] * len(chain_of(array))
    array[...] = 1


def test_the_last_lock_gives_back():
    array = np.zeros(6)
    view, other = array[:3].reshape(3, 1), array[3:]
    locks = [Lock([view]), Lock([array, view]), Lock([other])]
    for lock in locks:
        assert not any(one.flags.writeable for one in (array, view, other))
        lock.release()
    assert all(one.flags.writeable for one in (array, view, other))


def test_releasing_twice_counts_once():
    array = np.zeros(3)
    first, second = Lock([array]), Lock([array])
    first.release()
    first.release()
    assert not array.flags.writeable
    second.release()
    assert array.flags.writeable


def test_a_lock_goes_with_its_last_name():
    array = np.zeros(3)
    lock = Lock([array])
    del lock
    assert array.flags.writeable


def test_what_was_read_only_stays_so():
    array = np.zeros(3)
    array.flags.writeable = False
    view = np.broadcast_to(np.zeros(3), (2, 3))
    Lock([array, view]).release()
    assert not array.flags.writeable
    assert not view.flags.writeable


def test_a_view_of_what_somebody_made_read_only_is_left_alone():
    buffer = np.zeros(4)
    memory = np.frombuffer(buffer.data, buffer.dtype)
    view = memory.reshape(2, 2)
    memory.flags.writeable = False
    lock = Lock([view])
    assert view.flags.writeable
    lock.release()
    assert (view.flags.writeable, memory.flags.writeable) == (True, False)


@pytest.fixture
def restless():
    """Threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
def test_threads_lock_the_same_array():
    array = np.zeros(3)

    def lock_often():
        for _ in range(2000):
            Lock([array]).release()

    threads = [threading.Thread(target=lock_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert array.flags.writeable
    assert _memories == {}
