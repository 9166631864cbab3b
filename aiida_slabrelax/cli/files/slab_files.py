"""Files of slabs in any format that ASE or pymatgen writes. Import it inside a command."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ase.io
import click
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io.formats import ioformats
from pymatgen.core.structure import Structure

from ...surfaces import fixed_sites
from ...surfaces.bulk.kinds import kind_names
from ...surfaces.bulk.masses import masses_of
from ...surfaces.bulk.moments import given_moments
from ...surfaces.slabs.freedom import SELECTIVE_DYNAMICS, to_constraints
from ..errors import one_line
from .new_files import check_names, new_files

#: Some of the formats, for the message about an unknown one.
KNOWN = (
    *('poscar', 'cif', 'xsf', 'extxyz', 'json'),
    *('espresso-in', 'lammps-data', 'abinit-in', 'gen', 'cssr'),
)

#: Formats written by pymatgen: those unknown to ASE, and JSON, in which only pymatgen keeps kinds.
_BY_PYMATGEN = ('json', 'yaml', 'cssr', 'mcsqs', 'pwmat', 'fleur-inpgen')

#: Formats that say which atoms are fixed.
_WITH_FIXED = (
    *('vasp', 'extxyz', 'espresso-in', 'aims', 'turbomole', 'traj'),
    *('json', 'yaml'),
)

#: Formats that hold a mass for each atom or kind.
_WITH_MASSES = ('extxyz', 'traj', 'json', 'yaml')

#: Formats of ASE in which each atom has its magnetic moment, and nothing else follows from it.
_WITH_MOMENTS = ('extxyz', 'traj')

#: ASE's name of the format, and the option for fractional coordinates.
_POSCAR = 'vasp'
_KEYWORDS = {_POSCAR: {'direct': True}}

_ESPRESSO = 'espresso-in'

#: What the last step of a relaxation has computed: properties of a structure and of its sites.
RESULTS = ('energy', 'forces', 'magmoms')

#: Formats of ASE with energy and forces.
_WITH_RESULTS = ('extxyz', 'traj')


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


def check_fixed(form: str) -> None:
    """Make sure that a format says which atoms are fixed.

    :raises click.ClickException: if it does not.
    """
    if _name(form) not in _WITH_FIXED:
        known = ('poscar', *_WITH_FIXED[1:])
        raise click.ClickException(
            f'--fix: files of the format {form} do not say which atoms are fixed; those of '
            f'{", ".join(known)} do'
        )


def fix_sites(slab: Structure, rule: Mapping[str, Any], symmetric: bool) -> Structure:
    """Return a slab with marks on the atoms that a rule fixes.

    :raises FixingError: if there are fewer layers, or none would be left free.
    """
    fixed = fixed_sites(slab, rule, symmetric=symmetric)
    marked = slab.copy()
    marked.add_site_property(SELECTIVE_DYNAMICS, [[not is_fixed] * 3 for is_fixed in fixed])
    return marked


def what_is_missing(slabs: Mapping[str, Structure], form: str) -> list[str]:
    """Return what files of a format do not say of slabs, a sentence each."""
    name, remarks = _name(form), []
    masses = {kind: mass for slab in slabs.values() for kind, mass in masses_of(slab).items()}
    if masses and name not in _WITH_MASSES:
        shown = ', '.join(f'{kind} ({mass:.3f} u)' for kind, mass in sorted(masses.items()))
        remarks.append(
            f'The files do not hold the masses of {shown}; those of the formats '
            f'{", ".join(_WITH_MASSES)} do.'
        )
    if name == _ESPRESSO:
        remarks.append(
            'The files name pseudopotentials by the elements, as Cu.UPF, and have no cut-offs and '
            'the Γ point only: fill in yours.'
        )
    return remarks


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
    """Return a slab for ASE, with its label in ``info``, and its energy and forces if known."""
    atoms = Atoms(
        [site.specie.symbol for site in slab],
        positions=slab.cart_coords,
        cell=slab.lattice.matrix,
        pbc=True,
        info={'label': label},
    )
    if (free := slab.site_properties.get(SELECTIVE_DYNAMICS)) is not None:
        atoms.set_constraint(to_constraints(free))
    given = {**slab.properties, **slab.site_properties}
    if results := {name: given[name] for name in RESULTS if name in given}:
        atoms.calc = SinglePointCalculator(atoms, **results)
    if own := masses_of(slab):
        kinds = kind_names(slab)
        usual = atoms.get_masses()
        atoms.set_masses([own.get(kind, one) for kind, one in zip(kinds, usual, strict=True)])
    return atoms


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
        for atoms in content:
            if name not in _WITH_MASSES:
                atoms.set_masses('defaults')
            if name not in _WITH_RESULTS:
                atoms.calc = None
        keywords: dict[str, Any] = dict(_KEYWORDS.get(name, {}))
        if name == _ESPRESSO:
            elements = {symbol for atoms in content for symbol in atoms.symbols}
            keywords = {
                'pseudopotentials': {element: f'{element}.UPF' for element in sorted(elements)}
            }
        if name in _WITH_MOMENTS:
            for atoms, slab in zip(content, slabs.values(), strict=True):
                if (moments := given_moments(slab)) is not None:
                    atoms.set_initial_magnetic_moments(moments)
        ase.io.write(
            path,
            content if len(content) > 1 else content[0],
            format=name,
            **keywords,
        )
    except OSError:
        raise
    except Exception as error:  # writers raise any exception if they miss data
        raise click.ClickException(
            f'--format: {", ".join(slabs)} cannot be written as {name}: '
            f'{type(error).__name__}: {one_line(error)}'
        ) from error
