"""Files of weights that are damaged, foreign or dangerous, and wrong calls: nothing is changed."""

import os
import sys
import zipfile

import numpy as np
import pytest
import safetensors.numpy
from support.checks import message
from support.states import bits, network, raw_safetensors

import nn
from nn.io import load_weights, read_weights, save_weights

both = pytest.mark.parametrize("suffix", [".safetensors", ".npz"])


def good_file(path):
    save_weights(network(seed=1), path)
    return path.read_bytes()


@both
def test_a_file_that_is_cut_off_changes_nothing(tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    content, model = good_file(path), network(seed=2)
    before = bits(model.state_dict())
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match="cannot be read") as caught:
            load_weights(model, path)
        assert str(caught.value).startswith(f"{path}: it cannot be read (")
    assert bits(model.state_dict()) == before


def test_a_flipped_bit_in_an_npz_is_found_or_without_effect(tmp_path):
    path = tmp_path / "model.npz"
    content, model = good_file(path), network(seed=2)
    right, before = bits(network(seed=1).state_dict()), bits(model.state_dict())
    found = 0
    for place in range(len(content)):
        broken = bytearray(content)
        broken[place] ^= 1 << place % 8
        path.write_bytes(broken)
        try:
            load_weights(model, path)
        except ValueError:
            found += 1
            assert bits(model.state_dict()) == before
        else:
            assert bits(model.state_dict()) == right
            model = network(seed=2)
    assert found > len(content) / 2


def test_a_flipped_bit_in_the_header_of_a_safetensors_file_is_no_crash(tmp_path):
    path = tmp_path / "model.safetensors"
    content, model = good_file(path), network(seed=2)
    end = 8 + int.from_bytes(content[:8], "little")
    refused = 0
    for place in range(end):
        broken = bytearray(content)
        broken[place] ^= 1 << place % 8
        path.write_bytes(broken)
        before = bits(model.state_dict())
        try:
            load_weights(model, path)
        except ValueError:
            refused += 1
            assert bits(model.state_dict()) == before
    assert refused > end / 2


def npz_with(tmp_path, **entries):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return tmp_path / "x.npz"


def test_python_objects_are_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    np.savez(tmp_path / "x.npz", w=np.array([Trap()], object))
    assert message(ValueError, lambda: read_weights(tmp_path / "x.npz")) == (
        f"{tmp_path}/x.npz: its entry 'w.npy' holds Python objects. They are not loaded, because "
        "that could run any code; save arrays of numbers."
    )
    assert not (tmp_path / "sprung").exists()


def test_files_of_torch_save_are_recognised_whatever_they_are_called(tmp_path):
    path = npz_with(tmp_path, **{"archive/data.pkl": b"\x80\x02}q\x00."})
    assert message(ValueError, lambda: read_weights(path)) == (
        f"{path}: its entry 'archive/data.pkl' is no array. It looks like a file of torch.save."
    )
    renamed = path.rename(tmp_path / "x.safetensors")
    assert message(ValueError, lambda: read_weights(renamed)).endswith(
        "It is cut off or damaged, or has another format. It is a zip archive: an .npz file, or "
        "one of torch.save."
    )


def test_weights_of_another_model_name_the_file_and_change_nothing(tmp_path):
    path, model = tmp_path / "wide.npz", network(seed=2)
    save_weights(network(hidden=5), path)
    before = bits(model.state_dict())
    with pytest.raises(ValueError, match="the state does not fit; nothing was changed") as caught:
        load_weights(model, path)
    assert "(5, 3) float32" in str(caught.value)
    assert caught.value.__notes__ == [f"  file  {path}"]
    assert bits(model.state_dict()) == before


@pytest.mark.parametrize("kind", ["F8_E4M3", "C64"])
def test_other_dtypes_are_named_with_a_way_out(tmp_path, kind):
    content = bytes(8)
    shape = [8] if kind.startswith("F8") else [1]
    (tmp_path / "x.safetensors").write_bytes(raw_safetensors(kind, shape, content))
    assert message(ValueError, lambda: read_weights(tmp_path / "x.safetensors")) == (
        f"{tmp_path}/x.safetensors: w has the dtype {kind}, for which there are no weights here. "
        "Convert it where the file was made, such as with tensor.float() in PyTorch."
    )


ANY = "float16, float32, float64, whole numbers or truth values, by name."
WRONG = {
    "suffix": (
        lambda: save_weights(network(), "model.txt"),
        ValueError,
        "save_weights: weights are in files that end in .safetensors or .npz; 'model.txt' has "
        "'.txt'.",
    ),
    "no suffix": (
        lambda: read_weights("folder.npz/model"),
        ValueError,
        "read_weights: weights are in files that end in .safetensors or .npz; 'model' has no "
        "suffix.",
    ),
    "PyTorch's": (
        lambda: load_weights(network(), "model.pt"),
        ValueError,
        "read_weights: weights are in files that end in .safetensors or .npz; 'model.pt' has "
        "'.pt'. PyTorch's own files are pickles, which can run any code. Where PyTorch is: "
        'safetensors.torch.save_file(model.state_dict(), "model.safetensors").',
    ),
    "arguments swapped": (
        lambda: save_weights("model.npz", network()),
        TypeError,
        "save_weights(model, path) takes a model, or its state dict, and then the file; the first "
        "is of type str.",
    ),
    "loaded into nothing": (
        lambda: load_weights("model.npz", network()),
        TypeError,
        "load_weights(model, path) takes a model, and then the file; the first is of type str. "
        "For the arrays alone: read_weights(path).",
    ),
    "nothing to save": (
        lambda: save_weights(nn.ReLU(), "model.npz"),
        ValueError,
        "save_weights: there is nothing to save, ReLU has no parameters.",
    ),
    "a dict of dicts": (
        lambda: save_weights({"model": {"w": np.ones(2)}}, "model.npz"),
        TypeError,
        f"save_weights: model is dict. Files of weights hold arrays of {ANY}",
    ),
    "complex": (
        lambda: save_weights({"w": np.ones(2, complex)}, "model.npz"),
        TypeError,
        f"save_weights: w is an array of complex128. Files of weights hold arrays of {ANY}",
    ),
    "numbers for names": (
        lambda: save_weights({0: np.ones(2)}, "model.npz"),
        TypeError,
        "save_weights: weights have names, and 0 is no string.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_calls_are_answered(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, kind, text = WRONG[case]
    assert message(kind, call) == text
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.delitem(sys.modules, "safetensors.numpy")
    assert message(ImportError, lambda: save_weights(network(), tmp_path / "m.safetensors")) == (
        "Files that end in .safetensors need the package safetensors. Install it: "
        'pip install -e ".[weights]"; or use the suffix .npz, which needs nothing.'
    )
    save_weights(network(), tmp_path / "m.npz")


def test_an_encoder_that_scrambles_is_caught_before_the_file_is_touched(monkeypatch, tmp_path):
    path = tmp_path / "m.safetensors"
    before = good_file(path)
    real = safetensors.numpy.save

    def doubling(arrays, metadata):
        return real({name: array * 2 for name, array in arrays.items()}, metadata)

    monkeypatch.setattr(safetensors.numpy, "save", doubling)
    assert message(OSError, lambda: save_weights({"w": np.ones(2), "v": np.zeros(1)}, path)) == (
        f"{path} was not written: read back, w differ. The library that encodes the file is at "
        "fault; try the other suffix."
    )
    assert path.read_bytes() == before
