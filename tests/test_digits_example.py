"""The demo: what it prints and leaves behind, and what it says of wrong values."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SIZES = "write sizes such as 128,64"
SCRIPT = Path(__file__).parent.parent / "examples" / "digits.py"


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], cwd=cwd, capture_output=True, text=True
    )


def test_the_default_run_reads_97_of_100_digits_and_leaves_three_pictures(tmp_path):
    done = run("--out", tmp_path / "pictures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (accuracy,) = re.findall(r"^test accuracy: (\d+\.\d) %$", done.stdout, re.MULTILINE)
    assert float(accuracy) >= 97
    names = ["graph.svg", "history.png", "misclassified.png"]
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == names
    for name in names:
        assert str(tmp_path / "pictures" / name) in done.stdout
    drawing = (tmp_path / "pictures" / "graph.svg").read_text()
    for label in ("SoftmaxCrossEntropy", "0.weight", "(128, 64) float32", "images", "labels"):
        assert label in drawing


def test_options_change_the_network_and_the_length(tmp_path):
    done = run("--epochs", 1, "--hidden", "7,5,3", "--seed", 3, "--out", "here", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Linear(in_features=5, out_features=3" in done.stdout
    assert "trained 1 epochs" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("--epochs 0", "argument --epochs: 0 is too small; it must be at least 1"),
        ("--epochs many", "argument --epochs: 'many' is not a whole number"),
        ("--hidden 12,,3", f"argument --hidden: '' is not a whole number; {SIZES}"),
        ("--hidden 0", f"argument --hidden: 0 is too small; it must be at least 1; {SIZES}"),
        (
            "--hidden 999999",
            f"argument --hidden: 999999 is too large; it must be at most 10000; {SIZES}",
        ),
        ("--seed -1", "argument --seed: -1 is too small; it must be at least 0"),
        ("--out file/within", "argument --out: file/within cannot be made: Not a directory"),
        ("--fast", "unrecognized arguments: --fast"),
    ],
)
def test_wrong_values_get_one_line_and_code_2(arguments, text, tmp_path):
    (tmp_path / "file").touch()
    done = run(*arguments.split(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"digits.py: {text}\n"


def test_help_names_the_options(tmp_path):
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0
    for option in ("--epochs", "--hidden", "--seed", "--out"):
        assert option in done.stdout
