"""Statements for work on large arrays that goes through pieces, which threads share."""

from __future__ import annotations

from collections.abc import Container
from itertools import pairwise

from autograd.compiling.blocks import Block
from autograd.compiling.pieces import InPieces
from autograd.threads import get_num_threads, share
from autograd.tracing.calls import Call, Entry
from autograd.tracing.writing import Writer


class PieceWriter(Writer):
    """Writes a function for what is done with pieces, and a statement that has it done with all."""

    _rows = 0  # of each piece, while what is done with one is written

    def _in_pieces(self, work: InPieces) -> list[str]:
        """Work whose pieces are there already."""
        self._names.update({id(one): name for one, name in work.names.items()})
        lines = []
        for call in work.calls:
            text = self._call(call)
            names = [self._new_name("t") for _ in call.results]
            self._names.update({id(one): n for one, n in zip(call.results, names, strict=True)})
            lines.append(f"{', '.join(names)} = {text}" if names else text)
        name = self._new_name("update")
        self._define_function(f"{name}(pieces)", [f"for {work.header} in pieces:"], lines)
        shares = self._from_outside(work.shares, f"{name}_shares")
        return [f"{self._from_outside(share, 'share')}({name}, {shares})"]

    def _block(self, call: Call, block: Block, inputs: Container[int]) -> list[str]:
        """Calls whose arrays are cut here; `inputs` are, by id, those that each run is given."""
        for one in block.kept:
            self._buffer(one)
        whole = {id(one): self._expression(one) for one in (*call.args, *block.kept)}
        given = [whole[id(one)] for one in call.args if _is_given(one, inputs)]
        spare = [self._new_name("t") for _ in block.memory]
        sums = {one: self._new_name("sums") for one in block.sums}
        lines = [f"stop = min(start + {block.rows}, {block.length})"]
        lines += [f"{one}_part = {one}[: stop - start]" for one in spare]
        names = {id(one): f"{spare[i]}_part" for one, i in block.local.items()}
        for one in block.cut:
            names[id(one)] = self._new_name("part")
            lines.append(f"{names[id(one)]} = {whole[id(one)]}[start:stop]")
        had = {key: self._names.get(key) for key in names}
        self._names.update(names)
        self._rows = block.rows
        lines += [self._on_part(one, sums, block.rows) for one in block.calls]
        self._rows = 0
        self._names.update({key: name for key, name in had.items() if name is not None})

        name = self._new_name("block")
        starts = f"starts, {''.join(f'{one}, ' for one in spare)}= share_of_it"
        head = [starts, "for start in starts:"]
        self._define_function(f"{name}({', '.join(['share_of_it', *given])})", head, lines)
        shares = self._shares(name, block)
        for one, parts in sums.items():
            self._buffer(one)
            count = -(-block.length // block.rows)
            self._setup.append(f"{parts} = np.empty({count}, {self._expression(one.dtype)})")
        work = f"lambda one: {name}({', '.join(['one', *given])})" if given else name
        return [
            f"{self._from_outside(share, 'share')}({work}, {shares})",
            *(f"np.add.reduce({parts}, out={self._name(one)})" for one, parts in sums.items()),
        ]

    def _on_part(self, call: Call, sums: dict[Entry, str], rows: int) -> str:
        if call.results and call.results[0] in sums:
            place = f"{sums[call.results[0]]}[start // {rows}]"
            return f"{place} = np.add.reduce({self._expression(call.args[0])}, axis=None)"
        return self._call(call, out=self._name(call.results[0]) if call.results else None)

    def _shares(self, name: str, block: Block) -> str:
        """For each thread, where its pieces start, and memory for what only they need."""
        pieces = -(-block.length // block.rows)
        threads = min(get_num_threads(), pieces)
        cuts = [i * pieces // threads * block.rows for i in range(threads)] + [block.length]
        made = [f"np.empty({shape}, {self._expression(dtype)})" for shape, dtype in block.memory]
        self._setup.append(f"{name}_shares = [")
        for first, end in pairwise(cuts):
            parts = [f"range({first}, {end}, {block.rows})", *made]
            self._setup.append(f"    ({', '.join(parts)},),")
        self._setup.append("]")
        return f"{name}_shares"

    def _define_function(self, signature: str, head: list[str], body: list[str]) -> None:
        self._setup += [f"def {signature}:"]
        self._setup += [f"    {line}" for line in head]
        self._setup += [f"        {line}" for line in body]


def _is_given(array: object, inputs: Container[int]) -> bool:
    return isinstance(array, Entry) and id(array.root()) in inputs
