"""MNIST and the data sets that come in its form."""

from __future__ import annotations

import os
from io import BytesIO

import numpy as np

from nn.data.arguments import Array
from nn.data.downloads import Collection, Published, read_collection
from nn.data.idx import parse

Images = tuple[Array, Array]
Folder = str | os.PathLike[str] | None

MNIST = Collection(
    "mnist",
    (
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    (
        Published(
            "train-images-idx3-ubyte",
            47_040_016,
            "sha256:ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        Published(
            "train-labels-idx1-ubyte",
            60_008,
            "sha256:65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        Published(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "sha256:0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        Published(
            "t10k-labels-idx1-ubyte",
            10_008,
            "sha256:ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
)

# Of the unpacked content only the MD5 is in print, which nobody can find another content for
# either; of the packed files, SHA-256 too, which a download must have besides.
FASHION_MNIST = Collection(
    "fashion_mnist",
    (
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    (
        Published(
            "train-images-idx3-ubyte",
            47_040_016,
            "md5:f4a8712d7a061bf5bd6d2ca38dc4d50a",
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        Published(
            "train-labels-idx1-ubyte",
            60_008,
            "md5:9018921c3c673c538a1fc5bad174d6f9",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        Published(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "md5:8181f5470baa50b63fa0f6fddb340f0a",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        Published(
            "t10k-labels-idx1-ubyte",
            10_008,
            "md5:15d484375f8d13e6eb1aabb0c3f46965",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
)


def mnist(folder: Folder = None) -> tuple[Images, Images]:
    """Handwritten digits: 60,000 images of 28×28 pixels for training and 10,000 for test.

    Args:
        folder: where the four IDX files lie, packed (.gz) or not. None downloads them once, 11 MB,
            to the user's cache folder ($XDG_CACHE_HOME, or what the system has for it).

    Returns:
        (x, y) for training and (x, y) for test; x: (n, 784) float32, from 0 (paper) to 1 (ink),
        row by row, an image being `x[i].reshape(28, 28)`; y: (n,) int64, the digits.

    Raises:
        FileNotFoundError: a file is not in the folder.
        ConnectionError: a file could not be downloaded; says what to bring where by hand.
        ValueError: a file is not the published one, by the SHA-256 of its unpacked content.

    Source: Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits";
    made from data of the U.S. National Institute of Standards and Technology.

    Example:
        (x, y), test = mnist()
    """
    return _images(MNIST, folder)


def fashion_mnist(folder: Folder = None) -> tuple[Images, Images]:
    """Pictures of clothes, in MNIST's form and harder: 60,000 for training and 10,000 for test.

    The classes 0 … 9 are T-shirt/top, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag,
    ankle boot. What is taken, answered and raised is as for `mnist`; the download is 31 MB.
    Files of the user's own are checked by the MD5 of their content, downloads by SHA-256 too.

    Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset for
    benchmarking machine learning algorithms", arXiv:1708.07747; MIT licence.
    """
    return _images(FASHION_MNIST, folder)


def _images(collection: Collection, folder: Folder) -> tuple[Images, Images]:
    arrays = [
        parse(BytesIO(content), name)
        for name, content in read_collection(collection, folder).items()
    ]
    x_train, y_train, x_test, y_test = arrays
    return (_ink(x_train), y_train.astype(np.int64)), (_ink(x_test), y_test.astype(np.int64))


def _ink(images: Array) -> Array:
    """(n, pixels) float32 from 0 to 1, of bytes (n, height, width)."""
    x = images.reshape(len(images), -1).astype(np.float32)
    x /= 255
    return x
