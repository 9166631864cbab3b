"""Checks of INCAR tags that have a value for each site or kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiida.orm import StructureData
from aiida_vasp.parsers.content_parsers.potcar import MultiPotcarIo

#: The tags with a value for each kind, in the order in which POSCAR has them.
OF_KINDS = ('ldaul', 'ldauu', 'ldauj')


def check_lists(incar: Mapping[str, Any], slab: StructureData) -> Iterator[str]:
    """Yield what is wrong with the lists in an INCAR for a slab.

    aiida-vasp writes them unchanged. In its POSCAR, consecutive sites of the same kind are one type
    of VASP; if the kind occurs again later, it is another type.

    :param incar: tags in lower case.
    """
    sites = len(slab.sites)
    if (count := _count(incar.get('magmom'))) is not None:
        vectors = incar.get('lnoncollinear') or incar.get('lsorbit')
        needed = 3 * sites if vectors else sites
        if count != needed:
            yield (
                f'MAGMOM has {count} values and needs {needed}, '
                f'{"three" if vectors else "one"} for each of {sites} sites; '
                '`magmom_mapping` gives them by kind'
            )
    kinds = [name for name, _ in MultiPotcarIo.count_kinds(slab)]
    for tag in OF_KINDS:
        if (count := _count(incar.get(tag))) is not None and count != len(kinds):
            yield (
                f'{tag.upper()} has {count} values and needs {len(kinds)}, for {", ".join(kinds)}; '
                '`ldau_mapping` gives them by kind'
            )


def _count(value: Any) -> int | None:
    """Return the number of values of a tag; ``3*0.6`` counts three times."""
    if value is None:
        return None
    words = value.split() if isinstance(value, str) else value if _is_list(value) else [value]
    return sum(_times(str(word)) for word in words)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _times(word: str) -> int:
    number, star, _ = word.partition('*')
    if not star or not number.isdecimal():
        return 1
    # Python refuses numbers of thousands of digits, and no crystal has so many atoms.
    return int(number) if len(number) <= 12 else 10**12
