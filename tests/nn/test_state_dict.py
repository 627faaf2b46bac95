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


# What is shared, what other libraries give, what is long


class Tied(nn.Module):
    def __init__(self):
        self.encode = nn.Linear(2, 2, generator=np.random.default_rng(0))
        self.decode = nn.Linear(2, 2, generator=np.random.default_rng(1))
        self.decode.weight = self.encode.weight


def test_a_shared_parameter_is_saved_once():
    assert list(Tied().state_dict()) == ["encode.weight", "encode.bias", "decode.bias"]


def test_a_shared_parameter_may_be_given_under_each_of_its_paths_as_pytorch_does():
    tied = Tied()
    state = {name: np.full_like(array, 3) for name, array in tied.state_dict().items()}
    tied.load_state_dict({**state, "decode.weight": state["encode.weight"]})
    assert tied.decode.weight.data.tolist() == [[3, 3], [3, 3]]
    state["decode.weight"] = 2 * state.pop("encode.weight")
    assert tied.load_state_dict(state) == ([], [])
    assert tied.encode.weight.data.tolist() == [[6, 6], [6, 6]]


def test_a_shared_parameter_has_one_value():
    tied = Tied()
    state = tied.state_dict()
    state["decode.weight"] = state["encode.weight"] + 1
    said = message(ValueError, lambda: tied.load_state_dict(state))
    assert (
        "  decode.weight: one with encode.weight here, but with other values in the state\n"
    ) in said


def test_values_that_are_no_numbers_are_loaded_as_they_are():
    net = nn.Linear(1, 1)
    net.load_state_dict({"weight": [[np.nan]], "bias": [np.inf]})
    assert np.isnan(net.weight.item())


class Foreign:
    """A tensor of another library, which speaks NumPy's protocol, unless it is told not to."""

    def __init__(self, values, error=None):
        self.values, self.error = values, error

    def __array__(self, dtype=None, copy=None):
        if self.error:
            raise self.error
        return np.asarray(self.values, dtype or np.float32)


def test_takes_what_speaks_numpys_protocol():
    net = nn.Linear(1, 1)
    net.load_state_dict({"weight": Foreign([[2.0]]), "bias": Foreign([3.0])})
    assert values(net) == {"weight": [[2]], "bias": [3]}


def test_what_numpy_cannot_read_is_listed_with_the_reason():
    net = nn.Linear(1, 1)
    before = values(net)
    state = {"weight": Foreign(0, RuntimeError("it is on another device")), "bias": [[1], [2, 3]]}
    said = message(ValueError, lambda: net.load_state_dict(state))
    assert "  weight: NumPy cannot read it as an array (it is on another device)\n" in said
    assert "  bias: NumPy cannot read it as an array (setting an array element" in said
    assert values(net) == before


def deep():
    return nn.Sequential(*(nn.Linear(1, 1) for _ in range(15)))


FIRST = "0.weight, 0.bias, 1.weight, 1.bias, 2.weight, 2.bias, 3.weight, 3.bias, … and 22 more"


def test_of_many_names_the_first_are_listed_and_the_others_counted():
    others = {f"extra{i}": 0 for i in range(9)}
    assert message(ValueError, lambda: deep().load_state_dict(others)) == (
        "Sequential.load_state_dict: the state does not fit; nothing was changed.\n"
        f"  missing     {FIRST}\n"
        "  unexpected  extra0, extra1, extra2, extra3, extra4, extra5, extra6, extra7, … and 1 more"
        "\n"
        "  fix  build the module with the layers and sizes that were saved, or pass strict=False "
        "to load the names that both have"
    )


def test_of_many_shapes_the_first_are_listed_and_the_others_counted():
    state = {name: np.ones(7) for name in deep().state_dict()}
    lines = message(ValueError, lambda: deep().load_state_dict(state)).splitlines()
    assert lines[1] == "  0.weight: (7,) float64 in the state, (1, 1) float32 here"
    assert lines[9:] == [
        "  … and 22 more that do not fit",
        "  fix  build the module with the layers and sizes that were saved",
    ]


def test_a_whole_checkpoint_is_answered_with_the_part_to_take():
    state = {"epoch": 3, "optimizer": {}, "model": deep().state_dict()}
    said = message(ValueError, lambda: deep().load_state_dict(state))
    assert said.endswith(
        "  unexpected  epoch, optimizer, model\n"
        "  fix  the state is within what was given: load_state_dict(…['model'])"
    )


def test_a_prefix_before_all_names_is_answered_with_how_to_take_it_off():
    net = deep()
    state = {f"module.{name}": value for name, value in net.state_dict().items()}
    said = message(ValueError, lambda: net.load_state_dict(state))
    fix = "{name[7:]: value for name, value in state.items()}"
    assert said.endswith(
        "  fix  the names start with 'module.', as those of a module around this one: "
        f"load_state_dict({fix})"
    )
    assert net.load_state_dict(eval(fix, {"state": state})) == ([], [])
