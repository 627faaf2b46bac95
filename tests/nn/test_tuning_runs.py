"""Running a search: killed, interrupted, resumed, in parallel, it keeps what is finished."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.objectives import bowl, picky

import optim
from nn import CrossEntropyLoss, Linear
from nn.data.toys import moons
from nn.training import Callback, fit
from nn.tuning import (
    IntUniform,
    LogUniform,
    Uniform,
    grid_search,
    random_search,
    read_results,
    refine,
)

ROOT = Path(__file__).parents[2]
SPACE = {"lr": LogUniform(1e-4, 1), "hidden": IntUniform(8, 64), "act": ["relu", "tanh"]}


# The file


def test_a_finished_trial_is_on_the_disk_before_the_next_begins(monkeypatch, tmp_path):
    path, events, fsync = tmp_path / "new" / "search.jsonl", [], os.fsync

    def noted(handle):
        fsync(handle)
        events.append(path.read_bytes().count(b"\n"))

    monkeypatch.setattr(os, "fsync", noted)
    grid_search(lambda x: events.append("trial") or x, {"x": [1, 2]}, results=path)
    assert events == [1, 1, "trial", 2, "trial", 3]  # the first line, the folder, the trials


def test_the_file_is_json_lines_that_can_be_read_back(tmp_path):
    path = tmp_path / "search.jsonl"
    found = random_search(bowl, SPACE, 5, results=path)
    head, *lines = map(json.loads, path.read_text().splitlines())
    assert head["space"]["lr"] == "LogUniform(low=0.0001, high=1.0)"
    assert [line["trial"] for line in lines] == list(range(5))
    assert lines[found.best.number]["score"] == found.best.score
    assert read_results(path).trials == found.trials
    with pytest.raises(ValueError, match="Call the search again with that file"):
        refine(read_results(path))


def test_a_search_goes_on_where_it_was_and_may_have_grown(tmp_path):
    path, tried = tmp_path / "search.jsonl", []

    def objective(x, layer):
        tried.append(x)
        return picky(x)

    # As if by several runs of a program: the functions are others, of the same names.
    spaces = [{"x": Uniform(0, 1), "layer": [np.tanh, lambda x: x, (3, 4)]} for _ in range(4)]
    few, again = (random_search(objective, space, 4, results=path) for space in spaces[:2])
    assert len(tried) == 4
    assert [trial.score for trial in again] == [trial.score for trial in few]
    assert all(any(t.params["layer"] is v for v in spaces[1]["layer"]) for t in again)
    more = random_search(objective, spaces[2], 7, results=path)
    assert len(tried) == len(set(tried)) == len(more) == 7
    fewer = random_search(objective, spaces[3], 2, results=path)
    assert [len(fewer), len(tried)] == [2, 7]


def test_failures_are_tried_again_if_asked(tmp_path):
    path, broken = tmp_path / "search.jsonl", [True]

    def objective(x):
        if broken[0] and x == 2:
            raise OSError("disk full")
        return x

    search = partial(grid_search, objective, {"x": [1, 2, 3]}, results=path)
    assert len(search().failed) == 1
    broken[0] = False
    assert len(search().failed) == 1
    assert len(search(retry_failed=True).scored) == 3
    assert len(search().scored) == len(read_results(path).scored) == 3


def test_a_file_cut_off_anywhere_is_mended(tmp_path):
    path = tmp_path / "search.jsonl"
    search = partial(grid_search, picky, {"x": [0.1, 0.2, 0.7]}, results=path)
    whole = search()
    content = path.read_bytes()
    ends = [i for i, byte in enumerate(content) if byte == ord("\n")]
    for cut in sorted({0, *range(1, len(content), 11), *ends, *(e + 1 for e in ends)}):
        path.write_bytes(content[:cut])
        if cut > ends[0]:
            # A line that lacks only its newline is whole.
            assert len(read_results(path)) == sum(end <= cut for end in ends) - 1
        assert search().trials == whole.trials
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert [line.get("trial") for line in lines] == [None, 0, 1, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 1}, "seed: there 0, here 1"),
        ({"mode": "max"}, "mode: there 'min', here 'max'"),
        ({"space": {"x": [1, 2, 4]}}, "space: there .*1, 2, 3.* here .*1, 2, 4"),
    ],
)
def test_the_file_of_another_search_is_not_continued(change, words, tmp_path):
    arguments = {"space": {"x": [1, 2, 3]}, "results": tmp_path / "search.jsonl"}
    grid_search(lambda x: x, **arguments)
    before = arguments["results"].read_bytes()
    with pytest.raises(ValueError, match=words):
        grid_search(lambda x: x, **{**arguments, **change})
    assert arguments["results"].read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"search": 1}\n{"trial": 0, "sc\n{"trial": 1}\n', "line 2: this is no JSON"),
        ("x,y\n1,2\n", "line 1: this is no JSON"),
        ('{"loss": 1}\n', "line 1: this is no results file of a search"),
        ("", "is empty: no search has begun"),
    ],
)
def test_a_file_that_is_none_of_a_search_is_refused(content, words, tmp_path):
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(ValueError, match=words):
        read_results(path)
    if content:
        with pytest.raises(ValueError, match=words):
            grid_search(lambda x: x, {"x": [1]}, results=path)
        assert path.read_text() == content


def test_another_machine_may_go_on(tmp_path):
    path, tried = tmp_path / "search.jsonl", []
    search = partial(random_search, lambda x: tried.append(x) or x, {"x": LogUniform(0.01, 1)}, 1)
    value = search(results=path).best.params["x"]
    path.write_text(path.read_text().replace(str(value), str(np.nextafter(value, 1))))
    search(results=path)
    assert len(tried) == 1  # its exp may differ in the last digit


def test_whatever_a_trial_is_and_says_can_be_written(tmp_path):
    def objective(clip, sizes):
        raise ValueError("\udcff 漢 \0")

    path = tmp_path / "search.jsonl"
    space = {"clip": [float("inf"), None, np.float32(0.5)], "sizes": [(3, np.int64(4)), []]}
    with pytest.warns(UserWarning, match="All 6 trials failed"):
        found = grid_search(objective, space, seed=np.int64(1), results=path)
    with pytest.warns(UserWarning, match="All 6 trials failed"):
        again = grid_search(objective, space, seed=1, results=path, jobs=2)
    assert again.trials == found.trials
    read = read_results(path)
    assert [list(trial.params.values()) for trial in read][::5] == [["inf", [3, 4]], [0.5, []]]


def test_an_edited_trial_is_noticed(tmp_path):
    path = tmp_path / "search.jsonl"
    search = partial(grid_search, lambda a, b: a + b, {"a": [1, 2], "b": [3, 4]}, results=path)
    search()
    path.write_text(path.read_text().replace('"a": 2', '"a": 9'))
    with pytest.raises(ValueError, match=r"trial 2 with .*'a': 9.*; here it has .*'a': 2"):
        search()


KILLED = """
import os, random, signal, sys, time
from nn.tuning import Uniform, random_search, read_results

