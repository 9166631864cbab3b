"""Every command and Python see the same order of a magnetic crystal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import ase.io
import pytest
from aiida.orm import InstalledCode
from click.testing import Result
from pymatgen.core.structure import Structure

import aiida_slabrelax
from magnetic_crystals import antiferromagnetic_nickel_oxide

Invoke = Callable[..., Result]
CUT = ('--miller', 1, 0, 0, '--thickness', 5)
AREA = 4.178**2


@pytest.fixture
def magnetic(tmp_path: Path) -> Path:
    path = tmp_path / 'NiO.json'
    antiferromagnetic_nickel_oxide().to(str(path))
    return path


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / 'NiO.vasp'
    antiferromagnetic_nickel_oxide().to(str(path), fmt='poscar')
    return path


def test_preview(invoke: Invoke, magnetic: Path) -> None:
    shown = invoke('preview', magnetic, *CUT)
    assert 'magnetic moments (μB): Ni1 2, Ni2 -2, O 0' in shown.stdout
    assert 'Warning' not in shown.output
    (slab,) = json.loads(invoke('preview', magnetic, *CUT, '--json').stdout)['terminations']
    assert slab['area_angstrom2'] == pytest.approx(AREA)


def test_python(magnetic: Path) -> None:
    crystals = (
        aiida_slabrelax.read_crystal(magnetic),
        antiferromagnetic_nickel_oxide(),
        ase.io.read(_extxyz(magnetic)),
    )
    for crystal in crystals:
        found = aiida_slabrelax.preview(crystal, [1, 0, 0], min_slab_thickness=5)
        assert found.terminations['slab_00']['area'] == pytest.approx(AREA)
        assert found.warning is None


def _extxyz(path: Path) -> Path:
    atoms = antiferromagnetic_nickel_oxide().to_ase_atoms()
    ase.io.write(path.with_suffix('.extxyz'), atoms)
    return path.with_suffix('.extxyz')


def test_exported_slabs_keep_the_order(invoke: Invoke, magnetic: Path, tmp_path: Path) -> None:
    for form in ('json', 'extxyz'):
        result = invoke('export', magnetic, *CUT, '--format', form, '--output', tmp_path / form)
        assert result.exit_code == 0, result.output
    slab = Structure.from_file(tmp_path / 'json' / 'slab_00.json')
    moments = ase.io.read(tmp_path / 'extxyz' / 'slab_00.xyz').get_initial_magnetic_moments()
    assert slab.site_properties['magmom'] == moments.tolist()
    assert set(moments) == {2.0, -2.0, 0.0}


def test_a_dry_run(
    invoke: Invoke, magnetic: Path, vasp_code: InstalledCode, potential_family: str
) -> None:
    given = ('--family', potential_family, '--dry-run', '--protocol', 'fast')
    result = invoke('launch', vasp_code.full_label, magnetic, *CUT, *given)
    assert result.exit_code == 0, result.output
    assert 'initial magnetic moments (μB): Ni1 2, Ni2 -2, O 0' in result.stdout


@pytest.mark.parametrize('command', ['preview', 'export'])
def test_without_moments_there_is_a_warning(
    invoke: Invoke, plain: Path, tmp_path: Path, command: str
) -> None:
    output = () if command == 'preview' else ('--output', tmp_path / 'slabs')
    result = invoke(command, plain, *CUT, *output)
    assert result.exit_code == 0, result.output
    assert 'Warning: Ni in an oxide or halide usually has a magnetic moment' in result.output
