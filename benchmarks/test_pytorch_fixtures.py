"""What PyTorch's modules compute is still what tests/fixtures/nn_*.json say.

`make test-pytorch` runs it, in the environment that has PyTorch.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fixtures.make_nn import HERE, TABLES, table


@pytest.mark.parametrize("name", TABLES)
def test_regenerated(name: str) -> None:
    stored = json.loads(Path(HERE, f"nn_{name}.json").read_text(encoding="utf-8"))["results"]
    made = table(name)
    assert made.keys() == stored.keys()
    for key, results in made.items():
        assert results.keys() == stored[key].keys(), key
        for part, values in results.items():
            expected = np.asarray(stored[key][part])
            scale = 1e-12 * max(1e-300, np.max(np.abs(expected), initial=0))
            message = f"{key}: {part}"
            np.testing.assert_allclose(values, expected, rtol=1e-12, atol=scale, err_msg=message)