path, notes = sys.argv[1:]

def objective(x, seed):
    with open(notes, "a") as file:
        file.write(f"{seed}\\n")
    time.sleep(0.0005)
    return x

def search(n):
    return random_search(objective, {"x": Uniform(0, 1)}, n, results=path)

def finished():
    return {trial.seed for trial in read_results(path)}

def begun():
    with open(notes) as file:
        return [int(line) for line in file]

search(1)
rng = random.Random(0)
for kill in range(50):
    before, already = finished(), len(begun())
    child = os.fork()
    if not child:
        search(1500)
        os._exit(1)  # never reached
    while len(finished()) < len(before) + 3:
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.005))
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert set(begun()[:-1]) <= finished(), "a finished trial was lost"
    assert not before & set(begun()[already:]), "a finished trial was repeated"
n = len(finished())
print(search(n + 5).trials == random_search(lambda x: x, {"x": Uniform(0, 1)}, n + 5).trials)
"""


def run_python(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.skipif(os.name != "posix", reason="forks")
def test_50_kills_lose_no_finished_trial_and_repeat_none(tmp_path):
    out, errors = run_python(KILLED, tmp_path / "search.jsonl", tmp_path / "notes").communicate()
    assert out == "True\n", errors


INTERRUPTED = """
import sys, time, warnings
from nn.tuning import Uniform, random_search

def objective(x):
    time.sleep(0.05)
    return x

