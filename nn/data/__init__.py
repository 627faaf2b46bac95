"""Data sets, and what is done to data before it meets a network.

What not every program uses is loaded when it is first asked for (see `LATER`).
"""

from typing import TYPE_CHECKING

from autograd.later import attribute_loader
from nn.data.datasets import digits
from nn.data.loaders import DataLoader
from nn.data.scaling import StandardScaler
from nn.data.splits import train_dev_test_split

__all__ = [
    "AddNoise",
    "Compose",
    "DataLoader",
    "LabelEncoder",
    "MinMaxScaler",
    "OneHotEncoder",
    "PCAWhitening",
    "RandomAffine",
    "StandardScaler",
    "Table",
    "ZCAWhitening",
    "affine",
    "blobs",
    "circles",
    "curves",
    "digits",
    "fashion_mnist",
    "mnist",
    "moons",
    "read_csv",
    "read_idx",
    "read_npz",
    "spirals",
    "train_dev_test_split",
    "xor",
]

LATER = {  # by name, the module that has it, or that it is
    "AddNoise": "nn.data.augmentation",
    "Compose": "nn.data.augmentation",
    "LabelEncoder": "nn.data.encoding",
    "MinMaxScaler": "nn.data.scaling",
    "OneHotEncoder": "nn.data.encoding",
    "PCAWhitening": "nn.data.whitening",
    "RandomAffine": "nn.data.augmentation",
    "Table": "nn.data.tables",
    "ZCAWhitening": "nn.data.whitening",
    "affine": "nn.data.geometry",
    "blobs": "nn.data.toys",
    "circles": "nn.data.toys",
    "curves": "nn.data.curves",
    "fashion_mnist": "nn.data.image_sets",
    "mnist": "nn.data.image_sets",
    "moons": "nn.data.toys",
    "read_csv": "nn.data.tables",
    "read_idx": "nn.data.idx",
    "read_npz": "nn.data.arrays",
    "spirals": "nn.data.toys",
    "xor": "nn.data.toys",
}

if TYPE_CHECKING:
    from nn.data import curves
    from nn.data.arrays import read_npz
    from nn.data.augmentation import AddNoise, Compose, RandomAffine
    from nn.data.encoding import LabelEncoder, OneHotEncoder
    from nn.data.geometry import affine
    from nn.data.idx import read_idx
    from nn.data.image_sets import fashion_mnist, mnist
    from nn.data.scaling import MinMaxScaler
    from nn.data.tables import Table, read_csv
    from nn.data.toys import blobs, circles, moons, spirals, xor
    from nn.data.whitening import PCAWhitening, ZCAWhitening
else:
    __getattr__ = attribute_loader(__name__, LATER)
