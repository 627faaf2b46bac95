"""The pictures: what is in them, on light and on dark ground, and what is said of wrong data."""

import sys
import types

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

import autograd
import optim
from autograd import Tensor
from nn import CrossEntropyLoss, Dropout, Linear, ReLU, Sequential
from nn.data.toys import moons
from nn.plots import (
    LiveBoundary,
    confusion_matrix,
    curves,
    decision_boundary,
    learning_curves,
    misclassified,
    read_bias_variance,
    weight_images,
)
from nn.plots.canvas import is_dark
from nn.training import fit

X = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]], dtype=np.float32)
Y = np.array([0, 1, 0, 1])
IMAGES = np.arange(5 * 4, dtype=float).reshape(5, 4)
COUNTS = np.array([[8, 2], [0, 1000]])


def first_input(x):
    """Class 1 to the right of x₁ = 0.25, in logits."""
    return 4 * (np.asarray(x)[:, 0] - 0.25)


@pytest.fixture(autouse=True, params=["default", "dark_background"])
def plt(request):
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    with plt.style.context(request.param):
        styled = dict(mpl.rcParams)
        yield plt
        assert dict(mpl.rcParams) == styled, "a setting of all pictures was changed"
        plt.close("all")
    assert dict(mpl.rcParams) == before


DRAWN = {
    "boundary": lambda ax: decision_boundary(first_input, X, Y, ax=ax),
    "confusion": lambda ax: confusion_matrix(COUNTS, ax=ax),
    "learning": lambda ax: learning_curves([10, 20], [0, 0.1], [0.5, 0.3], ax=ax),
    "misclassified": lambda ax: misclassified(IMAGES, [0] * 5, [1] * 5, ax=ax),
    "none wrong": lambda ax: misclassified(IMAGES, [0] * 5, [0] * 5, ax=ax),
    "weights": lambda ax: weight_images(IMAGES, ax=ax),
    "curves": lambda ax: curves({"loss": [1.0, 0.5]}, ax=ax)[0],
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_a_picture_goes_where_it_is_told_or_into_one_new_figure(plt, draw):
    ax = plt.subplots()[1]
    assert draw(ax) is ax
    assert len(plt.get_fignums()) == 1
    alone = draw(None)
    assert len(plt.get_fignums()) == 2
    for picture in (ax.figure, alone.figure):
        picture.canvas.draw()


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_what_is_written_can_be_read(draw):
    ax = draw(None)
    ground = np.array(to_rgb(ax.get_facecolor()))
    texts = [ax.title, *ax.get_xticklabels(), ax.xaxis.label, ax.yaxis.label]
    if ax.axison is False:
        texts = [ax.title, *ax.texts]
    for text in texts:
        assert abs(np.array(to_rgb(text.get_color())) - ground).max() > 0.5
    for line in ax.lines:
        assert abs(np.array(to_rgb(line.get_color())) - ground).max() > 0.4


# Curves


def test_training_and_validation_share_a_panel():
    numbers = {
        "loss": [1.0, 0.1, 0.01],
        "accuracy": [0.1, 0.5, 0.9],
        "val_loss": [2, 1, None],
        "val_accuracy": [0.1, np.nan, 0.7],
        "lr": [0.1, 0.1, 0.1],
    }
    panels = curves(numbers)
    assert [panel.get_title() for panel in panels] == ["loss", "accuracy", "lr"]
    assert [len(panel.lines) for panel in panels] == [2, 2, 1]
    for panel, name in zip(panels[:2], ("loss", "accuracy"), strict=True):
        for line, prefix in zip(panel.lines, ("", "val_"), strict=True):
            np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])
            expected = np.array(numbers[prefix + name], dtype=float)
            np.testing.assert_array_equal(line.get_ydata(), expected)
    looks = [[(to_hex(ln.get_color()), ln.get_linestyle()) for ln in p.lines] for p in panels]
    assert looks[0] == looks[1]
    assert len(set(looks[0])) == len({dashes for _, dashes in looks[0]}) == 2
    assert len({colour for colour, _ in looks[0]}) == 2  # told apart by colour, and without
    legend = [text.get_text() for text in panels[0].get_legend().get_texts()]
    assert legend == ["training", "validation"]
    assert panels[2].get_legend() is None
    assert [panel.get_yscale() for panel in panels] == ["log", "linear", "linear"]