warnings.simplefilter("ignore")
path, jobs = sys.argv[1:]
found = random_search(objective, {"x": Uniform(0, 1)}, 999, results=path, jobs=int(jobs))
print(found.interrupted, len(found))
print(found)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of Ctrl-C")
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_keeps_what_is_finished(jobs, tmp_path):
    path = tmp_path / "search.jsonl"
    process = run_python(INTERRUPTED, path, jobs)
    while process.poll() is None and not (path.exists() and path.read_bytes().count(b"\n") > 3):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of them
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    interrupted, count = out.split()[:2]
    assert interrupted == "True"
    assert 3 <= int(count) == len(read_results(path)) < 999
    assert "interrupted; the same call with the same results file goes on" in out


def test_ctrl_c_while_a_trial_is_written_waits_until_it_is(monkeypatch, tmp_path):
    path, fsync = tmp_path / "search.jsonl", os.fsync

    def interrupted(handle):
        fsync(handle)
        if path.read_bytes().count(b"\n") == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.warns(UserWarning, match="interrupted after 2 of 3 trials"):
        found = grid_search(lambda x: x, {"x": [1, 2, 3]}, results=path)
    assert found.trials == read_results(path).trials


def test_a_trial_that_went_on_after_ctrl_c_does_not_count(tmp_path):
    x, y = moons(40, generator=0)

    def objective(lr):
        def interrupt(state):
            if lr == 0.2 and state.epoch == 3:
                signal.raise_signal(signal.SIGINT)

        model = Linear(2, 2)
        optimizer = optim.SGD(model.parameters(), lr=lr)
        watcher = type("Watcher", (Callback,), {"on_epoch_end": lambda self, s: interrupt(s)})()
        loss = CrossEntropyLoss()
        return fit(model, (x, y), loss, optimizer, epochs=5, callbacks=[watcher])["loss"][-1]

    path = tmp_path / "search.jsonl"
    with pytest.warns(UserWarning, match="interrupted after 1 of 3 trials"):
        found = grid_search(objective, {"lr": [0.1, 0.2, 0.3]}, results=path)
    assert [trial.params["lr"] for trial in found] == [0.1]
    assert read_results(path).trials == found.trials


def test_ctrl_c_is_told_of_with_what_to_do(tmp_path):
    def objective(x):
        if x == 2:
            raise KeyboardInterrupt
        return x

    with pytest.warns(UserWarning, match="after 1 of 3 trials; the same call goes on"):
        found = grid_search(objective, {"x": [1, 2, 3]}, results=tmp_path / "search.jsonl")
    assert [trial.score for trial in found] == [1]
    with pytest.warns(UserWarning, match="after 1 of 3 trials; search again with results=file"):
        grid_search(objective, {"x": [1, 2, 3]})


# Several at a time


def test_any_number_of_jobs_gives_the_same_results(tmp_path):
    one = random_search(picky, {"x": Uniform(0, 1)}, 12, results=tmp_path / "one")
    two = random_search(picky, {"x": Uniform(0, 1)}, 12, results=tmp_path / "two", jobs=2)
    assert one.trials == two.trials
    assert read_results(tmp_path / "two").trials == two.trials


@pytest.mark.parametrize("as_they_finish", [True, False])
def test_a_backend_of_joblib_runs_the_same_search(as_they_finish, tmp_path):
    import joblib
    from joblib.parallel import ThreadingBackend

    class Cluster(ThreadingBackend):
        """A backend that somebody else wrote; some give back nothing before all is done."""

        supports_return_generator = as_they_finish

    joblib.register_parallel_backend("cluster", Cluster)
    threads = set()

    def objective(x):
        threads.add(threading.current_thread())
        return picky(x)

    search = partial(random_search, objective, {"x": Uniform(0, 1)}, 12)
    alone = search()
    threads.clear()
    with joblib.parallel_config("cluster"):
        together = search(jobs=3, results=tmp_path / "search.jsonl")
    assert together.trials == alone.trials == read_results(tmp_path / "search.jsonl").trials
    assert threading.main_thread() not in threads


def test_without_joblib_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    assert len(random_search(picky, {"x": Uniform(0, 0.4)}, 2)) == 2
    with pytest.raises(ImportError, match=r'pip install "joblib>=1.4"'):
        random_search(picky, {"x": Uniform(0, 1)}, 2, jobs=2)
