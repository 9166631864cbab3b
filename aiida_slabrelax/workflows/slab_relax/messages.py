"""The report of the work chain on terminations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...surfaces import format_plane


def describe_terminations(terminations: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each termination, and for each remark on it.

    :param terminations: the output ``terminations`` of ``generate_slabs``, as plain data.
    """
    for label, termination in sorted(terminations.items()):
        properties = [
            termination['formula'],
            f'{termination["n_atoms"]} atoms',
            f'{termination["thickness"]:.2f} Å thick',
            'symmetric' if termination['symmetric'] else 'asymmetric',
            'stoichiometric' if termination['stoichiometric'] else 'non-stoichiometric',
        ]
        yield f'{label}: {", ".join(properties)}'
        for remark in termination['remarks']:
            yield f'{label}: warning: {remark}'


def describe_excluded(excluded: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each surface or slab that was excluded.

    :param excluded: the output ``excluded`` of ``generate_slabs``.
    """
    for entry in excluded:
        plane = format_plane(entry['miller_indices'])
        what = plane if entry['what'] == plane else f'{plane} {entry["what"]}'
        yield f'excluded: {what}: {entry["reason"]}'
