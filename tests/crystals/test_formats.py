"""Formats of other programs: what is read of each, and what is not misread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from aiida_slabrelax.crystals import CrystalFileError, DoubtfulCrystalError, read_crystal, read_file

MAGNETIC = """data_NiO
_space_group_magn.transform_BNS_Pp_abc 'a,b,c;0,0,0'
_space_group_magn.name_BNS 'R_I -3'
_chemical_formula_sum 'Ni O'
_cell_length_a 2.9531
_cell_length_b 2.9531
_cell_length_c 14.4672
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 120
loop_
_space_group_symop_magn_operation.id
_space_group_symop_magn_operation.xyz
1 x,y,z,+1
2 -x,-y,-z,+1
loop_
_space_group_symop_magn_centering.id
_space_group_symop_magn_centering.xyz
1 x,y,z,+1
2 x+1/3,y+2/3,z+1/3,+1
3 x+2/3,y+1/3,z+2/3,+1
4 x,y,z+1/2,-1
5 x+1/3,y+2/3,z+5/6,-1
6 x+2/3,y+1/3,z+1/6,-1
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Ni1 Ni 0.00000 0.00000 0.00000 1
O1 O 0.00000 0.00000 0.25000 1
loop_
_atom_site_moment.label
_atom_site_moment.crystalaxis_x
_atom_site_moment.crystalaxis_y
_atom_site_moment.crystalaxis_z
Ni1 1.9 0 0
"""

#: Two atoms of silicon, with nothing but the symbol of the space group.
SILICON = """data_Si
_symmetry_space_group_name_H-M 'F d -3 m'
_cell_length_a 5.43
_cell_length_b 5.43
_cell_length_c 5.43
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
{more}loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Si1 Si {x} {x} {x}
"""

ESPRESSO = """&CONTROL
  calculation = 'scf'
/
&SYSTEM
  ibrav = 0
  nat = 2
  ntyp = 2
  ecutwfc = 60.0
/
&ELECTRONS
/
ATOMIC_SPECIES
Mg 24.305 Mg.upf
O 15.999 O.upf
CELL_PARAMETERS angstrom
0.0 2.106 2.106
2.106 0.0 2.106
2.106 2.106 0.0
ATOMIC_POSITIONS crystal
Mg 0.0 0.0 0.0
O 0.5 0.5 0.5
K_POINTS automatic
6 6 6 0 0 0
"""

AIMS = """lattice_vector 0.00 2.715 2.715
lattice_vector 2.715 0.00 2.715
lattice_vector 2.715 2.715 0.00
atom_frac 0.00 0.00 0.00 Si
atom_frac 0.25 0.25 0.25 Si
"""

PDB = """CRYST1    5.640    5.640    5.640  90.00  90.00  90.00 {group}
ATOM      1 NA   NA  A   1       0.000   0.000   0.000  {share}  0.00          NA
ATOM      2 CL   CL  A   1       2.820   0.000   0.000  1.00  0.00          CL
END
"""

CSSR = """5.6400 5.6400 5.6400
90.00 90.00 90.00 SPGR = {group}    OPT = 1
2 0
0 halite
1 Na 0.0000 0.0000 0.0000    0  0  0  0  0  0  0  0    0.000
2 Cl 0.5000 0.0000 0.0000    0  0  0  0  0  0  0  0    0.000
"""

VASPRUN = """<?xml version="1.0" encoding="ISO-8859-1"?>
<modeling>
 <kpoints>
  <varray name="kpointlist"><v>0 0 0</v></varray><varray name="weights"><v>1</v></varray>
 </kpoints>
 <atominfo>
  <atoms>2</atoms>
  <types>2</types>
  <array name="atoms">
   <set><rc><c>Cs</c><c>1</c></rc><rc><c>Cl</c><c>2</c></rc></set>
  </array>
 </atominfo>
 <structure name="initialpos">{structure}</structure>
 {steps}
