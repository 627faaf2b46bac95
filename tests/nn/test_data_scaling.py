"""Scalers, whitening and encoders: learned from training data, the same for all other data."""

import numpy as np
import pytest
from support.checks import message

from nn.data import (
    LabelEncoder,
    MinMaxScaler,
    OneHotEncoder,
    PCAWhitening,
    StandardScaler,
    ZCAWhitening,
    digits,
)


def rng(seed=0):
    return np.random.default_rng(seed)


def correlated(n=400, seed=0):
    """Rows of three features, far from the origin and correlated."""
    mix = np.array([[2.0, 0.5, 0.0], [0.0, 1.0, -1.0], [0.0, 0.0, 0.1]])
    return rng(seed).standard_normal((n, 3)) @ mix + [10, -5, 1]


SCALERS = [StandardScaler, MinMaxScaler, PCAWhitening, ZCAWhitening]


# All


@pytest.mark.parametrize("kind", SCALERS)
def test_other_data_is_scaled_with_the_numbers_of_the_training_data(kind):
    train, test = correlated(), correlated(seed=1) + 3
    scaler = kind()
    scaled = scaler.fit_transform(train)
    both = scaler.transform(np.concatenate([test, train]))
    np.testing.assert_array_equal(both[len(test) :], scaled)
    assert abs(both[: len(test)].mean(axis=0)).max() > 0.5  # not standardised by its own mean


@pytest.mark.parametrize("kind", SCALERS)
def test_the_inverse_gives_the_data_back(kind):
    scaler = kind().fit(correlated())
    test = correlated(seed=1)
    np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(test)), test, rtol=1e-12)


@pytest.mark.parametrize("kind", SCALERS)
def test_the_state_carries_all_that_was_learned(kind):
    scaler, other = kind().fit(correlated()), kind()
    other.load_state_dict(scaler.state_dict())
    test = correlated(seed=1)
    np.testing.assert_array_equal(other.transform(test), scaler.transform(test))
    np.testing.assert_array_equal(other.inverse_transform(test), scaler.inverse_transform(test))
    scaler.state_dict().popitem()[1][:] = 0  # a copy, so that nothing changes
    np.testing.assert_array_equal(other.transform(test), scaler.transform(test))


@pytest.mark.parametrize("kind", SCALERS)
def test_the_dtype_stays_floating_and_the_input_as_it_was(kind):
    x = np.array([[0, 2], [4, 3], [1, 7]], np.uint8)
    double = kind().fit_transform(x.astype(np.float64))
    single = kind().fit_transform(x)
    assert (double.dtype, single.dtype) == (np.float64, np.float32)
    np.testing.assert_allclose(single, double, rtol=1e-6, atol=1e-6)
    assert x.tolist() == [[0, 2], [4, 3], [1, 7]]
    given = correlated()
    kept = given.copy()
    kind().fit_transform(given)
    assert np.array_equal(given, kept)


@pytest.mark.parametrize("kind", SCALERS)
def test_large_data_is_scaled_in_pieces(kind, monkeypatch):
    x = correlated(50)
    whole = kind().fit_transform(x)
    monkeypatch.setattr("nn.data.scaling.PIECE", 21)  # seven rows
    np.testing.assert_allclose(kind().fit_transform(x), whole, rtol=1e-13)


# Standard and min–max


def test_standardised_features_have_mean_0_and_deviation_1():
    train = correlated()
    scaler = StandardScaler().fit(train)
    scaled = scaler.transform(train)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(scaled.std(axis=0), 1)
    np.testing.assert_allclose(scaler.shift, train.mean(axis=0))
    np.testing.assert_allclose(scaler.scale, train.std(axis=0))


def test_the_digits_become_standard():
    images = digits()[0]
    scaled = StandardScaler().fit_transform(images).astype(np.float64)
    constant = np.ptp(images, axis=0) == 0
    assert constant.sum() == 3  # pixels that nobody's pen has touched
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(scaled.std(axis=0), np.where(constant, 0, 1), atol=1e-7)


def test_min_max_brings_training_data_to_0_and_1_and_nothing_else():
    train = np.array([[0, 250], [10, 200], [5, 225]], np.uint8)
    scaler = MinMaxScaler().fit(train)
    assert scaler.transform(train).tolist() == [[0, 1], [1, 0], [0.5, 0.5]]
    assert scaler.transform([[20.0, 100.0]]).tolist() == [[2, -2]]


@pytest.mark.parametrize("kind", [StandardScaler, MinMaxScaler])
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9])
def test_a_constant_feature_is_only_shifted(kind, constant):
    # The mean of ten times 0.1 is not 0.1 in floating point, so the deviation is not exactly 0.
    train = np.column_stack([np.full(10, constant), np.arange(10.0)])
    scaler = kind().fit(train)
    np.testing.assert_allclose(scaler.transform(train)[:, 0], 0, atol=1e-15 * constant)
    np.testing.assert_allclose(scaler.transform(train + 2)[:, 0], 2, rtol=1e-6)


