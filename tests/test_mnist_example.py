"""The example on MNIST: what it answers, and what it says without the files."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = os.environ.get("MNIST_FOLDER")


def run(*options):
    return subprocess.run(
        [sys.executable, ROOT / "examples" / "mnist.py", *options],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )


def test_a_folder_without_the_files_is_named(tmp_path):
    done = run("--data", str(tmp_path))
    assert done.returncode == 2
    assert "train-images-idx3-ubyte" in done.stderr
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not FOLDER, reason="set MNIST_FOLDER to a folder with the four files of MNIST")
def test_a_linear_classifier_reads_about_85_percent_of_the_digits():
    done = run("--data", FOLDER, "--model", "linear")
    (accuracy,) = re.findall(r"^test accuracy: ([\d.]+) %$", done.stdout, re.MULTILINE)
    assert 83 < float(accuracy) < 88
