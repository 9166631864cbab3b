"""Lines of the report of the work chain."""

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


def describe_summary(formulas: Sequence[str], relaxed: int, excluded: int) -> str:
    """Return the line on a run that has ended.

    :param formulas: of all its slabs.
    :param relaxed: how many of them have relaxed.
    :param excluded: how many were left out.
    """
    summary = f'{relaxed} of {len(formulas)} slabs relaxed'
    if excluded:
        summary += f', {excluded} excluded'
    if len(set(formulas)) > 1:
        summary += '; total energies of different compositions are not comparable'
    return summary


def describe_allowed(failed: int, total: int, details: str) -> str:
    """Return the line on failed relaxations of a run that has succeeded."""
    return f'{failed} of {total} relaxations failed, which `min_success_fraction` allows: {details}'
