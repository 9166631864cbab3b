"""What the work chain says of terminations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...surfaces import format_plane


def describe_terminations(terminations: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each termination and for what a user should know of it.

    :param terminations: the facts of each, as ``generate_slabs`` returns them.
    """
    for label, facts in sorted(terminations.items()):
        properties = [
            facts['formula'],
            f'{facts["n_atoms"]} atoms',
            f'{facts["thickness"]:.2f} Å thick',
            'symmetric' if facts['symmetric'] else 'asymmetric',
            'stoichiometric' if facts['stoichiometric'] else 'non-stoichiometric',
        ]
        yield f'{label}: {", ".join(properties)}'
        for remark in facts['remarks']:
            yield f'{label}: warning: {remark}'


def describe_dropped(dropped: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each surface or slab that was left out.

    :param dropped: the output of that name of ``generate_slabs``.
    """
    for one in dropped:
        plane = format_plane(one['miller_indices'])
        what = plane if one['what'] == plane else f'{plane} {one["what"]}'
        yield f'left out: {what}: {one["reason"]}'
