"""A made-up CSV file such as somebody has: names, numbers, categories, and cells without either."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np


def write_people(path: Path, n: int = 600) -> None:
    """Of n people some facts, and whether an insurer's risk is low, middle or high."""
    rng = np.random.default_rng(0)
    age, income = rng.integers(18, 80, n), rng.normal(40_000, 12_000, n).round(2)
    city, smoker = rng.choice(["Kyiv", "Lima", "Oslo"], n), rng.choice(["yes", "no"], n)
    score = (age - 45) / 15 + (income - 40_000) / 20_000 + (smoker == "yes")
    classes = np.digitize(score + rng.normal(0, 0.4, n), [0, 1.2])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "age", "income", "city", "smoker", "risk"])
        for i, facts in enumerate(zip(age, income, city, smoker, strict=True)):
            cells = ["" if rng.random() < 0.03 else fact for fact in facts]
            writer.writerow([f"P{i:04}", *cells, ["low", "middle", "high"][classes[i]]])
