"""Files are there whole or not at all, whatever fails, and whoever is killed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support.states import network

from autograd.files import write_whole
from nn.io import read_weights, save_weights

ROOT = Path(__file__).parents[2]


def test_a_disk_that_fails_leaves_the_old_file_and_nothing_else(monkeypatch, tmp_path):
    path = tmp_path / "m.npz"
    save_weights(network(seed=1), path)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_weights(network(seed=3), path)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "read_bytes", lambda _: b"other bytes")
    with pytest.raises(OSError, match="the disk gave back other bytes"):
        save_weights(network(seed=3), path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["m.npz"]


def test_the_bytes_are_on_the_disk_before_the_file_takes_its_place(monkeypatch, tmp_path):
    done = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append("fsync"), fsync(fd))[1])
    monkeypatch.setattr(Path, "replace", lambda *a: (done.append("replace"), replace(*a))[1])
    write_whole(tmp_path / "x", b"content")
    assert done == ["fsync", "replace", "fsync"]  # the file, its place, the folder's entry


def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


SAVING = """
import sys
import numpy as np
from nn.io import save_weights
print("ready", flush=True)
i = 0
while True:
    i += 1
    state = {"a": np.full((300, 300), i, np.float32), "b": np.full((300, 300), -i, np.float32)}
    save_weights(state, sys.argv[1])
"""


@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
def test_a_process_killed_while_saving_leaves_a_whole_file(tmp_path, suffix):
    path, rng = tmp_path / f"model{suffix}", random.Random(0)
    save_weights({"a": np.zeros(1), "b": np.zeros(1)}, path)
    seen = set()
    running = [start(path) for _ in range(2)]
    for _ in range(12):
        process = running.pop(0)
        assert process.stdout.readline() == b"ready\n"
        running.append(start(path))  # gets ready, and saves too, while the other one is killed
        time.sleep(rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        state = read_weights(path)
        assert (state["a"] == -state["b"]).all()
        assert len(np.unique(state["a"])) == 1
        seen.add(state["a"].flat[0])
    for process in running:
        process.kill()
        process.communicate()
    assert len(seen) > 1  # files were replaced meanwhile


def start(path):
    return subprocess.Popen(
        [sys.executable, "-c", SAVING, path],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
    )
