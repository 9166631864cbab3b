"""The quantities of slabs and of surface energies, with their units, as columns of tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..surfaces.checks import format_plane

if TYPE_CHECKING:
    from .energies.surface_energies import Surface, SurfaceResults
    from .slabs import RunResults, SlabResult

#: The values of a row, by the names of the columns, which end in their units.
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A quantity of a slab, and how it is shown.

    :ivar attribute: the attribute of :class:`SlabResult`.
    :ivar key: the key in JSON and CSV, with the unit.
    :ivar name: the name with the unit: ``energy (eV)``.
    :ivar heading: the heading in the table; if empty, the quantity is in JSON and CSV only.
    :ivar format: the format of a number, which is on the right; empty for texts.
    """

    attribute: str
    key: str
    name: str
    heading: str = ''
    format: str = ''

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
    Column('converged', 'converged', 'converged', 'converged'),
    Column('ionic_steps', 'ionic_steps', 'ionic steps', 'steps', '>'),
    Column('program', 'program', 'program'),
    Column('pk', 'pk', 'pk', 'pk', '>'),
    Column('exit_status', 'exit_status', 'exit status', 'exit\nstatus', '>'),
    Column('exit_message', 'exit_message', 'exit message'),
    Column('taken_over', 'taken_over', 'taken over'),
    Column('recovered', 'recovered', 'recovered'),
    Column('read_again', 'read_again', 'read again'),
)


def slab_rows(results: RunResults) -> list[Row]:
    """Return a row for each slab of a run; unknown values are ``None``."""
    return [
        {column.name: getattr(slab, column.attribute) for column in COLUMNS}
        for slab in results.slabs
    ]


def surface_rows(results: SurfaceResults) -> list[Row]:
    """Return a row for each slab with a surface energy, and for each that was refused."""
    rows = [dict(_surface_columns(surface, results.elements)) for surface in results.surfaces]
    names = list(dict.fromkeys(name for row in rows for name in row))
    rows += [{'label': label, 'refused': why} for label, why in sorted(results.refused.items())]
    names += ['refused']
    return [{name: row.get(name) for name in names} for row in rows]


def _surface_columns(surface: Surface, elements: list[str]) -> Iterator[tuple[str, Any]]:
    constant = surface.energy.constant
    relaxation = surface.described.get('relaxation')
    yield 'label', surface.label
    yield 'plane', None if surface.plane is None else format_plane(surface.plane)
    yield 'formula', surface.formula
    yield 'thickness (Å)', surface.termination.get('thickness')
    yield 'area (Å²)', surface.area_a2
    yield 'γ₀ (J/m²)', constant.j_per_m2
    yield 'γ₀ (eV/Å²)', constant.ev_per_a2
    for element in elements:
        yield f'slope of Δμ({element}) (1/Å²)', surface.energy.slopes_per_a2.get(element, 0.0)
    yield 'eliminated', surface.energy.eliminated
    yield 'faces', surface.energy.meaning
    if relaxation is not None:
        yield 'relaxation energy (eV)', relaxation['energy']['eV']
    yield 'remarks', '; '.join(surface.described.get('remarks', ())) or None
