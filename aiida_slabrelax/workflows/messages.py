"""What the work chain says of terminations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


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
