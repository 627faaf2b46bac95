"""New training images out of old: moved, turned, bent, flipped and noisy, at random.

Each is called with a batch of images and a Generator, as `DataLoader(transform=…)` does, and
answers new images of the same shape and dtype.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.random import draw
from nn.data.arguments import Array, Source, random_source
from nn.data.geometry import affine
from nn.data.loaders import Transform


class RandomAffine:
    """Shifts, rotates, zooms, stretches, shears and flips each image by amounts of its own.

    Amounts are uniform from −a to a for the setting a; factors log-uniform from 1/(1+a) to 1+a.
    See `affine` for what they mean.

    Args:
        shift: pixels, both ways.
        rotate: degrees.
        zoom: 0.1 is at most 1.1 times as large, or as small.
        stretch: 0.1 is at most 1.1 times as wide in proportion, or as narrow.
        shear: degrees.
        flip: whether every other image, on average, has left and right exchanged.
        fill: the background's value.
        image_shape: height and width of images that come as flat rows, (n, height · width); None
            for images of shape (n, height, width).

    Raises:
        ValueError: a negative amount, a shear of 90° or more; when called, images of another shape.

    Example:
        augment = RandomAffine(shift=2, rotate=10, zoom=0.1, image_shape=(28, 28))
        loader = DataLoader((x, y), batch_size=128, shuffle=True, transform=augment)
    """

    def __init__(
        self,
        *,
        shift: float = 0.0,
        rotate: float = 0.0,
        zoom: float = 0.0,
        stretch: float = 0.0,
        shear: float = 0.0,
        flip: bool = False,
        fill: float = 0.0,
        image_shape: tuple[int, int] | None = None,
    ) -> None:
        self.shift = _amount("shift", shift)
        self.rotate = _amount("rotate", rotate)
        self.zoom = _amount("zoom", zoom)
        self.stretch = _amount("stretch", stretch)
        self.shear = _amount("shear", shear)
        if shear >= 90:
            raise ValueError(f"RandomAffine: shear is an angle below 90 degrees, not {shear}.")
        self.flip, self.fill, self.image_shape = flip, fill, image_shape

    def __call__(self, images: Any, generator: Source = None) -> Array:
        images = np.asarray(images)
        n, shape = len(images), images.shape
        if self.image_shape is not None:
            if shape != (n, int(np.prod(self.image_shape))):
                raise ValueError(
                    f"RandomAffine: rows of images of {self.image_shape} have the shape "
                    f"(n, {np.prod(self.image_shape)}), not {shape}."
                )
            images = images.reshape(n, *self.image_shape)
        # As many numbers whatever is asked for, so that one setting does not change another's.
        drawn = 2 * draw("random", (n, 7), np.float64, random_source(generator)) - 1
        moved = affine(
            images,
            shift=self.shift * drawn[:, :2],
            rotate=self.rotate * drawn[:, 2],
            zoom=(1 + self.zoom) ** drawn[:, 3],
            stretch=(1 + self.stretch) ** drawn[:, 4],
            shear=self.shear * drawn[:, 5],
            flip=self.flip & (drawn[:, 6] < 0),
            fill=self.fill,
        )
        return moved.reshape(shape)


def _amount(name: str, value: float) -> float:
    if not value >= 0:
        raise ValueError(f"RandomAffine: {name} is the largest amount, 0 or more, not {value}.")
    return value


class AddNoise:
    """Adds normally distributed numbers to every pixel.

    Integer images are rounded, and kept in the range of their dtype; floating ones may leave the
    range that they had.

    Args:
        deviation: the noise's standard deviation, in the unit of the pixels. Raises ValueError if
            it is negative.
    """

    def __init__(self, deviation: float) -> None:
        if not deviation >= 0:
            raise ValueError(f"AddNoise: the deviation is a number, 0 or more, not {deviation}.")
        self.deviation = deviation

    def __call__(self, images: Any, generator: Source = None) -> Array:
        images = np.asarray(images)
        floating = images.dtype.kind == "f"
        dtype = images.dtype if floating else np.dtype(np.float64)
        noise = draw("standard_normal", images.shape, dtype, random_source(generator))
        noisy: Array = images + dtype.type(self.deviation) * noise
        if not floating:
            limits = np.iinfo(images.dtype)
            noisy = np.rint(noisy).clip(limits.min, limits.max).astype(images.dtype)
        return noisy


class Compose:
    """Several transforms as one, the first first; each is called with the images and a Generator.

    Example:
        augment = Compose(RandomAffine(rotate=10, image_shape=(28, 28)), AddNoise(0.05))
    """

    def __init__(self, *transforms: Transform) -> None:
        self.transforms = transforms

    def __call__(self, images: Any, generator: Source = None) -> Any:
        source = random_source(generator)
        for transform in self.transforms:
            images = transform(images, source)
        return images
