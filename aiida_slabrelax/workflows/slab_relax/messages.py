"""What the work chain says of terminations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...surfaces import format_plane


def describe_terminations(terminations: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each termination and for what a user should know of it.

    :param terminations: what is known of each, as ``generate_slabs`` returns them.
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

    :param excluded: the output ``dropped`` of ``generate_slabs``.
    """
    for one in excluded:
        plane = format_plane(one['miller_indices'])
        what = plane if one['what'] == plane else f'{plane} {one["what"]}'
        yield f'excluded: {what}: {one["reason"]}'
