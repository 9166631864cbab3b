"""Slabs in files of any format that ASE or pymatgen writes. Import it inside a command."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import ase.io
import click
from ase import Atoms
from ase.io.formats import ioformats
from pymatgen.core.structure import Structure

from ..errors import one_line
from .new_files import check_names, new_files

#: Some of the formats, to be named where the one asked for is not known.
KNOWN = (
    *('poscar', 'cif', 'xsf', 'extxyz', 'json'),
    *('lammps-data', 'abinit-in', 'gen', 'cssr'),
)

#: Written by pymatgen: those that ASE does not know, and JSON, in which only pymatgen keeps kinds.
_BY_PYMATGEN = ('json', 'yaml', 'cssr', 'mcsqs', 'pwmat', 'fleur-inpgen')

#: What ASE calls the format, and how it is told to write fractional coordinates.
_POSCAR = 'vasp'
_KEYWORDS = {_POSCAR: {'direct': True}}


def check_format(form: str, one_file: bool) -> None:
    """Make sure that a format is known, and that its files hold several slabs if they shall.

    :raises click.ClickException: if not.
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
    """Tell whether a format has a place for kinds beside elements."""
    return _name(form) == 'json'


def write_slabs(
    slabs: Mapping[str, Structure], form: str, folder: Path, *, force: bool, one_file: bool
) -> dict[str, Path]:
    """Write a file for each slab, named by its label, or a file ``slabs`` with all.

    They are moved there when all have been written: one that fails leaves nothing behind.

    :param form: a format that :func:`check_format` lets pass.
    :param folder: made if it is not there.
    :param force: replace files that are there.
    :param one_file: write one file; each structure has its label in ``Atoms.info``.
    :returns: the file that each slab is in.
    :raises click.ClickException: if a file is there already, or cannot be written.
    """
    name = _name(form)
    names = {label: f'{label}.{_ending(name)}' for label in slabs}
    check_names(names.values())
    contents = {names[label]: {label: slabs[label]} for label in slabs}
    if one_file:
        names = dict.fromkeys(slabs, f'slabs.{_ending(name)}')
        contents = {f'slabs.{_ending(name)}': dict(slabs)}
    with new_files(folder, contents, force=force) as scratch, warnings.catch_warnings():
        warnings.simplefilter('ignore')  # what writers are going to be called one day
        for file, several in contents.items():
            _write(several, name, scratch / file)
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
    """Return the ending of a name by which files of a format are known, if there is one."""
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
        ase.io.write(
            path,
            content if len(content) > 1 else content[0],
            format=name,
            **_KEYWORDS.get(name, {}),
        )
    except OSError:
        raise
    except Exception as error:  # writers raise whatever comes of what they lack
        raise click.ClickException(
            f'--format: {", ".join(slabs)} cannot be written as {name}: '
            f'{type(error).__name__}: {one_line(error)}'
        ) from error
