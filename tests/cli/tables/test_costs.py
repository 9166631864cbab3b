"""The table of what a run has cost."""

from __future__ import annotations

from aiida_slabrelax.cli.tables.costs import as_dict, as_table, cost_line
from aiida_slabrelax.results import Amount, Cost, StageCost

KNOWN = StageCost('slab_00', 'prerelax', Cost(1, Amount(0.0123), Amount(31), Amount(40)))
PARTLY = StageCost('slab_00', 'relaxation', Cost(2, Amount(120.4, 1), Amount(9), Amount(90)))
UNKNOWN = StageCost('bulk', 'relaxation', Cost(1, *[Amount(unknown=1)] * 3))


def test_a_row_for_each_stage_and_one_for_all() -> None:
    lines = as_table([UNKNOWN, KNOWN, PARTLY]).splitlines()
    assert [line.split() for line in lines[3:]] == [
        ['bulk', 'relaxation', '1', '–', '–', '–'],
        ['slab_00', 'prerelax', '1', '0.012', '31', '40'],
        ['slab_00', 'relaxation', '2', '≥', '120', '9', '90'],
        ['total', '4', '≥', '120', '≥', '40', '≥', '130'],
    ]


def test_before_the_first_calculation() -> None:
    assert as_table([]) == 'No calculations (yet).'
    assert cost_line(Cost()) == ''


def test_a_line() -> None:
    assert cost_line(KNOWN.cost) == (
        'Cost: 0.012 core-hours, 31 ionic and 40 electronic steps in 1 calculation.'
    )


def test_json_tells_what_is_missing() -> None:
    found = as_dict([KNOWN, PARTLY])
    assert found['total']['core_hours'] == {'known': 120.4123, 'unknown': 1}
    assert [stage['stage'] for stage in found['stages']] == ['prerelax', 'relaxation']
