"""The quantities of slabs and of surface energies, with their units, as columns of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..surfaces.checks import format_plane
from .faces import name_faces

if TYPE_CHECKING:
    from .energies.surface_energies import Surface, SurfaceResults
    from .slabs import RunResults, SlabResult

#: The values of a row by the names or the keys of the columns, which end in their units.
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A quantity of a slab, and how it is shown.

    :ivar attribute: the attribute of :class:`SlabResult`.
    :ivar key: the key in JSON and CSV, with the unit.
    :ivar name: the name with the unit: ``energy (eV)``.
    :ivar heading: the heading in the table; if empty, the quantity is in JSON and CSV only.
    :ivar format: the format of a number, which is on the right; empty for texts.
    :ivar optional: whether tables for people omit it if it is known of no slab.
    """

    attribute: str
    key: str
    name: str
    heading: str = ''
    format: str = ''
    optional: bool = False

    def applies(self, slabs: Iterable[SlabResult]) -> bool:
        """Return whether tables of these slabs for people have the column."""
        return not self.optional or any(getattr(slab, self.attribute) is not None for slab in slabs)

    def show(self, slab: SlabResult) -> str:
        """Return the value as text; a dash if it is not known yet."""
        value = getattr(slab, self.attribute)
        if isinstance(value, bool):
            return 'yes' if value else 'no'
        return '–' if value is None else format(value, self.format)


COLUMNS = (
    Column('label', 'label', 'label', 'label'),
    Column('state', 'state', 'state', 'state'),
    Column('plane', 'plane', 'plane', 'plane'),
    Column('faces', 'outermost_layers', 'outermost layers', 'outermost\nlayers'),
    Column('symmetric', 'symmetric', 'symmetric', 'symmetric'),
    Column('stoichiometric', 'stoichiometric', 'stoichiometric', 'stoichio-\nmetric'),
    Column('polar', 'polar', 'polar', 'polar'),
    Column('tasker', 'tasker', "Tasker's type", 'Tasker'),
    Column(
        'broken_bonds',
        'broken_bonds_per_angstrom2',
        'broken bonds (1/Å²)',
        'broken\nbonds\n(1/Å²)',
        '.3f',
    ),
    Column('formula', 'formula', 'formula', 'formula'),
    Column('n_atoms', 'n_atoms', 'atoms', 'atoms', '>'),
    Column('thickness', 'thickness_angstrom', 'thickness (Å)', 'thickness\n(Å)', '.2f'),
    Column('area', 'area_angstrom2', 'area (Å²)', format='.2f'),
    Column('energy', 'energy_ev', 'energy (eV)', 'energy\n(eV)', '.4f'),
    Column(
        'max_force',
        'max_force_ev_per_angstrom',
        'largest force (eV/Å)',
        'largest\nforce\n(eV/Å)',
        '.3f',
    ),
    Column(
        'work_function_upper',
        'work_function_upper_ev',
        'work function, upper face (eV)',
        'Φ upper\n(eV)',
        '.3f',
        optional=True,
    ),
    Column(
        'work_function_lower',
        'work_function_lower_ev',
        'work function, lower face (eV)',
        'Φ lower\n(eV)',
        '.3f',
        optional=True,
    ),
    Column(
        'excess',
        'screened_excess_j_per_m2',
        'above the lowest before VASP (J/m²)',
        'above\nlowest\n(J/m²)',
        '.3f',
        optional=True,
    ),
    Column('converged', 'converged', 'converged', 'converged'),
    Column('ionic_steps', 'ionic_steps', 'ionic steps', 'steps', '>'),
    Column('electronic_steps', 'electronic_steps', 'electronic steps'),
    Column('core_hours', 'core_hours', 'core-hours'),
    Column('work_functions_refused', 'work_functions_refused', 'no work functions'),
    Column('band_gap', 'band_gap_ev', 'band gap (eV)'),
    Column('program', 'program', 'program'),
    Column('pk', 'pk', 'pk', 'pk', '>'),
    Column('exit_status', 'exit_status', 'exit status', 'exit\nstatus', '>'),
    Column('exit_message', 'exit_message', 'exit message'),
    Column('taken_over', 'taken_over', 'taken over'),
    Column('recovered', 'recovered', 'recovered'),
    Column('read_again', 'read_again', 'read again'),
)


def slab_records(results: RunResults) -> list[Row]:
    """Return a row for each slab of a run, by key; unknown values are ``None``."""
    return [slab_record(slab) for slab in results.slabs]


def slab_record(slab: SlabResult) -> Row:
    """Return the quantities of a slab by key; unknown values are ``None``."""
    return {column.key: getattr(slab, column.attribute) for column in COLUMNS}


def surface_rows(results: SurfaceResults) -> list[Row]:
    """Return a row by name for each slab with a surface energy, and for each that was refused."""
    return _surface_table(
        results,
        [
            {name: value for _, name, value in _surface_columns(surface, results.elements)}
            for surface in results.surfaces
        ],
    )


def surface_records(results: SurfaceResults) -> list[Row]:
    """Return the same rows by key."""
    return _surface_table(
        results,
        [
            {key: value for key, _, value in _surface_columns(surface, results.elements)}
            for surface in results.surfaces
        ],
    )


def _surface_table(results: SurfaceResults, rows: list[Row]) -> list[Row]:
    """Return rows with the same columns, with those of the slabs that were refused."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    rows += [{'label': label, 'refused': why} for label, why in sorted(results.refused.items())]
    names += ['refused']
    return [{name: row.get(name) for name in names} for row in rows]


def _surface_columns(surface: Surface, elements: list[str]) -> Iterator[tuple[str, str, Any]]:
    """Yield the key, the name and the value of each column."""
    constant, termination = surface.energy.constant, surface.termination
    relaxation = surface.described.get('relaxation')
    yield 'label', 'label', surface.label
    yield 'plane', 'plane', None if surface.plane is None else format_plane(surface.plane)
    yield 'outermost_layers', 'outermost layers', name_faces(termination)
    for name in ('symmetric', 'stoichiometric', 'polar', 'tasker'):
        yield name, name, termination.get(name)
    yield 'broken_bonds_per_angstrom2', 'broken bonds (1/Å²)', termination.get('broken_bonds')
    yield 'formula', 'formula', surface.formula
    yield 'thickness_angstrom', 'thickness (Å)', termination.get('thickness')
    yield 'area_angstrom2', 'area (Å²)', surface.area_a2
    yield 'surface_energy_j_per_m2', 'γ₀ (J/m²)', constant.j_per_m2
    yield 'surface_energy_ev_per_angstrom2', 'γ₀ (eV/Å²)', constant.ev_per_a2
    for element in elements:
        slope = surface.energy.slopes_per_a2.get(element, 0.0)
        yield f'slope_{element}_per_angstrom2', f'slope of Δμ({element}) (1/Å²)', slope
    yield 'eliminated', 'eliminated', surface.energy.eliminated
    yield 'meaning', 'faces', surface.energy.meaning
    if relaxation is not None:
        yield 'relaxation_energy_ev', 'relaxation energy (eV)', relaxation['energy']['eV']
    yield 'remarks', 'remarks', '; '.join(surface.described.get('remarks', ())) or None