@pytest.mark.parametrize("kind", [StandardScaler, MinMaxScaler])
def test_examples_may_have_any_shape(kind):
    images = rng().random((20, 4, 5))
    scaled = kind().fit_transform(images)
    flat = kind().fit_transform(images.reshape(20, 20))
    assert np.array_equal(scaled.reshape(20, 20), flat)


# Whitening


@pytest.mark.parametrize("kind", [PCAWhitening, ZCAWhitening])
def test_whitened_training_data_has_the_identity_as_its_covariance(kind):
    z = kind().fit_transform(correlated())
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z.T @ z / len(z), np.eye(3), atol=1e-12)


def test_pca_sorts_components_by_variance_and_fixes_their_signs():
    x = correlated()
    scaler = PCAWhitening().fit(x)
    # The singular values of the centred data are √n times the components' deviations.
    expected = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) / np.sqrt(len(x))
    np.testing.assert_allclose(np.linalg.norm(scaler.unwhiten, axis=1), expected)
    directions = scaler.whiten * expected
    assert (directions[np.abs(directions).argmax(axis=0), range(3)] > 0).all()


def test_zca_is_the_symmetric_whitening():
    x = correlated()
    scaler = ZCAWhitening().fit(x)
    np.testing.assert_allclose(scaler.whiten, scaler.whiten.T, atol=1e-13)
    assert (np.linalg.eigvalsh(scaler.whiten) > 0).all()
    np.testing.assert_allclose(
        scaler.whiten @ np.cov(x.T, bias=True) @ scaler.whiten, np.eye(3), atol=1e-12
    )


def flat_data():
    """Five features that vary in three directions: one is constant, one the sum of two others."""
    x = correlated()
    return np.column_stack([x, np.full(len(x), 0.1), x[:, 0] + x[:, 1]])


def test_directions_without_variance_are_left_out_or_become_0():
    x = flat_data()
    pca, zca = PCAWhitening().fit(x), ZCAWhitening().fit(x)
    assert (pca.rank, zca.rank) == (3, 3)
    assert pca.transform(x).shape == (len(x), 3)
    assert zca.transform(x).shape == x.shape
    covariance = np.cov(zca.transform(x).T, bias=True)
    np.testing.assert_allclose(covariance @ covariance, covariance, atol=1e-9)  # a projection
    assert round(np.trace(covariance), 9) == 3
    for scaler in (pca, zca):
        np.testing.assert_allclose(
            scaler.inverse_transform(scaler.transform(x)), x, rtol=1e-9, atol=1e-9
        )


def test_fewer_examples_than_features_are_whitened_too():
    x = rng().standard_normal((5, 8))
    z = PCAWhitening().fit_transform(x)
    assert z.shape == (5, 4)
    np.testing.assert_allclose(z.T @ z / 5, np.eye(4), atol=1e-10)


@pytest.mark.parametrize("kind", [PCAWhitening, ZCAWhitening])
def test_epsilon_is_added_to_the_variances(kind):
    x, epsilon = correlated(), 0.25
    variances = np.linalg.eigvalsh(np.cov(x.T, bias=True))
    z = kind(epsilon).fit_transform(x)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(z.T @ z / len(z)), np.sort(variances / (variances + epsilon))
    )
    scaler = kind(epsilon).fit(x)
    np.testing.assert_allclose(scaler.inverse_transform(z), x, rtol=1e-12)


# Errors

