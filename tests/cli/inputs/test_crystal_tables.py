"""Tables of crystals, as people write them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from aiida_slabrelax.cli.inputs.crystal_tables import Crystal, read_table

OPTIONS = ('thickness', 'min_slab_thickness', 'layers', 'symmetrize')


def table(folder: Path, name: str, text: str) -> list[Crystal]:
    (folder / name).write_bytes(text.encode())
    return read_table(str(folder / name), OPTIONS)


@pytest.mark.parametrize(
    ('name', 'text'),
    [
        ('a.csv', 'file,miller,layers\nTiO2.cif,1 1 0; 1 0 0,5\nMgO.cif,,\n'),
        ('a.csv', '\ufefffile;miller;layers\r\nTiO2.cif;"1 1 0; 1 0 0";5\r\n\r\nMgO.cif;;\r\n'),
        ('a.tsv', 'File\tMiller\tLayers\nTiO2.cif\t1 1 0;1 0 0\t5\nMgO.cif\n'),
        ('a.TSV', 'layers\tmiller\tfile\n5\t1,1,0;1,0,0\tTiO2.cif\n\t\tMgO.cif\n'),
        (
            'a.yaml',
            'crystals:\n- {file: TiO2.cif, miller: [[1, 1, 0], [1, 0, 0]], layers: "5"}\n'
            '- {file: MgO.cif}\n',
        ),
        (
            'a.yml',
            'crystals:\n- {file: TiO2.cif, miller: "1 1 0; 1 0 0", layers: "5"}\n- file: MgO.cif',
        ),
    ],
)
def test_the_same_table(tmp_path: Path, name: str, text: str) -> None:
    oxide, other = table(tmp_path, name, text)
    assert oxide.source == str(tmp_path / 'TiO2.cif')
    assert oxide.miller == ((1, 1, 0), (1, 0, 0))
    assert oxide.values == {'layers': '5'}
    assert (other.source, other.miller, other.values) == (str(tmp_path / 'MgO.cif'), (), {})
    unit = 'crystal 1' if 'y' in Path(name).suffix else 'line 2'
    assert oxide.place == f'{tmp_path / name}, {unit}'


def test_one_surface_as_a_list(tmp_path: Path) -> None:
    (one,) = table(tmp_path, 'a.yaml', 'crystals: [{file: a.cif, miller: [1, 0, 0]}]')
    assert one.miller == ((1, 0, 0),)


def test_hexagonal_and_negative_indices(tmp_path: Path) -> None:
    (one,) = table(tmp_path, 'a.csv', 'file,miller\na.cif,1 0 -1 0; -1 1 2\n')
    assert one.miller == ((1, 0, -1, 0), (-1, 1, 2))


def test_nodes_and_files_with_paths(tmp_path: Path) -> None:
    (tmp_path / '77').write_text('')
    rows = table(tmp_path, 'a.csv', 'file\n12\n77\n/data/a.cif\nsub/b.cif\n')
    assert [row.source for row in rows] == [
        '12',
        str(tmp_path / '77'),
        '/data/a.cif',
        str(tmp_path / 'sub/b.cif'),
    ]


def test_overrides_are_beside_the_table(tmp_path: Path) -> None:
    (one,) = table(tmp_path, 'a.csv', 'file,overrides\na.cif,own.yaml\n')
    assert one.values == {'overrides': str(tmp_path / 'own.yaml')}


@pytest.mark.parametrize(
    ('name', 'text', 'message'),
    [
        ('a.xlsx', '', 'a table ends in .csv, .tsv, .yaml or .yml'),
        ('a.csv', '', 'the table has no rows'),
        ('a.csv', 'file\n', 'the table has no rows'),
        ('a.csv', 'file,layer\na.cif,3\n', "there is no column 'layer', did you mean layers?"),
        ('a.csv', 'layers\n3\n', 'line 2: there is no file'),
        ('a.csv', 'file,file\na,b\n', "the column 'file' occurs twice"),
        ('a.csv', 'file\na.cif,3\n', 'line 2: 2 values, but 1 columns'),
        ('a.csv', 'file,miller\na,1 0\nb,x y z\n', 'line 3: miller: three (hkl) or four'),
        ('a.csv', 'file\n"a.cif\n', 'cannot be read: unexpected end of data'),
        ('a.yaml', 'crystals: 3\n', '`crystals` must be a list of mappings, and nothing else'),
        ('a.yaml', 'crystals: [3]\n', 'crystal 1: a mapping is needed, got 3'),
        ('a.yaml', 'crystals: [{file: a, miller: 110}]', "integers are needed, got '110'"),
        ('a.yaml', '[]', 'contains a list, not a mapping'),
    ],
)
def test_what_is_no_table(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(click.ClickException) as error:
        table(tmp_path, name, text)
    assert message in error.value.message


def test_all_rows_with_an_error_are_named(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException) as error:
        table(tmp_path, 'a.csv', 'file,miller\na,1 0\nb,1 0 0\n,1 0 0\n')
    assert 'line 2: miller' in error.value.message
    assert 'line 4: there is no file' in error.value.message


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match=r'a\.csv cannot be read'):
        read_table(str(tmp_path / 'a.csv'), OPTIONS)
    with pytest.raises(click.ClickException, match='more than 1000000 bytes are not read'):
        table(tmp_path, 'b.csv', 'file\n' + 'a' * 1_000_000)
