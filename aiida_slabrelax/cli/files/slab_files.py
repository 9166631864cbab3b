"""Files of slabs in any format that ASE or pymatgen writes. Import it inside a command."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import ase.io
import click
from ase import Atoms
from ase.io.formats import ioformats
from pymatgen.core.structure import Structure

from ...surfaces.bulk.moments import given_moments
from ..errors import one_line
from .new_files import check_names, new_files

#: Some of the formats, for the message about an unknown one.
KNOWN = (
    *('poscar', 'cif', 'xsf', 'extxyz', 'json'),
    *('lammps-data', 'abinit-in', 'gen', 'cssr'),
)

#: Formats written by pymatgen: those unknown to ASE, and JSON, in which only pymatgen keeps kinds.
_BY_PYMATGEN = ('json', 'yaml', 'cssr', 'mcsqs', 'pwmat', 'fleur-inpgen')

#: Formats of ASE in which each atom has its magnetic moment, and nothing else follows from it.
_WITH_MOMENTS = ('extxyz', 'traj')

#: ASE's name of the format, and the option for fractional coordinates.
_POSCAR = 'vasp'
_KEYWORDS = {_POSCAR: {'direct': True}}


def check_format(form: str, one_file: bool) -> None:
    """Make sure that a format is known, and can hold several slabs in a file if needed.

    :raises click.ClickException: if the format is unknown, or holds one slab only.
    """
    name = _name(form)
    if name not in _BY_PYMATGEN and not (name in ioformats and ioformats[name].can_write):
        raise click.ClickException(
            f'--format: neither ASE nor pymatgen writes {form!r}; they write {", ".join(KNOWN)} '
            'and others'
        )
    if one_file and (name in _BY_PYMATGEN or ioformats[name].single):
        raise click.ClickException(
            f'--one-file: a file of the format {form} holds one structure; of extxyz several'
        )


def keeps_kinds(form: str) -> bool:
    """Return whether a format keeps kinds, not only elements."""
    return _name(form) == 'json'


def write_slabs(
    slabs: Mapping[str, Structure], form: str, folder: Path, *, force: bool, one_file: bool
) -> dict[str, Path]:
    """Write a file for each slab, named by its label, or one file ``slabs`` with all.

    They are moved into the folder when all are complete: after an error no file is left.

    :param form: a format that has passed :func:`check_format`.
    :param folder: the folder of the files; created if necessary.
    :param force: replace existing files.
    :param one_file: write one file; each structure has its label in ``Atoms.info``.
    :returns: the file of each slab.
    :raises click.ClickException: if a file exists already, or cannot be written.
    """
    name = _name(form)
    names = {label: f'{label}.{_ending(name)}' for label in slabs}
    check_names(names.values())
    contents = {names[label]: {label: slabs[label]} for label in slabs}
    if one_file:
        names = dict.fromkeys(slabs, f'slabs.{_ending(name)}')
        contents = {f'slabs.{_ending(name)}': dict(slabs)}
    with new_files(folder, contents, force=force) as scratch, warnings.catch_warnings():
        warnings.simplefilter('ignore')  # deprecations of writers
        for file, content in contents.items():
            _write(content, name, scratch / file)
    return {label: folder / file for label, file in names.items()}


def to_ase(slab: Structure, label: str) -> Atoms:
    """Return a slab for ASE, with its label in ``info``."""
    return Atoms(
        [site.specie.symbol for site in slab],
        positions=slab.cart_coords,
        cell=slab.lattice.matrix,
        pbc=True,
        info={'label': label},
    )


def _name(form: str) -> str:
    name = form.lower()
    return _POSCAR if name == 'poscar' else name


def _ending(name: str) -> str:
    """Return the usual ending of the names of files of a format."""
    if name in _BY_PYMATGEN or name == _POSCAR:
        return name  # both libraries know .vasp; ASE would call it .poscar
    return str(next(iter(ioformats[name].extensions), name))


def _write(slabs: dict[str, Structure], name: str, path: Path) -> None:
    try:
        if name in _BY_PYMATGEN:
            (slab,) = slabs.values()
            path.write_text(slab.to(fmt=name), 'utf-8')  # type: ignore[arg-type] # a Literal there
            return
        content = [to_ase(slab, label) for label, slab in slabs.items()]
        if name in _WITH_MOMENTS:
            for atoms, slab in zip(content, slabs.values(), strict=True):
                if (moments := given_moments(slab)) is not None:
                    atoms.set_initial_magnetic_moments(moments)
        ase.io.write(
            path,
            content if len(content) > 1 else content[0],
            format=name,
            **_KEYWORDS.get(name, {}),
        )
    except OSError:
        raise
    except Exception as error:  # writers raise any exception if they miss data
        raise click.ClickException(
            f'--format: {", ".join(slabs)} cannot be written as {name}: '
            f'{type(error).__name__}: {one_line(error)}'
        ) from error