NAN = np.array([[1.0, 2.0], [3.0, np.nan], [np.inf, 1.0]])
SCALER_ERRORS = [
    (
        lambda: StandardScaler().fit(NAN),
        ValueError,
        "StandardScaler: 2 of the training data's entries are NaN or infinite, the first at "
        "(1, 1). Fill them or leave their examples out.",
    ),
    (
        lambda: MinMaxScaler().fit(np.ones((0, 2))),
        ValueError,
        "MinMaxScaler: training examples have the shape (n, features), with at least one example "
        "and one feature; this is (0, 2).",
    ),
    (
        lambda: StandardScaler().fit(["a"]),
        TypeError,
        "StandardScaler: examples are numbers, not of dtype <U1.",
    ),
    (
        lambda: StandardScaler().transform([[1.0]]),
        RuntimeError,
        "StandardScaler.transform: nothing is learned yet. Call fit(x_train) first, with the "
        "training examples.",
    ),
    (
        lambda: ZCAWhitening().state_dict(),
        RuntimeError,
        "ZCAWhitening.state_dict: nothing is learned yet. Call fit(x_train) first, with the "
        "training examples.",
    ),
    (
        lambda: StandardScaler().fit(correlated()).transform(np.ones((2, 4))),
        ValueError,
        "StandardScaler.transform: each example has the shape (3,), as learned from the training "
        "data; this is (2, 4), of which the first axis counts the examples.",
    ),
    (
        lambda: PCAWhitening().fit(flat_data()).inverse_transform(np.ones((2, 5))),
        ValueError,
        "PCAWhitening.inverse_transform: each example has the shape (3,), as learned from the "
        "training data; this is (2, 5), of which the first axis counts the examples.",
    ),
    (
        lambda: StandardScaler().load_state_dict({"mean": 0}),
        ValueError,
        "StandardScaler: a state has shift, scale; this one has mean.",
    ),
    (
        lambda: PCAWhitening().fit(np.ones((3, 2, 2))),
        ValueError,
        "PCAWhitening: examples are rows of features, shape (n, features), not (3, 2, 2). Flatten "
        "them: x.reshape(len(x), -1).",
    ),
    (
        lambda: ZCAWhitening().fit(np.ones((3, 2))),
        ValueError,
        "ZCAWhitening: all 3 training examples are equal, so no direction can be scaled.",
    ),
    (
        lambda: ZCAWhitening(-1),
        ValueError,
        "ZCAWhitening: epsilon is a variance, 0 or more, not -1.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "expected"), SCALER_ERRORS)
def test_what_cannot_be_scaled_is_refused(call, kind, expected):
    assert message(kind, call) == expected


# Encoders


@pytest.mark.parametrize(
    ("labels", "classes", "numbers"),
    [
        (["dog", "cat", "dog"], ["cat", "dog"], [1, 0, 1]),
        ([30, 10, 20, 10], [10, 20, 30], [2, 0, 1, 0]),
        ([True, False], [False, True], [1, 0]),
    ],
)
def test_labels_are_numbered_in_sorted_order_and_named_again(labels, classes, numbers):
    encoder = LabelEncoder()
    found = encoder.fit_transform(labels)
    assert (found.tolist(), found.dtype) == (numbers, np.int64)
    assert encoder.classes.tolist() == classes
    assert encoder.inverse_transform(found).tolist() == labels
    assert encoder.transform([]).tolist() == []


def test_one_hot_rows_have_one_1_and_are_named_by_their_largest_entry():
    encoder = OneHotEncoder().fit(["b", "a", "c"])
    rows = encoder.transform(["c", "a"])
    assert (rows.tolist(), rows.dtype) == ([[0, 0, 1], [1, 0, 0]], np.float32)
    assert encoder.inverse_transform(rows).tolist() == ["c", "a"]
    assert encoder.inverse_transform([[0.2, 0.5, 0.3]]).tolist() == ["b"]


@pytest.mark.parametrize("kind", [LabelEncoder, OneHotEncoder])
def test_encoders_carry_their_classes_in_their_state(kind):
    encoder, other = kind().fit(["b", "a"]), kind()
    other.load_state_dict(encoder.state_dict())
    assert np.array_equal(other.transform(["b", "a"]), encoder.transform(["b", "a"]))


AB = LabelEncoder().fit(["a", "b"])
ENCODER_ERRORS = [
    (
        lambda: AB.transform(["a", "c"]),
        ValueError,
        "LabelEncoder: label 1, 'c', is none of the classes learned, 'a', 'b'.",
    ),
    (
        lambda: LabelEncoder().fit(range(20)).transform([20]),
        ValueError,
        "LabelEncoder: label 0, 20, is none of the classes learned, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "
        "… (20).",
    ),
    (
        lambda: LabelEncoder().fit(["1", "2"]).transform([1]),
        ValueError,
        "LabelEncoder: label 0, 1, is none of the classes learned, '1', '2'.",
    ),
    (
        lambda: LabelEncoder().fit([1, 2]).transform(["1"]),
        ValueError,
        "LabelEncoder: label 0, '1', is none of the classes learned, 1, 2.",
    ),
    (
        lambda: LabelEncoder().fit([[1]]),
        ValueError,
        "LabelEncoder: labels are numbers or texts, one for each example, shape (n,); this is "
        "(1, 1) int64.",
    ),
    (
        lambda: LabelEncoder().fit([]),
        ValueError,
        "LabelEncoder: there are no labels to learn the classes from.",
    ),
    (
        lambda: OneHotEncoder().transform(["a"]),
        RuntimeError,
        "OneHotEncoder: no classes are learned yet. Call fit(labels) first, with the training "
        "labels.",
    ),
    (
        lambda: AB.inverse_transform([0, 2]),
        ValueError,
        "LabelEncoder: the 2 classes have the numbers 0 … 1; these range from 0 to 2.",
    ),
    (
        lambda: AB.inverse_transform([0, -1]),
        ValueError,
        "LabelEncoder: the 2 classes have the numbers 0 … 1; these range from -1 to 0.",
    ),
    (
        lambda: AB.inverse_transform([0.7]),
        TypeError,
        "LabelEncoder: classes have whole numbers, not dtype float64. For the likeliest class of "
        "each row of scores take scores.argmax(axis=1).",
    ),
    (
        lambda: OneHotEncoder().fit(["a", "b"]).inverse_transform([[1, 0, 0]]),
        ValueError,
        "OneHotEncoder: rows have a column for each of the 2 classes, shape (n, 2), not (1, 3).",
    ),
    (
        lambda: AB.load_state_dict({}),
        ValueError,
        "LabelEncoder: a state has classes; this one has nothing.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "expected"), ENCODER_ERRORS)
def test_what_cannot_be_encoded_is_refused(call, kind, expected):
    assert message(kind, call) == expected