def test_a_single_epoch_is_seen_and_axes_may_be_given(plt):
    axes = plt.subplots(1, 2)[1]
    panels = curves({"loss": [0.5], "val_accuracy": [0.7]}, axes)
    assert (panels == axes).all()
    assert [panel.lines[0].get_marker() for panel in panels] == [".", "."]
    assert panels[1].get_legend().get_texts()[0].get_text() == "validation"


def test_curves_of_nothing_are_refused(plt):
    with pytest.raises(ValueError, match="there are no numbers to draw"):
        curves({"loss": []})
    with pytest.raises(ValueError, match=r"2 panels to draw \(loss, accuracy\), and ax has 1"):
        curves({"loss": [1], "accuracy": [1]}, plt.subplots()[1])
    assert len(plt.get_fignums()) == 1


# Bias and variance


@pytest.mark.parametrize(
    ("train", "dev", "verdict"),
    [  # the curriculum's four cases
        (0.01, 0.16, "high variance"),
        (0.15, 0.16, "high bias"),
        (0.15, 0.30, "high bias and high variance"),
        (0.005, 0.01, "low bias and low variance"),
    ],
)
def test_the_four_cases_of_bias_and_variance(train, dev, verdict):
    reading = read_bias_variance(train, dev)
    assert reading.verdict == verdict
    assert f"Training error {100 * train:g} % with 0 % aimed at" in str(reading)
    assert f"dev error {100 * dev:g} %: {verdict}." in str(reading)
    assert ("larger network" in reading.sentence) == ("bias" in verdict and "high b" in verdict)
    assert ("more data" in reading.sentence) == ("high variance" in verdict)
    assert reading.bias == train
    assert reading.variance == pytest.approx(dev - train)


def test_what_is_high_depends_on_what_can_be_hoped_for():
    assert read_bias_variance(0.15, 0.16, target=0.14).verdict == "low bias and low variance"
    assert read_bias_variance(0.001, 0.006, tolerance=0.001).verdict == "high variance"
    assert 0.17 - 0.15 > 0.02  # as a computer has it
    assert read_bias_variance(0.15, 0.17).verdict == "high bias"
    assert read_bias_variance(0.2, 0.1).variance < 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1, 16), "dev_error is a share from 0 to 1, not 16. For 16 percent write 0.16"),
        ((-0.1, 0.2), "train_error is a share"),
        ((0.1, float("nan")), "dev_error is a share"),
        ((0.1, 0.2, 95), "target is a share .* an accuracy is 1 − error"),
    ],
)
def test_errors_are_shares(arguments, words):
    with pytest.raises(ValueError, match=words):
        read_bias_variance(*arguments)


def test_learning_curves_show_errors_over_sizes_and_say_what_they_mean():
    dev = [[0.1, 0.2], [0.5, 0.7], [0.3, 0.3]]
    ax = learning_curves([400, 100, 200], [0.04, 0.0, 0.01], dev, target=0.03)
    train_line, dev_line, target = ax.lines
    np.testing.assert_array_equal(train_line.get_xydata(), [[100, 0], [200, 0.01], [400, 0.04]])
    np.testing.assert_allclose(dev_line.get_ydata(), [0.6, 0.3, 0.15])
    assert set(target.get_ydata()) == {0.03}
    (band,) = ax.collections  # mean ± standard deviation, of the repeats only
    heights = band.get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([heights.min(), heights.max()], [0.1, 0.7])
    assert ax.get_title() == "high variance (training 4 %, dev 15 %)"
    assert ax.yaxis.get_major_formatter()(0.15) == "15 %"
    with pytest.raises(ValueError, match=r"dev errors have shape \(2,\), and there are 3 sizes"):
        learning_curves([1, 2, 3], [0, 0, 0], [0, 0])


# Decision boundaries


def regions(ax):
    """The likeliest class at each point of the picture, by colour, and how opaque it is."""
    (image,) = ax.images
    assert image.origin == "lower"
    return np.asarray(image.get_array()) / 255, image.get_extent()


def boundary(ax):
    return np.concatenate([np.concatenate(lines.allsegs[0]) for lines in contours(ax)])


def contours(ax):
    return [one for one in ax.collections if isinstance(one, mpl.contour.ContourSet)]


def points(ax):
    return [one for one in ax.collections if not isinstance(one, mpl.contour.ContourSet)]


def as_network():
    layer = Linear(2, 1)
    layer.weight.data, layer.bias.data = np.array([[4.0, 0]]), np.array([-1.0])
    return layer


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Estimator:
    """Like scikit-learn's."""

    classes_ = np.array([0, 1])

    def predict_proba(self, x):
        p = sigmoid(first_input(x))
        return np.stack([1 - p, p], axis=1)


