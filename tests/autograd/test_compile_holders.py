"""Values that a compiled function comes by, wherever they are kept: looked at in each call."""

import argparse
import collections
import enum
import functools
import types
from dataclasses import dataclass

import numpy as np
import pytest
from support.twins import assert_equal, compiled, rows

import autograd
import nn
from autograd import Tensor


def x(seed=0):
    return Tensor(rows(seed=seed))


# One value, k, in all kinds of holders


class Slots:
    __slots__ = ("k",)


class Base:
    k = 2.0


class Derived(Base):
    pass


class Empty:
    pass


@dataclass
class Settings:
    k: float = 2.0


class ByProperty:
    def __init__(self):
        self._k = 2.0

    @property
    def k(self):
        return self._k

    @k.setter
    def k(self, value):
        self._k = value


class Computed(ByProperty):
    def __getattr__(self, name):
        return vars(self)[f"_{name}"]


class Descriptor:
    def __init__(self):
        self.value = 2.0

    def __get__(self, holder, kind):
        return self.value

    def __set__(self, holder, value):
        self.value = value


class WithDescriptor:
    k = Descriptor()


class Level(enum.Enum):
    ONE = 1

    def __init__(self, number):
        self.k = 2.0


class WithForeignBase(collections.UserList):
    k = 2.0


def with_k(holder):
    holder.k = 2.0
    return holder


HOLDERS = {
    "class": lambda: type("Mine", (), {"k": 2.0}),
    "base class": lambda: Derived,
    "object of a class": lambda: type("Mine", (Base,), {})(),
    "slots": lambda: with_k(Slots()),
    "attribute to come": Empty,
    "dataclass": Settings,
    "property": ByProperty,
    "__getattr__": Computed,
    "descriptor": WithDescriptor,
    "enum": lambda: Level.ONE,
    "class of Python's, extended": WithForeignBase,
    "model": lambda: with_k(nn.Linear(1, 1)),
    "module": lambda: with_k(types.ModuleType("settings")),
    "function": lambda: with_k(lambda: None),
    "SimpleNamespace": lambda: types.SimpleNamespace(k=2.0),
    "argparse": lambda: argparse.Namespace(k=2.0),
    "partial": lambda: with_k(functools.partial(int)),
}
READERS = {
    "named": lambda holder: holder.k if hasattr(holder, "k") else 1.0,
    "only named": lambda holder: holder.k,
    "by getattr": lambda holder: getattr(holder, "k", 1.0),
    "by text": lambda holder: getattr(holder, "K".lower(), 1.0),
    "by match": lambda holder: 1.0 if not is_two(holder) else 2.0,
}


def is_two(holder):
    match holder:
        case object(k=2.0):
            return True
    return False


CASES = [(name, reader) for name in HOLDERS for reader in READERS]
# In modules, attributes are found that code names; and a late one is nothing to read at first.
CASES.remove(("module", "by text"))
CASES.remove(("attribute to come", "only named"))


@pytest.mark.parametrize(("name", "reader"), CASES)
def test_a_value_is_looked_at_wherever_it_is_kept(name, reader):
    holder, read = HOLDERS[name](), READERS[reader]
    twin = compiled(lambda x: x * read(holder))
    try:
        for k in (None, None, 2.0, 5.0, 5.0, 2.0):
            if k is not None:
                holder.k = k
            assert_equal(twin.compiled(x()), x() * read(holder), f"{k}")
    finally:
        if name == "base class":
            del holder.k
    assert 2 <= twin.calls.count <= 4


def test_a_value_of_a_base_class_is_looked_at():
    derived = type("Derived", (Base,), {})
    for holder in (derived, derived()):
        twin = compiled(lambda x: x * holder.k)  # noqa: B023
        assert_equal([twin.compiled(x()) for _ in range(2)], [x() * 2.0] * 2)
        Base.k = 5.0
        try:
            assert_equal(twin.compiled(x()), x() * 5.0)
        finally:
            Base.k = 2.0


def method_replaced():
    class Mine:
        def factor(self):
            return 2.0

    def change():
        Mine.factor = lambda self: 5.0

    mine = Mine()
    return lambda: mine.factor(), change


def made_within():
    factors = [2.0]

    class Mine:
        def __init__(self):
            self.k = factors[0]

    return lambda: Mine().k, lambda: factors.__setitem__(0, 5.0)


def compared():
    @dataclass
    class Pair:
        a: float

    one, other = Pair(1.0), Pair(1.0)
    return lambda: 2.0 if one == other else 5.0, lambda: setattr(other, "a", 3.0)


def matched_by_place():
    @dataclass
    class Pair:
        a: float

    pair = Pair(1.0)

    def read():
        match pair:
            case Pair(1.0):
                return 2.0
        return 5.0

    return read, lambda: setattr(pair, "a", 3.0)


def imported_within():
    import support.twins as module

    module.factor = 2.0

    def read():
        import support.twins
        from support.twins import factor

        return (factor + support.twins.factor) / 2

    return read, lambda: setattr(module, "factor", 5.0)


def cached():
    class Mine:
        a = 2.0

        @functools.cached_property
        def k(self):
            return self.a

    mine = Mine()
    mine.k
    return lambda: mine.k, lambda: setattr(mine, "k", 5.0)


def by_type():
    k = [2.0]

    @functools.singledispatch
    def factor(x):
        return k[0]

    return lambda: factor(1), lambda: k.__setitem__(0, 5.0)


def remembered():
    k = [2.0]

    @functools.cache
    def factor():
        return k[0]

    def change():
        k[0] = 5.0
        factor.cache_clear()

    return lambda: factor(), change


def an_argument_of_a_function():
    factor = functools.partial(lambda k: k["k"], {"k": 2.0})
    return factor, lambda: factor.args[0].update(k=5.0)


def inner_compiled():
    k = [2.0]
    factor = autograd.compile(lambda: k[0])
    return lambda: factor(), lambda: k.__setitem__(0, 5.0)


CHANGES = [
    *(method_replaced, made_within, compared, matched_by_place, imported_within, cached),
    *(by_type, remembered, an_argument_of_a_function, inner_compiled),
]


@pytest.mark.parametrize("case", CHANGES, ids=lambda case: case.__name__)
def test_what_code_leads_to_is_looked_at(case):
    read, change = case()
    step = autograd.compile(lambda x: x * read())
    assert_equal([step(x()) for _ in range(3)], [x() * 2.0] * 3)
    change()
    assert_equal([step(x()) for _ in range(2)], [x() * 5.0] * 2)


@pytest.mark.parametrize(
    "container",
    [[1.0, 2.0], collections.deque([1.0, 2.0]), {1.0, 2.0}, {1.0: 1.0, 2.0: 2.0}],
    ids=lambda container: type(container).__name__,
)
def test_containers_that_shrink_and_are_refilled(container):
    step = autograd.compile(lambda x: x * sum(container))
    step(x()), step(x())
    container.pop(1.0) if isinstance(container, dict) else container.pop()
    assert_equal(step(x()), x() * sum(container))
    container.clear()
    assert_equal(step(x()), x() * 0)


def test_the_default_dtype_is_looked_at():
    step = autograd.compile(lambda: Tensor([1.0]) * 2)
    step(), step()
    autograd.set_default_dtype(np.float64)
    try:
        assert step().dtype == np.float64
    finally:
        autograd.set_default_dtype(np.float32)