</modeling>
"""
STRUCTURE = """
  <crystal><varray name="basis"><v>{a} 0 0</v><v>0 {a} 0</v><v>0 0 {a}</v></varray></crystal>
  <varray name="positions"><v>0 0 0</v><v>0.5 0.5 0.5</v></varray>
"""
STEP = """<calculation>
  <structure>{structure}</structure>
  <varray name="forces"><v>0 0 0</v><v>0 0 0</v></varray>
  <varray name="stress"><v>0 0 0</v><v>0 0 0</v><v>0 0 0</v></varray>
  <scstep><energy><i name="e_fr_energy">-6</i><i name="e_wo_entrp">-6</i>
  <i name="e_0_energy">-6</i></energy></scstep>
  <energy><i name="e_fr_energy">-6</i><i name="e_wo_entrp">-6</i>
  <i name="e_0_energy">-6</i></energy>
</calculation>"""


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize('name', ['NiO.mcif', 'NiO.cif'])
def test_the_magnetic_cell_of_a_magcif(tmp_path: Path, name: str) -> None:
    reading = read_file(write(tmp_path / name, MAGNETIC))
    assert reading.structure.composition.formula == 'Ni6 O6'
    assert reading.remarks == ()
    heights = sorted(site.frac_coords[2] % 1 for site in reading.structure if site.specie.Z == 28)
    np.testing.assert_allclose(heights, np.arange(6) / 6, atol=1e-9)


def test_older_names_in_a_magcif(tmp_path: Path) -> None:
    older = MAGNETIC.replace('n.xyz', 'n_xyz').replace('g.xyz', 'g_xyz').replace('t.', 't_')
    assert read_crystal(write(tmp_path / 'a.mcif', older)).composition.formula == 'Ni6 O6'


def test_partial_occupancies_of_a_magcif(tmp_path: Path) -> None:
    path = write(tmp_path / 'a.mcif', MAGNETIC.replace('0.00000 0.00000 1', '0.00000 0.00000 0.5'))
    with pytest.raises(CrystalFileError, match=r'partly occupied or shared \(Ni 0.5\)'):
        read_crystal(path)


def test_two_origins_of_a_space_group(tmp_path: Path) -> None:
    """At (1/8, 1/8, 1/8) is the silicon of the one, and twice as much of the other."""
    path = write(tmp_path / 'Si.cif', SILICON.format(more='', x='0.125'))
    with pytest.raises(DoubtfulCrystalError, match='which has two choices of the origin'):
        read_crystal(path)
    known = '_chemical_formula_sum Si\n_cell_formula_units_Z 8\n'
    reading = read_file(write(path, SILICON.format(more=known, x='0')))
    assert len(reading.structure) == 8
    assert reading.remarks == (
        'it lists no operations; those of its space group F d -3 m are taken, which has two '
        'choices of the origin',
    )


@pytest.mark.parametrize('name', ['MgO.pwi', 'MgO.in', 'MgO.pw.in'])
def test_inputs_of_quantum_espresso(tmp_path: Path, name: str) -> None:
    read = read_crystal(write(tmp_path / name, ESPRESSO))
    assert read.composition.formula == 'Mg1 O1'
    assert read.get_distance(0, 1) == pytest.approx(2.106)


def test_a_lattice_of_quantum_espresso_that_nobody_makes(tmp_path: Path) -> None:
    path = write(tmp_path / 'MgO.pwi', ESPRESSO.replace('ibrav = 0', 'ibrav = 2'))
    with pytest.raises(CrystalFileError, match='ASE does not support ibrav != 0'):
        read_crystal(path)


def test_geometries_of_fhi_aims(tmp_path: Path) -> None:
    read = read_crystal(write(tmp_path / 'geometry.in', AIMS))
    assert read.composition.formula == 'Si2'
    assert read.get_distance(0, 1) == pytest.approx(5.43 * 3**0.5 / 4)


def test_the_last_step_in_a_vasprun(tmp_path: Path) -> None:
    first, last = STRUCTURE.format(a=4.2), STRUCTURE.format(a=4.1)
    steps = ''.join(STEP.format(structure=one) for one in (first, last))
    path = write(tmp_path / 'vasprun.xml', VASPRUN.format(structure=first, steps=steps))
    reading = read_file(path)
    assert reading.structure.composition.formula == 'Cs1 Cl1'
    assert reading.structure.lattice.a == pytest.approx(4.1)
    assert reading.remarks == ('the last of its 2 steps is taken',)
    assert read_crystal(path, index=0).lattice.a == pytest.approx(4.2)


def test_half_a_vasprun(tmp_path: Path) -> None:
    structure = STRUCTURE.format(a=4.2)
    text = VASPRUN.format(structure=structure, steps='<calculation>')
    path = write(tmp_path / 'vasprun.xml', text.replace('</modeling>', ''))
    assert read_file(path).remarks == ('it is cut off: what comes before its end is taken',)
    write(path, text.partition('<structure')[0])
    with pytest.raises(CrystalFileError, match=r'cannot be read as a crystal: ASE: '):
        read_crystal(path)


@pytest.mark.parametrize('group', ['', 'P 1', 'P 1           1', 'P1'])
def test_all_atoms_in_a_pdb(tmp_path: Path, group: str) -> None:
    path = write(tmp_path / 'NaCl.pdb', PDB.format(group=group, share='1.00'))
    assert read_crystal(path).composition.formula == 'Na1 Cl1'


def test_half_an_atom_in_a_pdb(tmp_path: Path) -> None:
    path = write(tmp_path / 'NaCl.pdb', PDB.format(group='P 1', share='0.50'))
    with pytest.raises(CrystalFileError, match=r'partly occupied or shared \(Na 0.5\)'):
        read_crystal(path)


def test_elements_that_a_pdb_does_not_name(tmp_path: Path) -> None:
    text = PDB.format(group='P 1', share='1.00').replace('          NA', '')
    with pytest.raises(DoubtfulCrystalError, match='its elements are guessed from the names'):
        read_crystal(write(tmp_path / 'NaCl.pdb', text))


@pytest.mark.parametrize(
    ('name', 'text', 'group'),
    [
        ('a.pdb', PDB.format(group='F m -3 m      4', share='1.00'), 'F m -3 m'),
        ('a.pdb', PDB.format(group='P 1 21 1', share='1.00'), 'P 1 21 1'),
        ('a.cssr', CSSR.format(group='225 F m -3 m'), '225 F m -3 m'),
    ],
)
def test_a_space_group_that_is_passed_over(
    tmp_path: Path, name: str, text: str, group: str
) -> None:
    path = write(tmp_path / name, text)
    with pytest.raises(DoubtfulCrystalError, match=f'its space group is {group}, and only the at'):
        read_crystal(path)
    assert read_file(path, read_anyway=True).structure.composition.formula == 'Na1 Cl1'


def test_all_atoms_in_a_cssr(tmp_path: Path) -> None:
    path = write(tmp_path / 'a.cssr', CSSR.format(group=' 1 P 1'))
    assert read_crystal(path).composition.formula == 'Na1 Cl1'


def test_a_space_group_in_a_file_of_materials_studio(tmp_path: Path) -> None:
    path = tmp_path / 'Si.xsd'
    bulk('Si', 'diamond', a=5.43).write(path)
    assert len(read_crystal(path)) == 2
    path.write_text(path.read_text().replace('ITNumber="1"', 'ITNumber="227"'))
    with pytest.raises(DoubtfulCrystalError, match='its space group is 227, and only the atoms'):
        read_crystal(path)


@pytest.mark.parametrize('name', ['POSCAR.cif', 'CONTCAR.xyz', 'poscar_of_Si.json', 'CHG.traj'])
def test_files_of_other_formats_that_are_called_poscar(tmp_path: Path, name: str) -> None:
    form = {'cif': 'cif', 'xyz': 'extxyz', 'json': 'json', 'traj': 'traj'}[name.rpartition('.')[2]]
    bulk('Si', 'diamond', a=5.43).write(tmp_path / name, format=form)
    assert read_crystal(tmp_path / name).composition.formula == 'Si2'
