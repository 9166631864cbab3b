"""Results as frames of pandas, and as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from ..surfaces.checks import format_plane
from ..visible import visible
from .columns import COLUMNS, Row, slab_record, slab_records, surface_records, surface_rows
from .faces import name_faces

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped] # it has no types

    from .energies.surface_data import SurfaceResults
    from .groups import GroupResults
    from .slab_data import RunResults
    from .terminations import Preview

#: The columns of a preview: the key of the datum, the name of the column.
_OF_PREVIEW = {
    'formula': 'formula',
    'n_atoms': 'n_atoms',
    'area': 'area_angstrom2',
    'thickness': 'thickness_angstrom',
    'vacuum': 'vacuum_angstrom',
    'symmetric': 'symmetric',
    'stoichiometric': 'stoichiometric',
    'polar': 'polar',
    'tasker': 'tasker',
    'broken_bonds': 'broken_bonds_per_angstrom2',
    'kpoints': 'kpoints',
}


def frame_of(
    records: Sequence[Mapping[str, Any]], names: Iterable[str] = ('label',)
) -> pd.DataFrame:
    """Return records as a frame whose index is the label; names of columns end in their units.

    :param names: the columns of a frame without rows.
    """
    import pandas as pd

    columns = list(records[0]) if records else list(names)
    return pd.DataFrame.from_records(records, columns=columns).set_index('label')


def run_frame(results: RunResults) -> pd.DataFrame:
    """Return a row for each slab of a run."""
    return frame_of(slab_records(results), [column.key for column in COLUMNS])


def group_frame(results: GroupResults) -> pd.DataFrame:
    """Return a row for each slab of a group, by crystal and label."""
    import pandas as pd

    keys = ['crystal', *(column.key for column in COLUMNS)]
    records = [{'crystal': name, **slab_record(slab)} for name, slab in results.rows()]
    return pd.DataFrame.from_records(records, columns=keys).set_index(['crystal', 'label'])


def energies_frame(results: SurfaceResults) -> pd.DataFrame:
    """Return a row for each slab with a surface energy, and for each that was refused."""
    return frame_of(surface_records(results))


def preview_frame(found: Preview) -> pd.DataFrame:
    """Return a row for each termination."""
    return frame_of(_preview_records(found))


def _preview_records(found: Preview) -> list[Row]:
    return [
        {
            'label': label,
            'plane': _plane(termination),
            'outermost_layers': name_faces(termination),
            **{name: termination[key] for key, name in _OF_PREVIEW.items()},
        }
        for label, termination in found.terminations.items()
    ]


def _plane(termination: Mapping[str, Any]) -> str | None:
    indices = termination['miller_indices']
    return format_plane(indices) if indices else None


def run_html(results: RunResults) -> str:
    """Return a run as HTML: its state, its slabs, and why some have failed."""
    shown = [column for column in COLUMNS if column.heading and column.applies(results.slabs)]
    rows = [{column.name: column.show(slab) for column in shown} for slab in results.slabs]
    state = results.state if results.exit_status is None else f'finished [{results.exit_status}]'
    notes = [
        f'{slab.label} failed: {slab.failure.message}'
        for slab in results.slabs
        if slab.failure is not None
    ]
    notes += [
        f'{slab.label} excluded: {slab.excluded}'
        for slab in results.slabs
        if slab.excluded is not None
    ]
    if not results.comparable:
        notes.append(
            f'The slabs differ in {results.difference}: their total energies are not comparable.'
        )
    return _html(
        f'SlabRelaxWorkChain<{results.pk}> {state}', rows, [*notes, *_programs(results.programs)]
    )


def group_html(results: GroupResults) -> str:
    """Return the runs of a group as HTML: their slabs, and why some have failed."""
    found = [*results.rows()]
    slabs = [slab for _, slab in found]
    shown = [column for column in COLUMNS if column.heading and column.applies(slabs)]
    rows = [
        {'crystal': name, **{column.name: column.show(slab) for column in shown}}
        for name, slab in found
    ]
    notes = [
        f'{name} {slab.label} failed: {slab.failure.message}'
        for name, slab in found
        if slab.failure is not None
    ]
    return _html(results.summary, rows, [*notes, *_programs(results.programs)])


def energies_html(results: SurfaceResults) -> str:
    """Return surface energies as HTML."""
    rows = [{name: _text(value) for name, value in row.items()} for row in surface_rows(results)]
    filled = [name for name in rows[0] if any(row[name] != '–' for row in rows)] if rows else []
    shown = [{name: row[name] for name in filled} for row in rows]
    heading = f'Surface energies of node {results.pk}'
    return _html(heading, shown, _programs(results.programs))


def preview_html(found: Preview) -> str:
    """Return terminations as HTML, with what was excluded."""
    rows = [
        {name: _text(value) for name, value in record.items()} for record in _preview_records(found)
    ]
    excluded = [f'excluded: {slab["what"]}: {slab["reason"]}' for slab in found.excluded]
    return _html(found.origin, rows, filter(None, [found.warning, *excluded]))


def _programs(programs: Sequence[str]) -> Iterator[str]:
    """Yield a line on the programs that computed the energies, if they are known."""
    from .relaxations.programs import describe_programs

    if line := describe_programs(programs):
        yield line


def _text(value: object) -> str:
    if value is None:
        return '–'
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    if isinstance(value, list):
        return '×'.join(map(str, value))
    return f'{value:.4g}' if isinstance(value, float) else str(value)


def _html(heading: str, rows: Sequence[Mapping[str, str]], notes: Iterable[str]) -> str:
    """Return a heading, a table and notes as HTML; all texts are escaped."""
    lines = [f'<p><b>{_escaped(heading)}</b></p>']
    if rows:
        head = ''.join(f'<th>{_escaped(name)}</th>' for name in rows[0])
        body = ''.join(
            f'<tr>{"".join(f"<td>{_escaped(value)}</td>" for value in row.values())}</tr>'
            for row in rows
        )
        lines.append(f'<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')
    else:
        lines.append('<p>No slabs (yet).</p>')
    lines += [f'<p>{_escaped(note)}</p>' for note in notes]
    return '\n'.join(lines)


def _escaped(text: str) -> str:
    return '<br>'.join(escape(visible(line)) for line in text.splitlines())
