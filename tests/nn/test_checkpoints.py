"""Checkpoints as files: what is in them, what is said of wrong ones, what a kill leaves."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.training import adam, classifier, points, weights

import nn
import optim
from nn.io.formats import from_npz, to_npz
from nn.training import Callback, Checkpoint, CSVLog, EarlyStopping, fit, load_checkpoint
from nn.training.packing import pack, unpack

ROOT = Path(__file__).parents[2]
CROSS_ENTROPY = nn.CrossEntropyLoss()
X, Y = points(80)


def test_a_checkpoint_has_the_others_states_after_the_epoch_wherever_it_is_listed(tmp_path):
    path, model = tmp_path / "c.npz", classifier()
    callbacks = [Checkpoint(path), EarlyStopping(monitor="loss")]
    fit(model, (X, Y), CROSS_ENTROPY, adam(model), epochs=1, callbacks=callbacks)
    saved = dict(unpack(from_npz(path.read_bytes()))["callbacks"])
    assert saved["EarlyStopping"]["best_epoch"] == 1


def test_what_was_stopped_stays_so_unless_there_is_more_patience(tmp_path):
    path = tmp_path / "c.npz"
    model = nn.Linear(4, 2)
    settings = {"epochs": 9, "validation": (X, Y)}

    def train(patience, resume=None):
        still = optim.SGD(model.parameters(), lr=0.0)
        return fit(
            model, (X, Y), CROSS_ENTROPY, still, resume=resume,
            callbacks=[EarlyStopping(patience=patience), Checkpoint(path)], **settings,
        )  # fmt: skip

    assert train(2).epochs == 3
    assert train(2, path).epochs == 3
    assert train(4, path).epochs == 5


class TestFiles:
    def test_a_folder_has_a_file_for_each_time_and_the_newest_is_resumed(self, tmp_path):
        model = classifier()
        saving = Checkpoint(tmp_path / "new" / "run", every=2)
        fit(model, (X, Y), CROSS_ENTROPY, adam(model), epochs=5, callbacks=[saving])
        files = sorted(file.name for file in (tmp_path / "new" / "run").iterdir())
        assert files == ["epoch-0002.npz", "epoch-0004.npz", "epoch-0005.npz"]
        assert saving.saved.name == "epoch-0005.npz"
        other = classifier(2)
        history = load_checkpoint(other, tmp_path / "new" / "run")
        assert weights(other) == weights(model)
        assert history.epochs == 5
        load_checkpoint(other, tmp_path / "new" / "run" / "epoch-0002.npz")
        assert weights(other) != weights(model)

    def test_with_a_monitor_only_what_is_better_is_saved(self, tmp_path):
        losses = iter([3.0, 1.0, 2.0, 0.5, 0.7])
        model = nn.Linear(4, 2)
        fit(
            model, (X, Y), CROSS_ENTROPY, adam(model), epochs=5,
            metrics={"given": lambda p, t: current[0]}, batch_size=80,
            callbacks=[Draw(losses), Checkpoint(tmp_path, monitor="given", mode="min")],
        )  # fmt: skip
        files = sorted(file.name for file in tmp_path.iterdir())
        assert files == ["epoch-0001.npz", "epoch-0002.npz", "epoch-0004.npz"]

    def test_the_file_is_arrays_and_text_without_pickle(self, tmp_path):
        model = classifier()
        path = tmp_path / "c.npz"
        fit(model, (X, Y), CROSS_ENTROPY, adam(model), epochs=1, callbacks=[Checkpoint(path)])
        with np.load(path, allow_pickle=False) as file:
            assert file["model/0.weight"].tobytes() == model.state_dict()["0.weight"].tobytes()
            json.loads(file["training.json"].tobytes())

    def test_the_log_goes_on_without_the_epochs_that_are_done_again(self, tmp_path):
        path, log = tmp_path / "c.npz", tmp_path / "log.csv"

        class Late(Callback):
            last = True

            def on_epoch_end(self, state):
                if state.epoch == dies:
                    raise SystemError

        def train(resume=None):
            model = classifier()
            fit(
                model, (X, Y), CROSS_ENTROPY, adam(model), epochs=5, resume=resume,
                callbacks=[CSVLog(log), Late(), Checkpoint(path)],
            )  # fmt: skip

        dies = 3
        with pytest.raises(SystemError):
            train()
        assert [row.split(",")[0] for row in log.read_text().splitlines()] == [
            "epoch", "1", "2", "3",
        ]  # fmt: skip
        dies = None
        train(path)  # of epoch 2
        rows = [row.split(",") for row in log.read_text().splitlines()]
        assert rows[0] == ["epoch", "loss", "lr", "seconds"]
        assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4", "5"]


current = [0.0]


class Draw(Callback):
    def __init__(self, values):
        self.values = values

    def on_epoch_begin(self, state):
        current[0] = next(self.values)


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True, "x", (1, (2,))], 3: {"b": np.arange(3)}},
        {"state": 2**127 + 1, "inf": math.inf, "small": 5e-324},
        {1: np.zeros(2), "1": np.ones(2)},
        [np.array(2.0, np.float16), np.zeros((0, 3))],
    ],
)
def test_what_is_packed_comes_out_the_same(value):
    back = unpack(from_npz(to_npz(pack(value))))
    assert repr(back) == repr(value)


def test_nan_and_numbers_of_numpy_come_out_as_pythons():
    back = unpack(pack({"nan": math.nan, "n": np.float32(0.1), "i": np.int64(3)}))
    assert math.isnan(back["nan"])
    assert (back["n"], back["i"]) == (float(np.float32(0.1)), 3)


def test_a_callback_whose_state_cannot_be_saved_is_told_where(tmp_path):
    class Odd(Callback):
        def state_dict(self):
            return {"a": [{1, 2}]}

    model = classifier()
    with pytest.raises(TypeError, match="callbacks/0/1/a/0 is set"):
        fit(
            model, (X, Y), CROSS_ENTROPY, adam(model), epochs=1,
            callbacks=[Odd(), Checkpoint(tmp_path / "c.npz")],
        )  # fmt: skip


class TestErrors:
    @pytest.fixture
    def path(self, tmp_path):
        model = classifier()
        path = tmp_path / "c.npz"
        fit(model, (X, Y), CROSS_ENTROPY, adam(model), epochs=1, callbacks=[Checkpoint(path)])
        return path

    def resume(self, path, model=None, epochs=2, **settings):
        model = classifier() if model is None else model
        callbacks = settings.pop("callbacks", [Checkpoint(path)])
        return fit(
            model, (X, Y), CROSS_ENTROPY, adam(model), epochs=epochs, resume=path,
            callbacks=callbacks, **settings,
        )  # fmt: skip

    def test_no_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="To begin where there is none: resume=path if"):
            self.resume(tmp_path / "none.npz")
        with pytest.raises(FileNotFoundError, match=r"no checkpoint, epoch-….npz, in the folder"):
            self.resume(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"PK not", "cut", "weights"])
    def test_a_damaged_file_and_one_of_weights(self, path, content):
        whole = path.read_bytes()
        weights = to_npz({"w": np.zeros(2)})
        path.write_bytes({"cut": whole[:-100], "weights": weights}.get(content, content))
        with pytest.raises(ValueError, match=r"c\.npz is no checkpoint"):
            self.resume(path)

    @pytest.mark.parametrize("part", ["weights", "text"])
    def test_a_bit_that_tipped_over(self, path, part):
        with np.load(path) as file:
            inside = file["model/4.weight" if part == "weights" else "training.json"].tobytes()
        content = bytearray(path.read_bytes())
        content[content.index(inside) + 5] ^= 1
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"c\.npz is no checkpoint of fit, or damaged"):
            self.resume(path)

    def test_another_model(self, path):
        other = nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 2))
        before = weights(other)
        with pytest.raises(ValueError, match="does not fit") as caught:
            self.resume(path, other)
        assert any("c.npz" in note for note in caught.value.__notes__)
        assert weights(other) == before

    def test_other_company(self, path):
        with pytest.raises(ValueError, match=r"\['Checkpoint'\] when .*c.npz was made, \[\] now"):
            self.resume(path, callbacks=[])
        model = classifier()
        optimizer = adam(model)
        schedule = optim.lr_scheduler.StepLR(optimizer, 1)
        with pytest.raises(ValueError, match=r"a schedule: False when .* True now"):
            fit(
                model, (X, Y), CROSS_ENTROPY, optimizer, epochs=2, resume=path, schedule=schedule,
                callbacks=[Checkpoint(path)],
            )  # fmt: skip
        with pytest.raises(ValueError, match=r"a loader with a state: True when .* False now"):
            fit(
                model, [(X, Y)], CROSS_ENTROPY, optimizer, epochs=2, resume=path,
                callbacks=[Checkpoint(path)],
            )  # fmt: skip
        with pytest.raises(ValueError, match="random generators differ"):
            self.resume(path, classifier(own=True))

    def test_nothing_is_left_to_do(self, path):
        with pytest.warns(UserWarning, match="has 1 epochs already, and epochs=1 counts them"):
            assert self.resume(path, epochs=1).epochs == 1

    def test_a_path_that_is_no_checkpoint(self):
        with pytest.raises(ValueError, match=r"ends in '.safetensors'. Weights alone"):
            Checkpoint("m.safetensors")
        with pytest.raises(ValueError, match="better when it is high or when it is low"):
            Checkpoint("m.npz", monitor="accuracy")
        with pytest.raises(ValueError, match="every is a positive whole number"):
            Checkpoint("m.npz", every=0)


KILLING = """
import os, random, signal, sys, time
sys.path.insert(0, "tests")
import nn
from nn.training import Callback, Checkpoint, fit, load_checkpoint
from support.training import adam, classifier, points

class Tell(Callback):
    def on_epoch_end(self, state):  # called before the checkpoint is made
        os.write(writing, b"%d\\n" % state.epoch)

def train():
    model = classifier()
    fit(model, points(), nn.CrossEntropyLoss(), adam(model), epochs=10**6, batch_size=30,
        callbacks=[Tell(), Checkpoint(path)], resume=path if os.path.exists(path) else None)

path, rng, saved = sys.argv[1], random.Random(0), 0
for kill in range(50):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        train()
    os.close(writing)
    with os.fdopen(reading) as lines:
        while int(lines.readline()) < saved + 2:  # until it has gone on after what was saved
            pass
        time.sleep(rng.uniform(0, 0.01))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    now = load_checkpoint(classifier(), path).epochs
    assert now > saved, (now, saved)
    saved = now
print("killed", kill + 1, "times")
"""


def test_killed_at_any_moment_there_is_a_whole_checkpoint_from_which_training_goes_on(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLING, tmp_path / "c.npz"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("killed 50 times\n", "")
    unfinished = [file for file in tmp_path.iterdir() if file.name != "c.npz"]
    assert unfinished  # some were killed while the file was being written
    assert all(file.name.endswith(".unfinished") for file in unfinished)