@pytest.mark.parametrize(
    "model",
    [
        first_input,
        as_network(),
        Estimator(),
        lambda x: sigmoid(first_input(x)),
        lambda x: first_input(x)[:, None],
        lambda x: np.stack([-first_input(x), 0 * first_input(x)], axis=1),
        lambda x: Tensor(first_input(x)),
    ],
    ids=["logits", "network", "estimator", "probabilities", "column", "two logits", "Tensor"],
)
def test_whatever_the_model_answers_the_boundary_is_where_the_classes_are_equally_likely(model):
    ax = decision_boundary(model, X, Y)
    np.testing.assert_allclose(boundary(ax)[:, 0], 0.25, atol=1e-3)
    paint, (left, right, *_) = regions(ax)
    across = np.linspace(left, right, paint.shape[1])
    opacity = paint[0, :, 3]
    # The same logits everywhere, so the same certainty: |2p − 1|, made opacity.
    certainty = np.abs(2 * sigmoid(first_input(across[:, None])) - 1)
    np.testing.assert_allclose(opacity, 0.12 + 0.43 * certainty, atol=0.5 / 255 + 1e-5)  # bytes
    assert ax.get_title() == "100.0 % of 4 points right"


def test_regions_and_points_of_a_class_have_its_colour():
    centres = np.array([[0, 1], [-1, -1], [1, -1]])
    ax = decision_boundary(lambda x: -3 * ((x[:, None] - centres) ** 2).sum(-1), centres, [0, 1, 2])
    paint, (left, right, bottom, top) = regions(ax)
    height, width = paint.shape[:2]
    found = points(ax)
    assert [one.get_label() for one in found] == ["0", "1", "2"]
    assert len(contours(ax)) == 3
    colours = set()
    for one, centre in zip(found, centres, strict=True):
        np.testing.assert_array_equal(one.get_offsets(), [centre])
        column = int((centre[0] - left) / (right - left) * width)
        row = int((centre[1] - bottom) / (top - bottom) * height)
        colour = tuple(one.get_facecolor()[0, :3])
        np.testing.assert_allclose(paint[row, column, :3], colour)
        colours.add(colour)
    assert len(colours) == 3


@pytest.mark.parametrize(
    ("model", "y", "labels"),
    [
        (first_input, [-1, 1, -1, 1], ["-1", "1"]),
        (lambda x: np.where(first_input(x) > 0, "b", "a"), ["a", "b", "a", "b"], ["a", "b"]),
        (lambda x: (first_input(x) > 0).astype(int), [[0], [1], [0], [1]], ["0", "1"]),
        (lambda x: np.eye(3)[(first_input(x) > 0).astype(int)], Y, ["0", "1", "2"]),
    ],
    ids=["signs", "names", "classes and a column", "a class without points"],
)
def test_classes_may_be_written_as_they_are(model, y, labels):
    ax = decision_boundary(model, X, y)
    assert [one.get_label() for one in points(ax)] == labels
    assert ax.get_title() == "100.0 % of 4 points right"


def test_logits_that_look_like_probabilities_can_be_said_to_be_logits():
    def unsure(x):
        return np.full(len(x), 0.3)

    shares = [
        regions(decision_boundary(unsure, X, Y, logits=said))[0][0, 0] for said in (None, True)
    ]
    np.testing.assert_allclose(
        [s[3] for s in shares], [0.12 + 0.43 * 0.4, 0.12 + 0.43 * 0.1489], atol=0.5 / 255 + 1e-4
    )
    assert (shares[0][:3] != shares[1][:3]).any()  # class 0, and class 1


