"""The page of failed runs lists the failures as the code knows them."""

from pathlib import Path

import pytest

from aiida_slabrelax.failures import (
    ENGINE_FAILURES,
    MACHINE_FAILURES,
    OUTCOMES,
    VASP_ERRORS,
    Kind,
)

PAGE = Path(__file__).parents[2] / 'docs' / 'how-to' / 'failed-run.md'
TABLES = {
    'vasp': VASP_ERRORS,
    'outcomes': OUTCOMES,
    'machine': MACHINE_FAILURES,
    'engines': ENGINE_FAILURES,
}


def rows(kinds: tuple[Kind, ...]) -> list[str]:
    lines = ['| name | what to do | `rescue` changes |', '|---|---|---|']
    for kind in kinds:
        cures = '; then '.join(dict.fromkeys(map(str, kind.cures))) or '–'
        lines.append(f'| {kind.name} | {kind.advice} | {cures} |')
    return lines


@pytest.mark.parametrize('name', TABLES)
def test_the_page_lists_what_the_code_knows(name: str) -> None:
    page = PAGE.read_text('utf-8')
    begin, end = f'<!-- failures: {name} -->\n', '\n<!-- end -->'
    table = page.partition(begin)[2].partition(end)[0]
    assert table.splitlines() == rows(TABLES[name])
