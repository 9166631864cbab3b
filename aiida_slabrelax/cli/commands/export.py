"""``aiida-slabrelax export``: slabs as files, before or after; the table or all of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import reported
from ..files.tables_and_archives import FORMATS, check_format_of, export_all
from ..params import options
from ..params.crystal_options import crystal_options
from ..params.cut_options import cut, cut_options, refuse_cut_options
from ..params.fixing import fix
from ..printing import print_line

if TYPE_CHECKING:
    from aiida.orm import WorkChainNode
    from ase import Atoms
    from pymatgen.core.structure import Structure

    from ..inputs.reading_options import ReadingOptions


@dataclass(frozen=True)
class Chosen:
    """The slabs to write.

    :ivar origin: the crystal or the run that they belong to.
    :ivar slabs: their structures by label.
    :ivar relaxed: whether they are relaxed.
    :ivar remarks: remarks on slabs that are not written.
    :ivar warnings: what is to be thought about the crystal.
    """

    origin: str
    slabs: dict[str, Structure]
    relaxed: bool
    remarks: list[str]
    warnings: list[str] = field(default_factory=list)


@click.command(cls=options.MillerCommand)
@click.argument('structure', type=options.FileName())
@click.option(
    '--what',
    type=click.Choice(['initial', 'relaxed', 'table', 'archive']),
    help='Slabs of a run before or after relaxation; its table; or all of it as an archive of '
    'AiiDA.  [default: relaxed, if any has]',
)
@click.option(
    '--format',
    'form',
    metavar='NAME',
    help='poscar, cif, xsf, extxyz, json or any that ASE or pymatgen writes; of a table csv or '
    'json.  [default: poscar; csv]',
)
@click.option('--only', multiple=True, metavar='LABEL', help='Only this slab; can be repeated.')
@click.option('--one-file', is_flag=True, help='Write all slabs into one file, such as extxyz.')
@click.option(
    '-o',
    '--output',
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default=True,
    metavar='DIR',
    help='The folder of the files.',
)
@click.option('--force', is_flag=True, help='Replace files that are there.')
@fix
@crystal_options
@cut_options
@options.profile
def export(
    structure: str,
    what: str | None,
    form: str | None,
    only: tuple[str, ...],
    one_file: bool,
    output: Path,
    force: bool,
    rule: dict[str, Any] | None,
    profile: str | None,
    reading: ReadingOptions,
    **cutting: Any,
) -> None:
    """Write the slabs of a run, or of the crystal STRUCTURE, each into a file named by its label.

    STRUCTURE is the pk or uuid of a SlabRelaxWorkChain; or a file that pymatgen or ASE reads, or
    the pk or uuid of a StructureData, whose slabs are cut by the options of `preview`. For a file
    no profile of AiiDA is needed.

    Sites keep their order. Files carry elements: kinds (Ni1 and Ni2) are kept by the format json,
    that of pymatgen, only.

    --what table writes the table of the slabs of a run, or of the surface energies of
    calculate_surface_energies or a process with its outputs; keys end in their units. --what
    archive writes the process with all that it has called, which `verdi archive import` reads.
    """
    if what in FORMATS:
        refuse_cut_options(f'--what {what} is of a run')
        if only or one_file or rule is not None:
            raise click.ClickException(f'--only, --one-file and --fix: --what {what} has no slabs')
        export_all(structure, what, check_format_of(what, form), output, force, profile)
        return
    form = form or 'poscar'

    from pymatgen.core.structure import Structure

    from ..files.slab_files import check_fixed, check_format, write_slabs
    from ..inputs.sources import find_source

    check_format(form, one_file)
    if rule is not None:
        check_fixed(form)
    source = find_source(structure, profile, reading)
    if isinstance(source, Structure):
        chosen = cut_slabs(source, what, only, rule, cutting)
    else:
        refuse_cut_options(
            f'SlabRelaxWorkChain<{source.pk}> already has slabs: these options apply to a crystal '
            'only'
        )
        with reported(ValueError):
            chosen = slabs_of_run(source, what, only, rule)
    paths = write_slabs(chosen.slabs, form, output, force=force, one_file=one_file)
    report(chosen, form, paths)


def cut_slabs(
    bulk: Structure,
    what: str | None,
    only: tuple[str, ...],
    rule: dict[str, Any] | None,
    cutting: dict[str, Any],
) -> Chosen:
    """Cut the slabs of a crystal.

    :param rule: which layers are marked as fixed.

    :raises click.ClickException: if there are no slabs, or relaxed ones are requested.
    """
    from ...surfaces import describe_excluded
    from ...surfaces.bulk.doubts import describe_doubts
    from ...surfaces.bulk.masses import masses_of, set_masses
    from ..tables.terminations import list_excluded

    if what == 'relaxed':
        raise click.ClickException('--what: slabs that are cut from a crystal are not relaxed')
    found = cut(bulk, **cutting)
    slabs = select({slab.label: slab.structure for slab in found.terminations}, only)
    for slab in slabs.values():
        set_masses(slab, masses_of(bulk))
    symmetry = {slab.label: slab.is_symmetric for slab in found.terminations}
    return Chosen(
        origin=bulk.composition.reduced_formula,
        slabs=fix_layers(slabs, rule, symmetry),
        relaxed=False,
        remarks=[
            f'Excluded: {line}'
            for line in list_excluded([describe_excluded(slab) for slab in found.excluded])
        ],
        warnings=describe_doubts(bulk),
    )


def fix_layers(
    slabs: dict[str, Structure], rule: dict[str, Any] | None, symmetry: Mapping[str, bool]
) -> dict[str, Structure]:
    """Return slabs with marks on the atoms that a rule fixes; without a rule as they are.

    :param symmetry: whether the faces of each slab are equivalent, where it is known.
    :raises click.ClickException: if a slab cannot be fixed so.
    """
    from ...surfaces import FixingError, is_symmetric
    from ..files.slab_files import fix_sites

    if rule is None:
        return slabs
    fixed = {}
    for label, slab in slabs.items():
        symmetric = symmetry[label] if label in symmetry else is_symmetric(slab)
        try:
            fixed[label] = fix_sites(slab, rule, symmetric)
        except FixingError as error:
            raise click.ClickException(f'--fix: {label}: {error}') from error
    return fixed


def slabs_of_run(
    run: WorkChainNode, what: str | None, only: tuple[str, ...], rule: dict[str, Any] | None
) -> Chosen:
    """Return the slabs of a run, relaxed ones if there are any.

    :param rule: which layers are marked as fixed, as they lie before the relaxation.

    :raises click.ClickException: if there are no such slabs.
    """
    from ...calculations.structures import to_pymatgen
    from ...results.generators import known_symmetry
    from ...results.runs import slabs_of
    from ...results.slabs import collect

    origin = f'SlabRelaxWorkChain<{run.pk}>'
    nodes = slabs_of(run)
    if not nodes:
        raise click.ClickException(f'{origin} has no slabs (yet)')
    initial = select({label: to_pymatgen(nodes[label]) for label in sorted(nodes)}, only)
    if rule is not None:
        initial = fix_layers(initial, rule, known_symmetry(nodes))
    results = {slab.label: slab for slab in collect(run).slabs if slab.label in initial}
    relaxed = {
        label: with_geometry(initial[label], slab.relaxed)
        for label, slab in results.items()
        if slab.relaxed is not None
    }
    if what == 'initial' or (what is None and not relaxed):
        return Chosen(origin, initial, False, [])
    others = [f'{label} ({results[label].state})' for label in initial if label not in relaxed]
    if not relaxed:
        raise click.ClickException(
            f'none of these slabs has relaxed: {", ".join(others)}; --what initial writes them as '
            'they were'
        )
    remarks = [f'Not relaxed, not written: {", ".join(others)}'] if others else []
    return Chosen(origin, relaxed, True, remarks)


def select(slabs: dict[str, Structure], only: tuple[str, ...]) -> dict[str, Structure]:
    """Return the slabs with the given labels; all slabs if there are no labels.

    :raises click.ClickException: if there is no slab with such a label.
    """
    for label in only:
        if label not in slabs:
            raise click.ClickException(
                f'--only: there is no slab {label!r}; there are {", ".join(slabs)}'
            )
    return {label: slab for label, slab in slabs.items() if not only or label in only}


def with_geometry(slab: Structure, atoms: Atoms) -> Structure:
    """Return a slab with its own kinds, and the geometry and the results of its relaxation."""
    import numpy as np
    from pymatgen.core.lattice import Lattice
    from pymatgen.core.structure import Structure

    from ...surfaces import from_ase
    from ...surfaces.slabs.freedom import SELECTIVE_DYNAMICS, freedom_in

    if list(atoms.symbols) != [site.specie.symbol for site in slab]:
        return from_ase(atoms)
    found = {} if atoms.calc is None else atoms.calc.results
    results = {name: np.asarray(value).tolist() for name, value in found.items()}
    energy = {'energy': results.pop('energy')} if 'energy' in results else {}
    freedom = freedom_in(atoms)
    fixed = {} if freedom is None else {SELECTIVE_DYNAMICS: freedom}
    return Structure(
        Lattice(atoms.cell.array),
        slab.species,
        atoms.positions,
        coords_are_cartesian=True,
        site_properties={**fixed, **slab.site_properties, **results},
        properties={**slab.properties, **energy},
    )


def report(chosen: Chosen, form: str, paths: dict[str, Path]) -> None:
    """Print which slabs were written, and which were not."""
    from ...surfaces import format_formula
    from ...surfaces.bulk.kinds import kind_names
    from ..files.slab_files import keeps_kinds, what_is_missing

    state = 'as relaxed' if chosen.relaxed else 'not relaxed'
    slabs = chosen.slabs
    print_line(f'{chosen.origin}: {len(slabs)} slab{"s" * (len(slabs) != 1)}, {state}, as {form}:')
    for label, slab in slabs.items():
        print_line(f'  {label}  {format_formula(slab)}  {paths[label]}')
    for remark in [*chosen.remarks, *what_is_missing(slabs, form)]:
        print_line(remark)
    for warning in chosen.warnings:
        print_line(f'Warning: {warning}', error=True)
    kinds = {kind for slab in slabs.values() for kind in kind_names(slab)}
    elements = {site.specie.symbol for slab in slabs.values() for site in slab}
    if len(kinds) > len(elements) and not keeps_kinds(form):
        print_line(
            f'The files tell elements apart, not the kinds {", ".join(sorted(kinds))}; those of '
            'the format json do.'
        )
