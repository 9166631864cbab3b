"""The tables of ``docs/reference/benchmarks-published.md`` from the results of ``published.py``.

``python benchmarks/published_table.py`` writes them into the page, between its marks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from published_cases import CRYSTALS, PUBLISHED, surface_name

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / 'benchmarks' / 'published.json'
PAGE = ROOT / 'docs' / 'reference' / 'benchmarks-published.md'

#: The settings that were improved: the name in the table, the key, and the format.
IMPROVED = {
    'encut': ('cut-off (eV)', 'encut', 'g'),
    'spacing': ('k-point spacing (2π/Å)', 'kpoints_spacing', 'g'),
    'thickness': ('thickness (Å)', 'min_slab_thickness', 'g'),
    'vacuum': ('vacuum (Å)', 'min_vacuum_thickness', 'g'),
}


def read_results() -> list[dict[str, Any]]:
    """Return the results, a dictionary for each run."""
    rows: list[dict[str, Any]] = json.loads(RESULTS.read_text('utf-8'))
    return rows


def deviation(row: Mapping[str, Any]) -> float:
    """Return by which fraction γ differs from the published one."""
    published = PUBLISHED[row['crystal'], tuple(row['plane'])].gamma
    return float(row['gamma_j_per_m2']) / published - 1


def tables(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the tables that have rows, by the name of their marks in the page."""
    rows = list(rows)
    chosen = {(row['crystal'], tuple(row['plane'])): row for row in rows if row['improved'] is None}
    done = [surface for surface in PUBLISHED if surface in chosen]
    improved = [row for row in rows if row['improved'] is not None]
    made = {
        'surfaces': _table(
            [
                *('surface', 'here (J/m²)', 'published (J/m²)', 'difference', 'published with'),
                *('atoms', 'core-hours', 'date'),
            ],
            [_surface(chosen[surface], surface) for surface in done],
        ),
        'convergence': _table(
            ('surface', 'setting', 'from', 'to', 'γ (J/m²)', 'change'),
            [_change(row, chosen[row['crystal'], tuple(row['plane'])]) for row in improved],
        ),
        'settings': _table(
            [
                *('crystal', 'cut-off (eV)', 'k-point spacing (2π/Å)', 'smearing'),
                *('slab (Å)', 'vacuum (Å)', 'lattice constant (Å)'),
            ],
            [_settings(name, chosen) for name in CRYSTALS if name in {key for key, _ in done}],
        ),
    }
    return made if improved else {name: made[name] for name in ('surfaces', 'settings')}


def _surface(row: Mapping[str, Any], surface: tuple[str, tuple[int, ...]]) -> list[str]:
    published = PUBLISHED[surface]
    return [
        surface_name(*surface),
        f'{row["gamma_j_per_m2"]:.3f}',
        f'{published.gamma:.3f}',
        f'{100 * deviation(row):+.1f} %'.replace('-', '−'),
        ', '.join(filter(None, (published.functional, published.code))),
        str(row['atoms']),
        f'{row["core_hours"]:.2f}',
        row['date'],
    ]


def _change(row: Mapping[str, Any], first: Mapping[str, Any]) -> list[str]:
    name, key, form = IMPROVED[row['improved']]
    before, after = first['gamma_j_per_m2'], row['gamma_j_per_m2']
    return [
        surface_name(row['crystal'], tuple(row['plane'])),
        name,
        format(first['settings'][key], form),
        format(row['settings'][key], form),
        f'{after:.3f}',
        f'{100 * (after / before - 1):+.1f} %'.replace('-', '−'),
    ]


def _settings(name: str, chosen: Mapping[Any, Mapping[str, Any]]) -> list[str]:
    row = next(row for (crystal, _), row in chosen.items() if crystal == name)
    found = row['settings']
    return [
        name,
        f'{found["encut"]:g}',
        f'{found["kpoints_spacing"]:g}',
        f'ISMEAR = {found["ismear"]}, SIGMA = {found["sigma"]:g} eV',
        f'≥ {found["min_slab_thickness"]:g}',
        f'≥ {found["min_vacuum_thickness"]:g}',
        f'{row["lattice_constant_a"]:.3f}',
    ]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ['---'] * len(headings), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def insert(page: str, made: Mapping[str, str]) -> str:
    """Return a page with the tables between its marks."""
    for name, table in made.items():
        before, begin, rest = page.partition(f'<!-- begin {name} -->\n')
        _, end, after = rest.partition(f'<!-- end {name} -->')
        if not (begin and end):
            raise ValueError(f'the page has no marks for {name}')
        page = f'{before}{begin}\n{table}\n\n{end}{after}'
    return page


if __name__ == '__main__':
    PAGE.write_text(insert(PAGE.read_text('utf-8'), tables(read_results())), 'utf-8')
