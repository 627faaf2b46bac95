"""Going through data in small pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nn.checks import whole_number
from nn.data.arguments import Array, Source, count_examples, random_source
from nn.data.prefetch import ahead

Transform = Callable[[Any, np.random.Generator], Any]


class DataLoader:
    """Goes through the examples, `batch_size` at a time; every `for` loop over it is an epoch.

    Args:
        data: arrays with examples along the first axis, equally many in each; or one tuple of
            them, as data sets come. For bare indices give np.arange(n).
        batch_size: how many examples at a time.
        shuffle: whether in random order, a new one in every epoch.
        drop_last: whether to leave out the last batch if it is smaller.
        generator: what shuffles: a Generator, or a seed for one; the project's own if None.
        transform: what becomes of the first array of each batch, such as `RandomAffine`:
            a function of that array and a Generator, made anew for each epoch.
        prefetch: how many batches are made ahead in a background thread, which pays where
            `transform` takes long. Order and random numbers are the same as without.

    Yields:
        A tuple with a piece of every array; the piece itself if the data is one array. In order
        (shuffle=False) the pieces are views of the data.

    Raises:
        TypeError, ValueError: no array, unequal numbers of examples, or none; a batch size that is
            not a positive whole number, or above the number of examples with drop_last.

    Example:
        loader = DataLoader((images, labels), batch_size=64, shuffle=True, generator=0)
        for x, y in loader:
            ...
    """

    def __init__(
        self,
        *data: Any,
        batch_size: int,
        shuffle: bool = False,
        drop_last: bool = False,
        generator: Source = None,
        transform: Transform | None = None,
        prefetch: int = 0,
    ) -> None:
        together = len(data) == 1 and isinstance(data[0], tuple | list)
        self.arrays: tuple[Any, ...] = tuple(data[0]) if together else data
        self.examples = count_examples(self.arrays, "DataLoader")
        self.batch_size = whole_number(batch_size, "DataLoader", "batch_size")
        self.shuffle, self.drop_last, self.transform = shuffle, drop_last, transform
        self.prefetch = whole_number(prefetch, "DataLoader", "prefetch") if prefetch else 0
        self._generator = None if generator is None else random_source(generator)
        self._bare = len(data) == 1 and not together
        if len(self) == 0:
            raise ValueError(
                f"DataLoader: with drop_last, {self.examples} examples make no batch of "
                f"{batch_size}. Choose a smaller batch_size, or keep the last batch."
            )

    def __len__(self) -> int:
        """How many batches there are in an epoch."""
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        source = random_source(self._generator)
        order = source.permutation(self.examples) if self.shuffle else None
        transform = None
        if self.transform is not None:
            # A generator of the epoch's own: what else draws meanwhile, or whether a thread runs
            # ahead, changes none of its numbers.
            transform = self.transform, np.random.default_rng(source.integers(2**63))
        batches = self._batches(order, transform)
        return ahead(batches, self.prefetch) if self.prefetch else batches

    def _batches(
        self, order: Array | None, transform: tuple[Transform, np.random.Generator] | None
    ) -> Iterator[Any]:
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            chosen = slice(start, start + self.batch_size)
            if order is None:
                batch = [one[chosen] for one in self.arrays]
            else:
                batch = [one.take(order[chosen], axis=0) for one in self.arrays]
            if transform is not None:
                function, generator = transform
                batch[0] = function(batch[0], generator)
            yield batch[0] if self._bare else tuple(batch)

    def state_dict(self) -> dict[str, Any]:
        """What the next epoch starts from: the generator's state, as Python numbers and text.

        Taken between two epochs, and loaded into a loader of the same data, the epochs that
        follow are the same to the bit. Within an epoch, what is resumed is the next one.
        """
        return {"generator": random_source(self._generator).bit_generator.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue as the loader whose state this is would.

        Raises ValueError if it is no loader's state, or that of another kind of generator.
        """
        source, found = random_source(self._generator).bit_generator, state.get("generator")
        wanted = type(source).__name__
        if not isinstance(found, dict) or found.get("bit_generator") != wanted:
            raise ValueError(
                f"DataLoader: a state has the state of a {wanted} as its generator's, not {found}."
            )
        source.state = found