def test_a_network_is_asked_in_evaluation_mode_and_left_as_it_was():
    graphs = []
    model = Sequential(Linear(2, 8), ReLU(), Dropout(0.5), Linear(8, 2))
    model[1].eval()
    model[3].register_forward_hook(lambda *call: graphs.append(call[-1].requires_grad))
    modes = [module.training for module in model.modules()]
    autograd.manual_seed(0)
    first, second = (regions(decision_boundary(model, X.astype(float), Y))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert [module.training for module in model.modules()] == modes
    assert graphs == [False, False]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((first_input, np.zeros((4, 3)), Y), ValueError, r"These are \(4, 3\) and \(4,\)"),
        ((first_input, X, [0, 1]), ValueError, r"These are \(4, 2\) and \(2,\)"),
        ((X, first_input, Y), ValueError, "decision_boundary draws inputs of two numbers"),
        ((object(), X, Y), TypeError, r"not object. Give it first: \(model, x, y\)"),
        ((lambda x: x[:3], X, Y), ValueError, r"the model answers shape \(3, 2\)"),
        ((lambda x: x * np.nan, X, Y), ValueError, "Has training diverged"),
        (
            (lambda x: x, X, [0, 1, 2, 5]),
            ValueError,
            "tells 2 classes apart, and y holds 4: 0, 1, 2",
        ),
    ],
)
def test_what_makes_no_boundary_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        decision_boundary(*arguments)


@pytest.fixture
def notebook(monkeypatch):
    """Where IPython shows things: the list of what it showed and changed."""
    shown = []

    class Handle:
        def update(self, figure):
            shown.append(("update", figure.axes[0].get_title()))

    def display(figure, display_id):
        shown.append(("display", figure.axes[0].get_title()))
        return Handle()

    shell = types.SimpleNamespace(kernel=object())
    module = types.ModuleType("IPython")
    module.get_ipython = lambda: shell
    module.display = types.ModuleType("IPython.display")
    module.display.display = display
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", module.display)
    return shown


def live(every):
    x, y = moons(40, generator=0)
    model = Sequential(Linear(2, 8), ReLU(), Linear(8, 2))
    callback = LiveBoundary(x, y, every=every)
    loss, optimizer = CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1)
    fit(model, (x, y), loss, optimizer, epochs=5, batch_size=20, callbacks=[callback])
    return model, callback, (x, y)


def test_the_live_boundary_is_that_of_the_network_as_it_is():
    model, callback, data = live(every=1)
    expected = decision_boundary(model, *data)
    np.testing.assert_array_equal(regions(callback.ax)[0], regions(expected)[0])
    assert callback.ax.get_title() == f"epoch 5: {expected.get_title()}"


def test_in_a_notebook_the_live_boundary_changes_in_its_place(notebook, plt):
    live(every=2)
    what, titles = zip(*notebook, strict=True)
    assert what == ("display", "update")
    assert [title.split(":")[0] for title in titles] == ["epoch 2", "epoch 4"]
    assert plt.get_fignums() == []  # or it would be shown once more at the end of the cell


# Images


def tiles(ax, shape, units):
    """The images within the picture, in reading order."""
    (image,) = ax.images
    sheet = image.get_array()
    shown = ~np.ma.getmaskarray(sheet)
    rows = np.flatnonzero(shown.any(axis=1)).reshape(-1, shape[0])
    columns = np.flatnonzero(shown.any(axis=0)).reshape(-1, shape[1])
    return np.array([np.asarray(sheet)[np.ix_(r, c)] for r in rows for c in columns][:units])


def test_each_unit_is_an_image_in_colours_symmetric_about_zero():
    weight = np.random.default_rng(0).normal(size=(7, 6))
    ax = weight_images(weight, shape=(2, 3))
    np.testing.assert_array_equal(tiles(ax, (2, 3), 7), weight.reshape(7, 2, 3))
    (image,) = ax.images
    assert image.norm.vmax == -image.norm.vmin == abs(weight).max()
    ground = ax.get_facecolor()
    np.testing.assert_allclose(image.cmap(0.5), ground, atol=0.02)
    low, high = image.cmap(0.0), image.cmap(1.0)
    assert low[2] > low[0]  # blue
    assert high[0] > high[2]  # red


@pytest.mark.parametrize("shape", [None, (8, 8)])
def test_of_a_network_the_first_layers_weights_are_drawn(shape):
    model = Sequential(Sequential(Dropout(0.1), Linear(64, 20)), ReLU(), Linear(20, 10))
    ax = weight_images(model, shape)
    expected = model[0][1].weight.data.reshape(20, 8, 8)
    np.testing.assert_array_equal(tiles(ax, (8, 8), 20), expected)
    assert ax.get_title() == "weights of 20 units"


