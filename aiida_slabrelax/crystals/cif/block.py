"""A block of a CIF: its crystal, compared with the declared sites, symmetry and composition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..content import Found, NoCrystalError, choose, count_elements
from ..pymatgen_data import to_data
from .formula import compare_with_formula, formula_of, units_of
from .moments import check_moments, find_spins, is_magnetic
from .operations import compare_lists, with_exact_fractions
from .settings import find_code, find_operations, has_two_origins
from .sites import NOTHING, Sites, read_sites, some
from .special_positions import rounding_error, to_special_position

#: How much lengths and angles of the lattice may change under its own symmetry, relatively.
METRIC_TOLERANCE = 0.01

#: A site that is moved by more than this (Å) gets a remark.
WORTH_A_REMARK = 1e-4

_LIST = re.compile('_(symmetry_equiv_pos|space_group_symop)')
_SYMMETRY = re.compile('_(symmetry|space_group)_')
_GROUP = re.compile('_(symmetry|space_group)_(.*name_h.*|int_tables_number|it_number)')

#: Tags that pymatgen knows in this spelling only; all others are in lower case.
_SPELT = {
    name.lower(): name
    for name in (
        '_symmetry_space_group_name_H-M',
        '_symmetry_Int_Tables_number',
        '_space_group_IT_number',
        '_space_group_name_H-M_alt',
        '_space_group_name_Hall',
    )
}


def is_cif(path: Path) -> bool:
    """Return whether a file has the name of a CIF."""
    return any(ending in path.name.lower() for ending in ('.cif', '.mcif'))


def read_cif_file(path: Path, index: int | None) -> Found:
    """Read a CIF.

    :param index: which of the blocks with sites, counted from 0.
    :raises ValueError: if it cannot be read.
    """
    from ase.io.formats import open_with_compression

    with open_with_compression(str(path), 'rb') as file:
        text = file.read().decode('utf-8', 'replace')
    block = _choose_block(text, index)
    return _Block(block).read()


def _choose_block(text: str, index: int | None) -> str:
    """Return the text of the block with sites."""
    blocks = []
    for part in re.split(r'^\s*data_', f'x\n{text}', flags=re.MULTILINE | re.IGNORECASE)[1:]:
        if re.search('_atom_site[_.]fract_x', part, flags=re.IGNORECASE):
            blocks.append(f'data_{part}')
    if not blocks:
        raise NoCrystalError('there is no block with fractional coordinates of sites in it')
    return blocks[choose(len(blocks), index, 'crystals, each in a block')]


class _Block:
    """A block of a CIF.

    :ivar tags: strings and columns of strings; names in lower case and without dots, for both
        dictionaries of CIF.
    """

    def __init__(self, text: str) -> None:
        from pymatgen.io.cif import CifBlock

        self.text = text
        block = CifBlock.from_str(text)
        self.tags = {name.lower().replace('.', '_'): value for name, value in block.data.items()}
        self.magnetic = is_magnetic(self.tags)

    @cached_property
    def lists_operations(self) -> bool:
        """Whether its operations are listed."""
        return any(_LIST.match(name) and value not in NOTHING for name, value in self.tags.items())

    @cached_property
    def setting(self) -> str | None:
        """The code of the setting of its space group, if nothing else determines its operations."""
        return None if self.magnetic or self.lists_operations else find_code(self.tags)

    @cached_property
    def of_setting(self) -> list[str] | None:
        """The operations of this setting, if they are known."""
        return None if self.setting is None else find_operations(self.tags, self.setting)

    def read(self) -> Found:
        """Return the crystal."""
        sites = read_sites(self.tags)
        if not sites.labels:
            raise NoCrystalError('there is no site with an atom in it')
        from pymatgen.io.cif import CifBlock

        parser = self._parser()
        data = CifBlock(next(iter(parser.as_dict().values())), [], 'crystal')
        lattice = parser.get_lattice(data)
        if lattice is None:
            raise NoCrystalError('there is no cell in it')
        vectors = np.array(lattice.matrix)
        operations = (parser.get_magsymops if self.magnetic else parser.get_symops)(data)
        rotations = np.array([operation.rotation_matrix for operation in operations])
        translations = np.array([operation.translation_vector for operation in operations])
        objections = [*sites.objections, *_compare_with_cell(rotations, vectors)]
        moved = _snap(sites, rotations, translations, vectors)
        with_sites = _parse(_write({**data.data, **self._columns(sites)}))
        try:
            structure = with_sites.parse_structures(primitive=False, on_error='raise')[0]
        except ValueError as error:
            if match := re.search(r'Occupancy ([\d.]+) exceeded', str(error)):
                raise NoCrystalError(
                    f'the occupancies of a site sum to {float(match[1]):g}, more than 1'
                ) from error
            raise
        crystal = to_data(structure)
        if not self.magnetic:
            labels = self._columns(sites)['_atom_site_label']
            crystal['moments'] = find_spins(sites, labels, structure)
        differences = list(compare_with_formula(self.tags, count_elements(crystal['species'])))
        if sites.guessed and (differences or formula_of(self.tags) is None):
            differences.append(
                f'elements are guessed from the names of sites: {some(sites.guessed)}'
            )
        confirmed = not differences and units_of(self.tags) is not None
        remarks, doubted = (
            ([], [])
            if self.magnetic
            else self._describe_symmetry(
                rotations,
                translations,
                vectors,
                confirmed and formula_of(self.tags) is not None,
            )
        )
        return Found(
            crystal=crystal,
            remarks=[*sites.remarks, *moved, *remarks],
            objections=[*objections, *differences, *doubted, *check_moments(self.tags)],
            # ASE knows no magnetic operations, and few settings.
            reader=None if self.magnetic or self.of_setting else 'pymatgen',
        )

    def _parser(self) -> Any:
        """Return a parser of pymatgen that makes no corrections of its own."""
        if self.magnetic:
            return _parse(self.text)
        tags = {
            _SPELT.get(name, name): (with_exact_fractions(value) if _LIST.match(name) else value)
            for name, value in self.tags.items()
            if name.startswith('_cell_') or (_SYMMETRY.match(name) and value not in NOTHING)
        }
        if self.of_setting is not None:
            tags['_symmetry_equiv_pos_as_xyz'] = self.of_setting
        return _parse(_write(tags))

    def _columns(self, sites: Sites) -> dict[str, list[str]]:
        """Return the loop of the sites that hold atoms; only moments need the names of the file."""
        columns = zip(*sites.coordinates, strict=True)
        numbered = [f'{element}{number}' for number, element in enumerate(sites.elements, 1)]
        return {
            '_atom_site_label': sites.labels if self.magnetic else numbered,
            '_atom_site_type_symbol': sites.elements,
            **{
                f'_atom_site_fract_{axis}': list(one)
                for axis, one in zip('xyz', columns, strict=True)
            },
            '_atom_site_occupancy': [repr(occupancy) for occupancy in sites.occupancies],
        }

    def _describe_symmetry(
        self,
        rotations: NDArray[np.float64],
        translations: NDArray[np.float64],
        vectors: NDArray[np.float64],
        confirmed: bool,
    ) -> tuple[list[str], list[str]]:
        """Return remarks and objections if no operations are listed.

        :param confirmed: whether the composition is known to be right.
        """
        if self.lists_operations:
            return [], list(compare_lists(self.tags))
        names = [
            value.strip()
            for name, value in self.tags.items()
            if _GROUP.match(name) and isinstance(value, str) and value not in NOTHING
        ]
        if not names:
            message = 'it says nothing of its symmetry, P 1 is taken'
            return ([message], []) if confirmed else ([], [message])
        if any(re.fullmatch(r'1|[PA-F]\s*1', name) for name in names):
            return [], []
        shown = ', '.join(dict.fromkeys(names))
        if len(rotations) == 1:
            return [], [f'the operations of its space group {shown} are not known, P 1 is taken']
        message = f'it lists no operations; those of its space group {shown} are taken'
        if self.of_setting is not None:
            return [f'{message}, in the setting {self.setting}'], []
        if self.setting is not None:
            return [], [f'the setting {self.setting} of its space group {shown} is not known']
        if not has_two_origins(rotations, translations, vectors):
            return [message], []
        message += ', which has two choices of the origin'
        return ([message], []) if confirmed else ([], [message])


def _parse(text: str) -> Any:
    from pymatgen.io.cif import CifParser

    return CifParser.from_str(text, frac_tolerance=0, check_cif=False)


def _write(tags: dict[str, Any]) -> str:
    """Return a CIF with one block; each column is a loop of its own, whatever its length."""
    from pymatgen.io.cif import CifBlock

    loops = [[name] for name, value in tags.items() if isinstance(value, list)]
    return str(CifBlock(tags, loops, 'crystal'))


def _compare_with_cell(
    rotations: NDArray[np.float64], vectors: NDArray[np.float64]
) -> Iterator[str]:
    """Yield an objection if the operations do not preserve the lattice's lengths and angles."""
    metric = vectors @ vectors.T
    scale = np.sqrt(np.outer(np.diag(metric), np.diag(metric)))
    images = np.transpose(rotations, (0, 2, 1)) @ metric @ rotations
    if (np.abs(images - metric) > METRIC_TOLERANCE * scale.max()).any():
        yield 'its symmetry does not fit its cell (another setting of the space group?)'


def _snap(
    sites: Sites,
    rotations: NDArray[np.float64],
    translations: NDArray[np.float64],
    vectors: NDArray[np.float64],
) -> list[str]:
    """Move sites with rounded coordinates to their special positions, and return remarks."""
    moves = []
    for number, texts in enumerate(sites.coordinates):
        given = [float(text) for text in texts]
        errors = [rounding_error(text) for text in texts]
        moved = to_special_position(given, errors, rotations, translations, vectors)
        sites.coordinates[number] = _texts(moved)
        distance = float(np.linalg.norm((moved - np.array(given)) @ vectors))
        if distance > WORTH_A_REMARK:
            new = ', '.join(f'{coordinate:.5g}' for coordinate in moved)
            moves.append(f'{sites.labels[number]} ({", ".join(texts)}) to ({new})')
    if not moves:
        return []
    more = f' and {len(moves) - 3} more' if len(moves) > 3 else ''
    shown = '; '.join(moves[:3])
    return [f'rounded coordinates are moved to the special positions they mean: {shown}{more}']


def _texts(position: NDArray[np.float64]) -> tuple[str, str, str]:
    x, y, z = map(float, position)
    return repr(x), repr(y), repr(z)
