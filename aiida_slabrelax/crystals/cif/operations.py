"""The symmetry operations that a CIF lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

#: The lists of the older and of the newer dictionary. A file may have both.
_LISTS = ('_symmetry_equiv_pos_as_xyz', '_space_group_symop_operation_xyz')


def compare_lists(tags: Mapping[str, Any]) -> Iterator[str]:
    """Yield an objection if two lists of operations differ; a reader takes one or the other.

    :param tags: of a block, with names in lower case.
    """
    lists = [tags[name] for name in _LISTS if tags.get(name)]
    groups = {
        frozenset(map(_read, [listed] if isinstance(listed, str) else listed)) for listed in lists
    }
    if len(groups) > 1:
        counts = ' and '.join(str(len(group)) for group in groups)
        yield f'it lists its symmetry operations twice, and the lists differ: {counts} operations'


def with_exact_fractions(operations: Any) -> Any:
    """Return operations whose translations are fractions where they are written as decimals."""
    if isinstance(operations, list):
        return [with_exact_fractions(operation) for operation in operations]

    def replace(match: re.Match[str]) -> str:
        fraction = Fraction(match[0]).limit_denominator(24)
        return str(fraction) if abs(float(fraction) - float(match[0])) < 1e-3 else match[0]

    return re.sub(r'\d*\.\d+', replace, str(operations))


def _read(operation: str) -> tuple[float, ...]:
    """Return the numbers of an operation, with a translation in one cell."""
    from pymatgen.core.operations import SymmOp

    read = SymmOp.from_xyz_str(with_exact_fractions(operation))
    translation = read.translation_vector.round(4) % 1.0
    return (*read.rotation_matrix.ravel().tolist(), *translation.round(4).tolist())