def test_the_wrong_ones_are_shown_with_what_they_are_and_what_they_were_taken_for():
    truth, answer = np.array([0, 1, 2, 3, 4]), np.array([0, 2, 2, 9, 1])
    ax = misclassified(IMAGES, truth, answer)
    np.testing.assert_array_equal(tiles(ax, (2, 2), 3), IMAGES[[1, 3, 4]].reshape(3, 2, 2))
    assert [text.get_text() for text in ax.texts] == ["1→2", "3→9", "4→1"]
    assert ax.get_title() == "3 of 5 misclassified\n(true → predicted)"
    places = [text.get_position()[0] for text in ax.texts]
    assert places == sorted(places)
    dark = to_rgb(ax.get_facecolor()) == (0, 0, 0)
    assert ax.images[0].cmap.name == ("gray" if dark else "gray_r")  # 0 is the ground


def test_only_so_many_are_shown_and_classes_may_have_names():
    names = ["cat", "dog"]
    ax = misclassified(IMAGES.reshape(5, 2, 2), [0] * 5, [1] * 5, most=2, names=names)
    assert [text.get_text() for text in ax.texts] == ["cat\n→ dog"] * 2
    assert ax.get_title().startswith("5 of 5 misclassified, the first 2")
    assert (~np.ma.getmaskarray(ax.images[0].get_array())).sum() == 2 * 4
    none = misclassified(IMAGES, [0] * 5, [0] * 5)
    assert (none.get_title(), len(none.images)) == ("0 of 5 misclassified", 0)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: weight_images(ReLU()), TypeError, "ReLU has no layer with a weight of shape"),
        (lambda: weight_images(np.zeros(4)), TypeError, r"this is of shape \(4,\), type ndarray"),
        (lambda: weight_images(np.zeros((3, 6))), ValueError, "6 entries, which is not square"),
        (
            lambda: weight_images(np.zeros((3, 784)), (28, 27)),
            ValueError,
            r"784 entries, and the shape is \(28, 27\).*shape=\(28, 28\)",
        ),
        (lambda: misclassified(IMAGES, Y, Y), ValueError, r"shape \(5,\), not \(4,\)"),
        (
            lambda: misclassified(IMAGES, [0] * 5, np.zeros((5, 10))),
            ValueError,
            r"predicted has a class.*scores.argmax\(axis=1\)",
        ),
        (lambda: misclassified(IMAGES[0], [0], [1]), ValueError, r"write image\[None\]"),
        (lambda: misclassified(IMAGES, [0] * 5, [1] * 5, most=0), ValueError, "most is a positive"),
    ],
)
def test_what_makes_no_images_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


# Confusion


def test_right_and_wrong_have_colours_by_their_share_in_the_true_class():
    ax = confusion_matrix(COUNTS, ["spam", "mail"])
    paint = np.asarray(ax.images[0].get_array())
    np.testing.assert_allclose(paint[..., 3], np.cbrt([[0.8, 0.2], [0, 1]]))
    assert (paint[0, 0, :3] == paint[1, 1, :3]).all()
    assert (paint[0, 1, :3] == paint[1, 0, :3]).all()
    assert (paint[0, 0, :3] != paint[0, 1, :3]).any()
    texts = {text.get_position(): text for text in ax.texts}
    written = {(0, 0): "8", (1, 0): "2", (0, 1): "0", (1, 1): "1,000"}  # x is predicted, y true
    assert {place: text.get_text() for place, text in texts.items()} == written
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["spam", "mail"]
    assert ax.get_title() == "1,008 of 1,010 right"
    ground = np.array(to_rgb(ax.get_facecolor()))
    for (x, y), text in texts.items():
        *colour, alpha = paint[y, x]
        shown = alpha * np.array(colour) + (1 - alpha) * ground
        assert abs(to_rgb(text.get_color()) - shown).max() > 0.4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[1, 2, 3], [4, 5, 6]],), r"a row for each true .* this has shape \(2, 3\)"),
        (([[0.9, 0.1], [0.0, 1.0]],), "counts, whole numbers from 0, not float64 from 0 to 1"),
        (([[1, -1], [0, 2]],), "int64 from -1 to 2"),
        ((COUNTS, ["spam"]), "2 classes and 1 labels"),
    ],
)
def test_what_is_no_confusion_matrix_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        confusion_matrix(*arguments)


@pytest.mark.parametrize(
    ("ground", "ink", "dark"),
    [
        ("white", "black", False),
        ("black", "white", True),
        ("none", "black", False),
        ("none", "white", True),
        ("none", "#777777", False),  # legible on both
    ],
)
def test_a_transparent_ground_is_judged_by_the_ink_on_it(ground, ink, dark):
    with mpl.rc_context({"axes.facecolor": ground, "axes.labelcolor": ink}):
        assert is_dark(Figure().add_subplot()) is dark
