"""Moving, turning and bending images: one linear map of the plane for each, all at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.data.arguments import Array


def affine(
    images: Any,
    *,
    shift: Any = (0.0, 0.0),
    rotate: Any = 0.0,
    zoom: Any = 1.0,
    stretch: Any = 1.0,
    shear: Any = 0.0,
    flip: Any = False,
    fill: float = 0.0,
) -> Array:
    """Images flipped, sheared, zoomed and stretched, rotated, and shifted, in that order.

    All but the shift leave the images' middle where it is. Between pixels, values are interpolated
    bilinearly; where nothing is, they are `fill`. Each of the settings is one number for all
    images, or an array of one for each, (n,).

    Args:
        images: (n, height, width), of a floating or integer dtype.
        shift: how many pixels down and to the right: a pair, or (n, 2).
        rotate: by how many degrees, counter-clockwise.
        zoom: how many times as large; above 0.
        stretch: how many times as wide in proportion to the height, at the same area; above 0.
        shear: by how many degrees upright lines lean to the right; between −90 and 90.
        flip: whether left and right change places.
        fill: the background's value.

    Returns:
        (n, height, width), of the images' dtype. Without a change the images come back bit for
        bit; turns by 90° are np.rot90's, and shifts by whole pixels np.roll's with the background
        instead of what comes round (rotations of images that are not square keep their shape).

    Raises:
        ValueError: images or settings of another shape, or a zoom or stretch that is not positive.
        TypeError: images that are neither floating nor integer.
    """
    images = np.asarray(images)
    if images.ndim != 3:
        raise ValueError(
            f"affine: images have the shape (n, height, width), not {images.shape}. For flat rows "
            "write x.reshape(-1, height, width)."
        )
    if images.dtype.kind not in "iuf":
        raise TypeError(f"affine: images are floating or integer numbers, not {images.dtype}.")
    n = len(images)
    down, right = _for_each("shift", shift, n, 2).T
    zoom, stretch = (_positive(*one, n) for one in (("zoom", zoom), ("stretch", stretch)))
    back = _inverse(
        np.radians(_for_each("rotate", rotate, n)),
        zoom / np.sqrt(stretch),
        zoom * np.sqrt(stretch) * np.where(_for_each("flip", flip, n), -1, 1),
        np.tan(np.radians(_for_each("shear", shear, n))),
    )
    return _sampled(images, back, np.stack([down, right], axis=1), fill)


def _for_each(name: str, value: Any, n: int, *pair: int) -> Array:
    """A setting as one number, or one pair, for each image."""
    value = np.asarray(value, np.float64)
    try:
        return np.broadcast_to(value, (n, *pair))
    except ValueError:
        raise ValueError(
            f"affine: {name} is {'a pair' if pair else 'one number'} for all images or for each "
            f"of the {n}, not of shape {value.shape}."
        ) from None


def _positive(name: str, value: Any, n: int) -> Array:
    values = _for_each(name, value, n)
    if not (values > 0).all():
        raise ValueError(f"affine: {name} is a factor above 0, not {values.min()}.")
    return values


def _inverse(angle: Array, tall: Array, wide: Array, lean: Array) -> Array:
    """(n, 2, 2): from a pixel's place in the new image to that in the old, from the middle on.

    There, rows count downwards. Forwards, an image is scaled, then sheared, then rotated:
    [[cos, −sin], [sin, cos]] · [[1, 0], [−lean, 1]] · diag(tall, wide).
    """
    cos, sin = np.cos(angle), np.sin(angle)
    back = np.stack(
        [
            np.stack([cos / tall, sin / tall], axis=1),
            np.stack([(lean * cos - sin) / wide, (lean * sin + cos) / wide], axis=1),
        ],
        axis=1,
    )
    return back.round(15)  # cos 90° is 6e-17 here, and right angles are to be exact


def _sampled(images: Array, back: Array, shift: Array, fill: float) -> Array:
    n, height, width = images.shape
    # Narrower numbers are computed with in float32, where whole numbers to 2²⁴ are exact.
    wide = images.dtype in (np.float64, np.int64, np.uint64, np.int32, np.uint32)
    dtype = np.dtype(np.float64 if wide else np.float32)
    # The pixels around a place outside are all background: a border of it takes them all in.
    framed = np.full((n, height + 3, width + 3), fill, dtype)
    framed[:, 1:-2, 1:-2] = images
    middle = np.array([[(height - 1) / 2], [(width - 1) / 2]])
    grid = np.indices((height, width)).reshape(2, -1) - middle
    offset = middle - back @ shift[:, :, np.newaxis]
    places = back.astype(dtype) @ grid.astype(dtype) + offset.astype(dtype)  # (n, 2, pixels)
    rows = places[:, 0].clip(-1, height)
    columns = places[:, 1].clip(-1, width)
    top, left = np.floor(rows), np.floor(columns)
    rows -= top
    columns -= left
    start = (top + 1) * (width + 3) + (left + 1)
    index = start.astype(np.int64) + np.arange(n)[:, np.newaxis] * framed[0].size
    pixels = framed.reshape(-1)
    upper = _between(pixels.take(index), pixels.take(index + 1), columns)
    index += width + 3
    lower = _between(pixels.take(index), pixels.take(index + 1), columns)
    sampled = _between(upper, lower, rows)
    if images.dtype.kind != "f":
        np.rint(sampled, out=sampled)
    return sampled.astype(images.dtype, copy=False).reshape(images.shape)


def _between(first: Array, second: Array, share: Array) -> Array:
    """first + share · (second − first), in the memory of `second`."""
    second -= first
    second *= share
    second += first
    return second
