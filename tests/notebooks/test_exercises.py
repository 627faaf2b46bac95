"""The exercises: a right answer passes its check, a wrong one fails it with a hint.

Only the cells that an exercise needs are run: those with the tag "setup", the exercise itself, and
its check. The answers are in notebooks/solutions.
"""

import runpy

import matplotlib
import pytest
from support.lessons import FOLDER, PATHS, exercises, tagged

from autograd import Tensor


def solutions(path):
    """By the exercise's name, (right, wrong): what its cell may be replaced with."""
    file = FOLDER / "solutions" / f"{path.stem[:2]}.py"
    return runpy.run_path(str(file))["SOLUTIONS"] if file.exists() else {}


ROWS = [(path, name, *answers) for path in PATHS for name, answers in solutions(path).items()]
each = pytest.mark.parametrize(
    ("path", "name", "right", "wrong"), ROWS, ids=[f"{row[0].stem}-{row[1]}" for row in ROWS]
)


@pytest.fixture(autouse=True)
def as_in_the_folder(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)  # `from exercises import check`
    monkeypatch.chdir(FOLDER)
    with matplotlib.rc_context():
        yield


def run(path, name, answer=None):
    """Run the exercise as it stands, or with an answer in its place, and then its check."""
    (exercise,), (check,) = tagged(path, "exercise", name), tagged(path, "check", name)
    setup = [cell.text for cell in tagged(path, "setup")]
    names = {}
    for text in [*setup, exercise.text if answer is None else answer, check.text]:
        exec("\n".join(line for line in text.splitlines() if not line.startswith("%")), names)


@each
def test_a_right_answer_passes(path, name, right, wrong, capsys):
    run(path, name, right)
    said = capsys.readouterr().out
    assert said
    assert "Not tried yet" not in said


@each
def test_a_wrong_answer_fails_with_a_hint(path, name, right, wrong):
    with pytest.raises(AssertionError, match="Not yet"):
        run(path, name, wrong)


@each
def test_without_an_answer_it_says_so(path, name, right, wrong, capsys):
    run(path, name)
    assert "Not tried yet" in capsys.readouterr().out


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_exercise_has_its_answers(path):
    assert exercises(path) == list(solutions(path))
    assert 2 <= len(exercises(path)) <= 3


@pytest.mark.parametrize(
    ("answer", "expected", "said"),
    [
        (0.99999, 1, None),
        (Tensor([1.0, 2.0], requires_grad=True), [1, 2], None),
        ("relu", "relu", None),
        (True, True, None),
        (0.999, 1, "1 of 1 differ"),
        ([1, 3, 3], [1, 2, 3], "1 of 3 differ"),
        (float("nan"), 1, "1 of 1 differ"),
        ("tanh", "relu", "1 of 1 differ"),
        ("1", 1, "1 of 1 differ"),
        ([[1], [1]], [1, 1], r"shape \(2, 1\), not \(2,\)"),
        ([1, 1], 1, r"shape \(2,\), not \(\)"),
    ],
)
def test_check(answer, expected, said, capsys):
    from exercises import check

    if said is None:
        check(answer, expected, "a hint")
        assert capsys.readouterr().out == "Right.\n"
    else:
        with pytest.raises(AssertionError, match=f"{said}. a hint"):
            check(answer, expected, "a hint")
