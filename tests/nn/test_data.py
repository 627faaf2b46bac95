"""The digits that ship with the package, and the package's list of names."""

import numpy as np
import pytest

import nn
from nn.data import digits


@pytest.fixture(scope="module")
def images_and_labels():
    return digits()


def test_the_digits_are_the_1797_of_the_uci_repository(images_and_labels):
    images, labels = images_and_labels
    assert (images.shape, images.dtype) == ((1797, 64), np.float32)
    assert (labels.shape, labels.dtype) == ((1797,), np.int64)
    assert (images.min(), images.max()) == (0, 16)
    assert (images == np.round(images)).all()
    # The counts that the repository's description gives for the test part.
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_an_image_lies_in_its_row_line_by_line(images_and_labels):
    images, labels = images_and_labels
    assert labels[:10].tolist() == list(range(10))
    # The first line of the repository's file optdigits.tes.
    assert images[0].reshape(8, 8).astype(int).tolist() == [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ]


def test_every_call_gives_arrays_of_ones_own(images_and_labels):
    images, _ = digits()
    images[:] = 0
    assert images_and_labels[0].any()
    assert digits()[0].any()


def test_the_package_offers_what_it_lists():
    assert all(hasattr(nn.data, name) for name in nn.data.__all__)
    assert set(nn.data.LATER) <= set(nn.data.__all__)
    with pytest.raises(AttributeError, match=r"module 'nn\.data' has no attribute 'minst'"):
        nn.data.minst
