"""Builders of the runs of one `launch`: what all crystals share, and what each has of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from aiida.orm import AbstractCode

from ..inputs.crystal_tables import Crystal
from ..inputs.nodes import find_structure
from ..inputs.reading_options import ReadingOptions
from ..inputs.yaml_files import read_yaml
from ..params.options import one_or_several
from ..params.slab_options import columns_of_options, read_option
from ..printing import print_line
from . import submission


@dataclass(frozen=True)
class Shared:
    """What the crystals of a command have in common; each may replace it.

    :ivar code: the code.
    :ivar reading: how files are read.
    :ivar miller: the surfaces.
    :ivar max_index: or the largest index of them.
    :ivar protocol: the protocol.
    :ivar overrides: a YAML file, or None.
    :ivar family: the family of potentials, or None.
    :ivar work_functions: whether LOCPOT is read.
    :ivar options: those of the jobs.
    :ivar inputs: further inputs of the work chain.
    """

    code: AbstractCode
    reading: ReadingOptions
    miller: Sequence[tuple[int, ...]]
    max_index: int | None
    protocol: str | None
    overrides: str | None
    family: str | None
    work_functions: bool
    options: Mapping[str, Any]
    inputs: Mapping[str, Any]

    def build(self, crystal: Crystal) -> Any:
        """Return a builder with valid inputs for a crystal.

        :raises click.ClickException: if its file cannot be read, or an input is not valid.
        """
        own = dict(crystal.values)
        overrides = own.pop('overrides', self.overrides)
        changes = read_yaml(overrides)
        submission.check_file(changes, overrides)
        changes = submission.with_family(changes, self.family)
        protocol = own.pop('protocol', self.protocol)
        label = own.pop('label', None)
        miller, max_index = crystal.miller, own.pop('max_index', None)
        if max_index is not None:
            max_index = _as_integer(max_index)
        if not miller and max_index is None:
            miller, max_index = tuple(self.miller), self.max_index
        columns = columns_of_options()
        given = {columns[name]: read_option(columns[name], own[name]) for name in own}
        inputs = {**self.inputs, **given, 'max_index': max_index}
        builder = submission.make_builder(
            self.code,
            find_structure(crystal.source, self.reading),
            one_or_several(miller, max_index),
            protocol if protocol is None else str(protocol),
            submission.with_locpot(changes, self.work_functions),
            self.options,
            **{name: value for name, value in inputs.items() if value is not None},
        )
        if label is not None:
            builder.metadata.label = str(label)
        return builder

    def build_all(self, crystals: Sequence[Crystal]) -> list[Any]:
        """Return the builders of all crystals, each with a label of its own.

        :raises click.ClickException: if one is not valid, after a line for each of these.
        """
        found, wrong = [], 0
        for crystal, name in zip(crystals, names_of(crystals), strict=True):
            try:
                with _named(crystal):
                    builder = self.build(crystal)
            except click.ClickException as error:
                wrong += 1
                print_line(error.message, error=True)
                continue
            builder.metadata.label = builder.metadata.label or name
            found.append(builder)
        if wrong:
            raise click.ClickException(
                f'{wrong} of {len(crystals)} crystals cannot be launched; nothing was submitted'
            )
        return found


@contextmanager
def _named(crystal: Crystal) -> Iterator[None]:
    """Put the place of a crystal before the message of an error, unless it is there."""
    try:
        yield
    except click.ClickException as error:
        if error.message.startswith(crystal.place):
            raise
        raise click.ClickException(f'{crystal.place}: {error.message}') from error


def _as_integer(value: Any) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise click.ClickException(f'max_index: an integer is needed, got {value!r}') from error


def names_of(crystals: Sequence[Crystal]) -> list[str]:
    """Return a name for each crystal: that of its file, without folder and suffix if it is unique.

    >>> names_of([Crystal('', 'a/x.cif'), Crystal('', 'b/x.cif'), Crystal('', 'c.cif')])
    ['a/x.cif', 'b/x.cif', 'c']
    """
    short = [Path(crystal.source).stem for crystal in crystals]
    return [
        name if short.count(name) == 1 else _with_planes(crystal)
        for name, crystal in zip(short, crystals, strict=True)
    ]


def _with_planes(crystal: Crystal) -> str:
    planes = ' '.join(f'({" ".join(map(str, plane))})' for plane in crystal.miller)
    return ' '.join(filter(None, [crystal.source, planes]))
