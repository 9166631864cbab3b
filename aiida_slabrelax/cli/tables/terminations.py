"""A manifest of slabs as a table for people, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

from ...surfaces import format_plane
from ..for_programs import to_json
from ..params.cut_options import in_words_of_options
from ..printing import lines, table

if TYPE_CHECKING:
    from ...results.terminations import Manifest

#: The number of layers of a face that are shown.
_LAYERS = 4

_HEADINGS = (
    'label',
    'formula',
    'atoms',
    'area\n(Å²)',
    'thickness\n(Å)',
    'vacuum\n(Å)',
    'sym-\nmetric',
    'stoichiometric,\nexcess',
    'polar',
    'k-points',
    'outermost layers\nof the face',
)


def as_json(manifest: Manifest) -> str:
    """Return ``{"terminations": [{"label": …, …}], "dropped": […]}``; unknown values are null."""
    terminations = [{'label': label, **facts} for label, facts in manifest.facts.items()]
    content = {'terminations': terminations, 'dropped': manifest.dropped}
    return to_json(content)


def as_text(manifest: Manifest) -> str:
    """Return the origin of the slabs, their table, remarks, the slabs left out and the cost."""
    blocks = [manifest.origin, *_planes(manifest)]
    blocks.append(
        table(
            [_row(label, facts) for label, facts in manifest.facts.items()],
            headers=_HEADINGS,
            disable_numparse=True,
            colalign=(
                *('left', 'left', 'right', 'right', 'right', 'right'),
                *('left', 'left', 'left', 'left', 'left'),
            ),
        )
    )
    if remarks := [
        f'{label}: {remark}'
        for label, facts in manifest.facts.items()
        for remark in facts['remarks']
    ]:
        blocks.append(lines(remarks))
    if manifest.dropped:
        left_out = describe_left_out(manifest.dropped)
        blocks.append(lines(['Left out:', *(f'  {line}' for line in left_out)]))
    blocks.append(_cost(manifest))
    return '\n\n'.join(blocks)


def _row(label: str, facts: dict[str, Any]) -> list[str | tuple[str, ...]]:
    return [
        label,
        facts['formula'],
        str(facts['n_atoms']),
        f'{facts["area"]:.2f}',
        f'{facts["thickness"]:.2f}',
        f'{facts["vacuum"]:.2f}',
        _yes_or_no(facts['symmetric']),
        _stoichiometry(facts),
        _polarity(facts),
        '×'.join(map(str, facts['kpoints'])),
        _faces(facts),
    ]


def _yes_or_no(value: bool | None) -> str:
    return '–' if value is None else 'yes' if value else 'no'


def _stoichiometry(facts: dict[str, Any]) -> str:
    excess = [
        f'{element} +{number:.3g}' for element, number in (facts['excess'] or {}).items() if number
    ]
    return ', '.join([_yes_or_no(facts['stoichiometric']), *excess])


def _polarity(facts: dict[str, Any]) -> str:
    """Return whether a slab is polar; with the source if that is oxidation states."""
    source = facts['polar_source']
    return f'{facts["polar"]} ({source})' if source in ('given', 'guessed') else facts['polar']


def _faces(facts: dict[str, Any]) -> tuple[str, ...]:
    """Return the layers from the surface inwards, also of the lower face if it differs."""
    top, bottom = (_layers(facts[face]) for face in ('top', 'bottom'))
    return (top,) if facts['symmetric'] else (top, f'{bottom} (below)')


def _layers(layers: list[tuple[str, float]]) -> str:
    names = [name for name, _ in layers]
    return ' / '.join(names[:_LAYERS] + ['…'] * (len(names) > _LAYERS))


def _planes(manifest: Manifest) -> Iterator[str]:
    """Yield the planes in the conventional cell, if their indices differ there."""
    names = {
        tuple(facts['miller_indices']): tuple(facts['conventional_miller_indices'])
        for facts in manifest.facts.values()
        if facts['miller_indices']
    }
    if others := [
        f'{format_plane(plane)} is {format_plane(name)}'
        for plane, name in names.items()
        if plane != name
    ]:
        yield f'In the conventional cell {", ".join(others)}.'


def describe_left_out(dropped: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each surface or slab that was left out, with the reason."""
    for entry in dropped:
        plane = format_plane(entry['miller_indices'])
        what = plane if entry['what'] == plane else f'{plane} {entry["what"]}'
        yield f'{what}: {in_words_of_options(entry["reason"])}'


def _cost(manifest: Manifest) -> str:
    facts = manifest.facts.values()
    atoms = [slab['n_atoms'] for slab in facts]
    kpoints = [prod(slab['kpoints']) for slab in facts]
    return (
        f'Cost: {len(atoms)} slab{"s" * (len(atoms) != 1)}, {sum(atoms)} atoms (at most '
        f'{max(atoms)} in one), {sum(kpoints)} k-points before symmetry (at most {max(kpoints)}).'
    )
