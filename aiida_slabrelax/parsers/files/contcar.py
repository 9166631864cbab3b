"""CONTCAR, read with pymatgen, except for the names of the elements."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from ..steps import Geometry, UnreadableError, finite


def read_contcar(text: str, symbols: Sequence[str]) -> Geometry:
    """Return the geometry in a CONTCAR.

    Since 6.4.2, VASP appends the hash of the potential to the symbol (``H/1a2b3c``), and it may
    truncate symbols. The order of sites is that of the input, so the names are replaced here.

    :param symbols: the elements of the sites, in VASP's order.
    :raises UnreadableError: if the file cannot be read, or has another number of sites.
    """
    from pymatgen.io.vasp.inputs import Poscar  # it imports scipy.signal and more, 30 MB

    lines = text.splitlines()
    if len(lines) < 8:
        raise UnreadableError('is empty' if not text.strip() else 'is cut off')
    names, counts = lines[5].split(), lines[6].split()
    if names and names[0].isdigit():
        raise UnreadableError('has no names of the elements: it comes from VASP before 5')
    try:
        numbers = [int(count) for count in counts]
        if sum(numbers) != len(symbols):
            raise UnreadableError(f'has {sum(numbers)} sites, the input structure {len(symbols)}')
        lines[5] = ' '.join(symbols)
        lines[6] = ' '.join(['1'] * len(symbols))
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            structure = Poscar.from_str('\n'.join(lines)).structure
    except UnreadableError:
        raise
    except Exception as error:  # pymatgen raises any exception for a damaged file
        raise UnreadableError(f'pymatgen: {type(error).__name__}: {error}') from error
    cell = finite(structure.lattice.matrix, (3, 3))
    positions = finite(structure.cart_coords, (len(symbols), 3))
    if cell is None or positions is None:
        raise UnreadableError('has numbers that are not finite')
    return Geometry(cell, positions)
