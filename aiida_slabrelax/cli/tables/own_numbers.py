"""Surface energies from a user's own numbers, as a table, JSON and CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...energetics import EnergyPerArea, NotComparableError
from ...energetics.own_numbers import Energies, Numbers
from ...surfaces import format_plane
from ..for_programs import to_csv, to_json, with_units_in_keys
from ..printing import lines, table

Row = dict[str, Any]


def rows(numbers: Numbers, energies: Energies, at_ev: Mapping[str, float]) -> list[Row]:
    """Return a row for each slab; the keys of numbers end in their units.

    :param at_ev: chemical potentials Δμ in eV, for one more value; without them there is none.
    """
    return [_row(label, numbers, energies, at_ev) for label in sorted(numbers.slabs)]


def _row(label: str, numbers: Numbers, energies: Energies, at_ev: Mapping[str, float]) -> Row:
    slab, plane = numbers.slabs[label], numbers.planes[label]
    gamma = energies.surface_energies.get(label)
    row: Row = {
        'label': label,
        'plane': None if plane is None else format_plane(plane),
        'formula': slab.formula,
        'area_angstrom2': slab.area_a2,
        'surface_energy_j_per_m2': None,
        'surface_energy_ev_per_angstrom2': None,
        'at_potentials_j_per_m2': None,
        'slopes_per_angstrom2': {},
        'faces': None,
        'refused': energies.refused.get(label),
    }
    if gamma is None:
        return row
    row |= {
        'surface_energy_j_per_m2': round(float(gamma.constant.j_per_m2), 6),
        'surface_energy_ev_per_angstrom2': round(float(gamma.constant.ev_per_a2), 8),
        'slopes_per_angstrom2': {
            element: round(slope, 8) for element, slope in gamma.slopes_per_a2.items()
        },
        'faces': gamma.meaning,
    }
    if at_ev:
        try:
            row['at_potentials_j_per_m2'] = round(float(gamma.at(at_ev).j_per_m2), 6)
        except NotComparableError as error:
            row['refused'] = str(error)
    return row


def as_text(numbers: Numbers, energies: Energies, at_ev: Mapping[str, float]) -> str:
    """Return the table, the formulas of γ, and the range in which the bulk is stable."""
    found = rows(numbers, energies, at_ev)
    headers = ['label', 'plane', 'slab', 'γ₀\n(J/m²)', 'γ₀\n(eV/Å²)']
    cells = [
        [
            row['label'],
            row['plane'] or '–',
            row['formula'],
            _number(row['surface_energy_j_per_m2'], 4),
            _number(row['surface_energy_ev_per_angstrom2'], 5),
        ]
        for row in found
    ]
    if at_ev:
        headers.append('γ at Δμ\n(J/m²)')
        for row, cell in zip(found, cells, strict=True):
            cell.append(_number(row['at_potentials_j_per_m2'], 4))
    blocks = [table(cells, headers, numbers=headers[3:])]
    if notes := [note for row in found for note in _notes(row)]:
        blocks.append(lines(notes))
    return '\n\n'.join([*blocks, lines(_stability(energies))])


def as_json(numbers: Numbers, energies: Energies, at_ev: Mapping[str, float]) -> str:
    """Return the rows, the potentials, and the corners of the region of stability (eV)."""
    region = energies.region
    return to_json(
        {
            'slabs': rows(numbers, energies, at_ev),
            'at_ev': dict(at_ev),
            'stability': None if region is None else with_units_in_keys(region.describe()),
            'without_stability': energies.without_region or None,
        }
    )


def as_csv(numbers: Numbers, energies: Energies, at_ev: Mapping[str, float]) -> str:
    """Return a line for each slab below a line of keys."""
    found = rows(numbers, energies, at_ev)
    elements = sorted({element for row in found for element in row['slopes_per_angstrom2']})
    flat = []
    for row in found:
        slopes = row.pop('slopes_per_angstrom2')
        if row['surface_energy_j_per_m2'] is not None:
            row |= {f'slope_{name}_per_angstrom2': slopes.get(name, 0.0) for name in elements}
        flat.append(row)
    keys = [*flat[0], *(f'slope_{name}_per_angstrom2' for name in elements)]
    return to_csv(list(dict.fromkeys(keys)), flat).removesuffix('\n')


def _notes(row: Row) -> list[str]:
    label, notes = row['label'], []
    if row['refused']:
        notes.append(f'{label}: refused: {row["refused"]}')
    if row['slopes_per_angstrom2']:
        terms = ' '.join(
            f'{float(EnergyPerArea(slope).j_per_m2):+.4f}·Δμ({element})'
            for element, slope in row['slopes_per_angstrom2'].items()
        )
        constant = row['surface_energy_j_per_m2']
        notes.append(f'{label}: γ = {constant:.4f} {terms} J/m², Δμ in eV')
    if row['faces'] == 'mean of both faces':
        notes.append(f'{label}: mean of both faces')
    return notes


def _stability(energies: Energies) -> list[str]:
    region = energies.region
    if region is None:
        return [f'Where the bulk is stable is not known: {energies.without_region}']
    lines_ = [f'Formation energy: {region.formation_energy_ev:.4f} eV per formula unit']
    for element in region.formula_unit:
        low, high = region.interval(element)
        lines_.append(f'The bulk is stable for Δμ({element}) from {low:.3f} to {high:.3f} eV')
    return lines_


def _number(value: float | None, digits: int) -> str:
    return '–' if value is None else f'{value:.{digits}f}'
