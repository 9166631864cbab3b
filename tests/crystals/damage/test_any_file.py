"""Random content for every reader of files: a crystal, or an error of one line.

``--every-file`` damages a thousand files of each format.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
import pytest
from ase.build import bulk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure
from pymatgen.io.cif import CifWriter

from aiida_slabrelax.crystals.checking import MOST_ATOMS
from aiida_slabrelax.crystals.data_files import read_data
from aiida_slabrelax.crystals.reading import CrystalFileError, read_file

#: A crystal with magnetic moments and kinds.
MAGNETIC = Structure(
    Lattice.orthorhombic(3, 4, 5),
    ['Fe', 'Fe', 'O'],
    [[0, 0, 0], [0.5, 0.5, 0.5], [0, 0.5, 0]],
    site_properties={'kind_name': ['Fe1', 'Fe2', 'O'], 'magmom': [2.0, -2.0, 0.0]},
)

SETTINGS = settings(
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(['lattice', 'matrix', 'sites', 'species', 'abc', 'ids', '1', '@class']),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(SETTINGS, max_examples=150)
@given(data=st.data())
def test_any_json_and_yaml(tmp_path: Path, data: st.DataObject) -> None:
    """The reader of data raises ``ValueError`` and nothing else, beside that of depth."""
    content: Any = json.loads(MAGNETIC.to_json())
    for _ in range(data.draw(st.integers(0, 3))):
        place: Any = content
        while isinstance(place, (dict, list)) and place:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = data.draw(st.sampled_from(keys))
            if data.draw(st.booleans()):
                place[key] = data.draw(json_values)
                break
            place = place[key]
    content = data.draw(st.just(content) | json_values)
    path = tmp_path / data.draw(st.sampled_from(['a.json', 'a.yaml']))
    path.write_text(json.dumps(content))
    try:
        read = read_data(path)
    except ValueError:
        return
    assert set(read['crystal']) >= {'matrix', 'species'}


#: Names of files, by what writes them. Those of pymatgen hold magnetic moments.
BY_ASE = ('a.cif', 'POSCAR', 'a.xsf', 'a.xyz', 'a.traj', 'a.gen', 'a.json', 'a.cube', 'a.pwi')
BY_PYMATGEN = ('a.cssr', 'a.mcif', 'a.yaml')
FORMATS = (*BY_ASE, *BY_PYMATGEN)
WITH_MOMENTS = ('a.xyz', 'a.traj', 'a.json', 'a.pwi')


@pytest.fixture(scope='module')
def valid(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same crystal in several formats."""
    folder = tmp_path_factory.mktemp('formats')
    atoms = bulk('NiO', 'rocksalt', a=4.17, cubic=True)
    magnetic = atoms.copy()
    magnetic.set_initial_magnetic_moments([2.0, 0.0] * 2 + [-2.0, 0.0] * 2)
    for name in BY_ASE:
        potentials = {'pseudopotentials': {'Ni': 'Ni.UPF', 'O': 'O.UPF'}} if 'pwi' in name else {}
        ase.io.write(folder / name, magnetic if name in WITH_MOMENTS else atoms, **potentials)
    for name in BY_PYMATGEN:
        if name == 'a.mcif':
            CifWriter(MAGNETIC, write_magmoms=True).write_file(folder / name)
        else:
            MAGNETIC.to(filename=str(folder / name))
    return {name: (folder / name).read_bytes() for name in FORMATS}


WORDS = st.sampled_from(
    [b'nan', b'inf', b'-1', b'0', b'1e300', b'1e-5', b'999999999', b'9' * 6000, b'\n', b'\xff', b'']
) | st.binary(max_size=8)


@pytest.mark.parametrize('name', FORMATS)
def test_any_file(
    tmp_path: Path, valid: dict[str, bytes], name: str, pytestconfig: pytest.Config
) -> None:
    path = tmp_path / name
    path.write_bytes(valid[name])
    assert len(read_file(path).structure) in (3, 8)

    @settings(SETTINGS, max_examples=1000 if pytestconfig.getoption('every_file') else 15)
    @given(data=st.data())
    def look_at(data: st.DataObject) -> None:
        content = valid[name]
        for _ in range(data.draw(st.integers(0, 4))):
            if data.draw(st.booleans()):  # a word
                words = [match.span() for match in re.finditer(rb'[^\s,:;"\[\]{}()]+', content)]
                place, end = data.draw(st.sampled_from(words or [(0, 0)]))
            else:
                place = data.draw(st.integers(0, len(content)))
                end = place + data.draw(st.integers(0, 8))
            content = content[:place] + data.draw(WORDS) + content[end:]
        path.write_bytes(data.draw(st.just(content) | st.binary(max_size=200)))
        try:
            reading = read_file(path, read_anyway=True)
        except CrystalFileError as error:
            messages: tuple[str, ...] = (str(error),)
        else:
            assert 0 < len(reading.structure) <= MOST_ATOMS
            assert np.isfinite(reading.structure.cart_coords).all()
            messages = reading.remarks
        assert [one for one in messages if '\n' in one or len(one) >= 1000] == []

    look_at()
