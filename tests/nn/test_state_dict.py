"""state_dict and load_state_dict: names and arrays out and in, all or nothing."""

import numpy as np
import pytest
from support.checks import message

import nn
from autograd import Tensor


def network(hidden=2, seed=0):
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(3, hidden, generator=rng), nn.Tanh(), nn.Linear(hidden, 1, generator=rng)
    )


def values(module):
    return {name: p.data.tolist() for name, p in module.named_parameters()}


def test_has_copies_of_all_values_by_path():
    net = network()
    state = net.state_dict()
    assert list(state) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert all(type(array) is np.ndarray for array in state.values())
    before = values(net)
    state["0.weight"][:] = 7
    assert values(net) == before


def test_a_round_trip_restores_every_bit():
    source, target = network(seed=1), network(seed=2)
    arrays = [p.data for p in target.parameters()]
    assert values(source) != values(target)
    unmatched = target.load_state_dict(source.state_dict())
    assert values(source) == values(target)
    assert unmatched == ([], [])
    assert all(p.data is array for p, array in zip(target.parameters(), arrays, strict=True))


def test_takes_tensors_lists_and_other_floats():
    net = nn.Linear(2, 1)
    net.load_state_dict({"weight": Tensor([[1.0, 2.0]]), "bias": [0.5]})
    assert values(net) == {"weight": [[1, 2]], "bias": [0.5]}
    net.load_state_dict({"weight": np.array([[3, 4]]), "bias": np.array([0.25], np.float64)})
    assert values(net) == {"weight": [[3, 4]], "bias": [0.25]}
    assert net.weight.dtype == np.float32


def test_loading_is_seen_by_the_check_for_values_changed_in_place():
    net = nn.Linear(2, 1)
    loss = net(Tensor([[1.0, 1.0]], requires_grad=True)).sum()
    net.load_state_dict(nn.Linear(2, 1).state_dict())
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_what_does_not_fit_is_listed_at_once_and_nothing_changes():
    net = network()
    before = values(net)
    state = network(seed=5).state_dict()
    state |= {"0.weight": state["0.weight"].T, "head": np.ones(1), "2.bias": np.array([1j])}
    del state["0.bias"], state["2.weight"]
    assert message(ValueError, lambda: net.load_state_dict(state)) == (
        "Sequential.load_state_dict: the state does not fit; nothing was changed.\n"
        "  missing     0.bias, 2.weight\n"
        "  unexpected  head\n"
        "  0.weight: (3, 2) float32 in the state, (2, 3) float32 here\n"
        "  2.bias: (1,) complex128 in the state, (1,) float32 here\n"
        "  fix  build the module with the layers and sizes that were saved"
    )
    assert values(net) == before


def test_names_of_one_side_only_are_refused_with_the_way_around():
    net = network()
    state = net.state_dict()
    del state["0.bias"]
    assert message(ValueError, lambda: net.load_state_dict(state)) == (
        "Sequential.load_state_dict: the state does not fit; nothing was changed.\n"
        "  missing     0.bias\n"
        "  fix  build the module with the layers and sizes that were saved, or pass strict=False "
        "to load the names that both have"
    )


def test_not_strict_loads_the_common_names_and_tells_the_others():
    net, other = network(), network(seed=5)
    state = other.state_dict()
    del state["0.bias"]
    kept = net[0].bias.data.tolist()
    unmatched = net.load_state_dict(state | {"head": np.ones(1)}, strict=False)
    assert unmatched.missing_keys == ["0.bias"]
    assert unmatched.unexpected_keys == ["head"]
    assert values(net) == values(other) | {"0.bias": kept}


def test_not_strict_still_refuses_other_shapes():
    net = network()
    before = values(net)
    with pytest.raises(ValueError, match=r"0.weight: \(4, 3\) float32 in the state, \(2, 3\)"):
        net.load_state_dict(network(hidden=4).state_dict(), strict=False)
    assert values(net) == before


def test_takes_a_mapping_only():
    assert message(TypeError, lambda: network().load_state_dict("weights.npz")) == (
        "load_state_dict takes a dict of arrays by name, as state_dict() gives; this is str."
    )
