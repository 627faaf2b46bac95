"""Memory that a step has freed is there for the next one."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource
import autograd
import numpy as np

def step():
    arrays = [np.ones(4_000_000, np.float32) for _ in range(10)]

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

step()
before = faults()
for _ in range(5):
    step()
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is asked for it")
def test_large_arrays_are_made_in_memory_that_is_there_already():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100  # pages; a single array has 8 of 2 MB, or 3,900 of 4 kB
