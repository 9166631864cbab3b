"""Slabs with their data, as a table for people, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

from ...results.faces import name_lost
from ...surfaces import format_plane
from ..for_programs import to_json
from ..params.slab_options import in_words_of_options
from ..printing import lines, table

if TYPE_CHECKING:
    from ...results.terminations import Preview

#: The number of layers of a face that are shown.
_LAYERS = 4

#: The ends of the keys of quantities in JSON.
_UNITS = {
    'area': '_angstrom2',
    'thickness': '_angstrom',
    'vacuum': '_angstrom',
    'requested_thickness': '_angstrom',
    'layer_tolerance': '_angstrom',
    'broken_bonds': '_per_angstrom2',
}

_NUMBERS = (
    'atoms',
    'area\n(Å²)',
    'thickness\n(Å)',
    'vacuum\n(Å)',
    'broken bonds\n(1/Å²)',
)

_HEADINGS = (
    'label',
    'plane',
    'outermost layers\nof the face',
    'formula',
    *_NUMBERS[:4],
    'symmetric',
    'stoichiometric,\nexcess',
    'polar',
    'Tasker',
    'broken bonds\n(1/Å²)',
    'lost neighbours\nof the face',
    'k-points',
)


def as_json(found: Preview) -> str:
    """Return ``{"terminations": [{"label": …, …}], "excluded": […]}``; unknown values are null.

    Keys of quantities end in their units.
    """
    terminations = [
        {'label': label, **_with_units(termination)}
        for label, termination in found.terminations.items()
    ]
    content = {'terminations': terminations, 'excluded': found.excluded}
    return to_json(content)


def _with_units(termination: dict[str, Any]) -> dict[str, Any]:
    named = {f'{key}{_UNITS.get(key, "")}': value for key, value in termination.items()}
    for face in ('top', 'bottom'):
        named[face] = [{'layer': name, 'gap_angstrom': gap} for name, gap in termination[face]]
    return named


def as_text(found: Preview) -> str:
    """Return the origin of the slabs, their table, remarks, what was excluded and the cost."""
    blocks = [found.origin, *_planes(found)]
    blocks.append(
        table(
            [_row(label, termination) for label, termination in found.terminations.items()],
            _HEADINGS,
            numbers=_NUMBERS,
        )
    )
    if remarks := [
        f'{label}: {remark}'
        for label, termination in found.terminations.items()
        for remark in termination['remarks']
    ]:
        blocks.append(lines(remarks))
    if details := list(_details(found)):
        blocks.append(lines(details))
    if found.excluded:
        excluded = list_excluded(found.excluded)
        blocks.append(lines(['Excluded:', *(f'  {line}' for line in excluded)]))
    blocks.append(_cost(found))
    return '\n\n'.join(blocks)


def _details(found: Preview) -> Iterator[str]:
    """Yield what was kept whole, and the charges that decide about Tasker's types."""
    slabs = found.terminations.values()
    if whole := sorted({name for slab in slabs for name in slab['kept_whole']}):
        yield f'Kept whole: {", ".join(whole)}.'
    reasons = [slab['tasker_reason'] for slab in slabs if slab['tasker_reason']]
    for charges in dict.fromkeys(reason.partition('(')[2].rstrip(')') for reason in reasons):
        yield f"Tasker's types come from {charges}."


def _lost(termination: dict[str, Any]) -> str | tuple[str, ...]:
    """Return the neighbours that atoms have lost, also on the lower face if it differs."""
    faces = termination['lost_neighbours']
    if faces is None:
        return '–'
    top, _, bottom = name_lost(faces).partition(' | ')
    return (top, f'{bottom} (below)') if bottom else top


def _row(label: str, termination: dict[str, Any]) -> list[str | tuple[str, ...]]:
    return [
        label,
        _plane(termination),
        _faces(termination),
        termination['formula'],
        str(termination['n_atoms']),
        f'{termination["area"]:.2f}',
        f'{termination["thickness"]:.2f}',
        f'{termination["vacuum"]:.2f}',
        _yes_or_no(termination['symmetric']),
        _stoichiometry(termination),
        _polarity(termination),
        termination['tasker'] or '–',
        '–' if termination['broken_bonds'] is None else f'{termination["broken_bonds"]:.3f}',
        _lost(termination),
        '×'.join(map(str, termination['kpoints'] or '–')),
    ]


def _plane(termination: dict[str, Any]) -> str:
    indices = termination['miller_indices']
    return format_plane(indices) if indices else '–'


def _yes_or_no(value: bool | None) -> str:
    return '–' if value is None else 'yes' if value else 'no'


def _stoichiometry(termination: dict[str, Any]) -> str:
    excess = [
        f'{element} +{number:.3g}'
        for element, number in (termination['excess'] or {}).items()
        if number
    ]
    return ', '.join([_yes_or_no(termination['stoichiometric']), *excess])


def _polarity(termination: dict[str, Any]) -> str:
    """Return whether a slab is polar; with the source if that is oxidation states."""
    polar, source = termination['polar'], termination['polar_source']
    return f'{polar} ({source})' if source in ('given', 'guessed') else polar


def _faces(termination: dict[str, Any]) -> tuple[str, ...]:
    """Return the layers from the surface inwards, also of the lower face if it differs."""
    top, bottom = (_layers(termination[face]) for face in ('top', 'bottom'))
    if termination['lower_part'] is not None:
        return (f'{top} ({termination["identity"].rpartition("~")[2]} below)',)
    return (top,) if termination['symmetric'] else (top, f'{bottom} (below)')


def _layers(layers: list[tuple[str, float]]) -> str:
    names = [name for name, _ in layers]
    return ' / '.join(names[:_LAYERS] + ['…'] * (len(names) > _LAYERS))


def _planes(found: Preview) -> Iterator[str]:
    """Yield the cell of the planes, if their indices differ in the conventional one."""
    names = {
        tuple(termination['miller_indices']): tuple(termination['conventional_miller_indices'])
        for termination in found.terminations.values()
        if termination['miller_indices']
    }
    if others := [
        f'{format_plane(plane)} is {format_plane(name)}'
        for plane, name in names.items()
        if plane != name
    ]:
        hint = '' if found.is_of_run else ' (--indices-of conventional takes such indices)'
        yield (
            'Planes are those of the cell as given; in the conventional cell '
            f'{", ".join(others)}{hint}.'
        )


def list_excluded(excluded: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each surface or slab that was excluded, with the reason."""
    for entry in excluded:
        plane = format_plane(entry['miller_indices'])
        what = plane if entry['what'] == plane else f'{plane} {entry["what"]}'
        yield f'{what}: {in_words_of_options(entry["reason"])}'


def _cost(found: Preview) -> str:
    terminations = found.terminations.values()
    atoms = [slab['n_atoms'] for slab in terminations]
    kpoints = [prod(slab['kpoints']) for slab in terminations if slab['kpoints']]
    cost = (
        f'Cost: {len(atoms)} slab{"s" * (len(atoms) != 1)}, {sum(atoms)} atoms (at most '
        f'{max(atoms)} in one)'
    )
    if len(kpoints) == len(atoms):
        cost += f', {sum(kpoints)} k-points before symmetry (at most {max(kpoints)})'
    return f'{cost}.'
