"""vasprun.xml that somebody has forged: reading takes a time proportional to the size.

Where it takes its square, these tests do not end within hours.
"""

from __future__ import annotations

import pytest

from aiida_slabrelax.parsers.files.xml import split_vasprun

SIZE = 1_000_000
ATOMS = '<array name="atoms" ><set><rc><c>Cu</c><c>1</c></rc></set></array>'


def forged(header: str = '', step: str = '') -> bytes:
    text = f'<modeling>{header}{ATOMS}<calculation>{step}</calculation></modeling>'
    return text.encode()


@pytest.mark.parametrize(
    'content',
    [
        forged(step='*' + ' ' + 'a' * SIZE),
        forged(step='\0' * SIZE),
        forged(header='<i' * (SIZE // 2)),
        forged(header='<i>' + '*' * SIZE),
        forged(header='<array name="atoms' * (SIZE // 20)),
        forged(step='<partial>' * (SIZE // 9)),
        forged(step='<dos>' * (SIZE // 5)),
        forged(header='<kpoints>' * (SIZE // 9)),
    ],
    ids=['word', 'bytes', 'tags', 'stars', 'atoms', 'partial', 'dos', 'kpoints'],
)
def test_a_time_proportional_to_the_size(content: bytes) -> None:
    text = split_vasprun(content)
    assert text.sites == 1
    composed = text.without_electrons().with_symbols(['Cu']).compose()
    assert composed.endswith(b'</modeling>\n')


def test_elements_are_taken_out_up_to_their_ends() -> None:
    step = '<a/><dos x="1">1<i>2</i></dos><energy/><dos/>3</dos><eigenvalues>4'
    text = split_vasprun(forged('<kpoints>5</kpoints><kpoints>6', step)).without_electrons()
    assert text.steps == ('<calculation><a/><energy/><eigenvalues>4</calculation>',)
    assert text.header == f'<modeling><kpoints>6{ATOMS}'


@pytest.mark.parametrize(
    ('written', 'read'),
    [
        ('<v>1.0 ***** 2.0</v>', '<v>1.0 NaN 2.0</v>'),
        ('<v>-1.0**.** 2</v>', '<v>NaN 2</v>'),
        ('<i>*</i><v>**a*</v>', '<i>NaN</i><v>NaN</v>'),
    ],
)
def test_stars_become_no_number(written: str, read: str) -> None:
    composed = split_vasprun(forged(step=written)).compose()
    assert f'<calculation>{read}</calculation>'.encode() in composed


def test_starred_parameters_are_left_out() -> None:
    header = '<i name="A">1</i><i name="B">**</i><v name="C">1 * 2*</v><i type="string">*</i>'
    composed = split_vasprun(forged(header)).compose().decode()
    assert f'<modeling><i name="A">1</i><i type="string">*</i>{ATOMS}' in composed
