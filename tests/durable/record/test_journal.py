"""Positions, link labels, the journal as text, and what may stand in it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiida_slabrelax.durable.record.journal import (
    Journal,
    as_plain,
    format_label,
    format_position,
    parse_label,
    parse_position,
)

SETTINGS = settings(derandomize=True, database=None)

positions = st.lists(st.integers(0, 10_000), min_size=1, max_size=5).map(tuple)
identifiers = st.from_regex(r'[A-Za-z_][A-Za-z0-9_]*', fullmatch=True)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def test_a_position_is_numbers_joined_by_x() -> None:
    assert format_position((2, 0, 1)) == '2x0x1'


@SETTINGS
@given(positions)
def test_positions_come_back(position: tuple[int, ...]) -> None:
    assert parse_position(format_position(position)) == position


@pytest.mark.parametrize('text', ['', 'x', '1x', 'a', '1_2'])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match='invalid literal'):
        parse_position(text.replace('_', '-'))


@pytest.mark.parametrize(
    ('name', 'label'),
    [
        ('double', 'double_2x1'),
        ('double_it', 'double_it_2x1'),
        ('relax_2', 'relax_2_2x1'),
        ('v2x3', 'v2x3_2x1'),
        ('a__b', 'a_b_2x1'),
        ('_private_', 'private_2x1'),
        ('__', 'call_2x1'),
        ('<lambda>', 'lambda_2x1'),
        ('étape', 'tape_2x1'),
    ],
)
def test_labels_are_letters_digits_and_single_underscores(name: str, label: str) -> None:
    assert format_label(name, (2, 1)) == label


def test_a_label_names_the_epoch_after_the_first() -> None:
    assert format_label('double', (2, 1), epoch=3) == 'double_e3x2x1'


@SETTINGS
@given(identifiers, positions, st.integers(0, 50))
def test_labels_come_back(name: str, position: tuple[int, ...], epoch: int) -> None:
    label = format_label(name, position, epoch)
    assert '__' not in label
    parsed = parse_label(label)
    assert parsed is not None
    assert parsed[1:] == (epoch, position)
    assert format_label(parsed[0], position, epoch) == label


@pytest.mark.parametrize(
    'label', ['CALL', 'iteration', 'child_one', '_2x1', '2x1', 'a_2x', 'a_x2', 'a_e3x', 'a_2y1', '']
)
def test_labels_of_others_have_no_position(label: str) -> None:
    assert parse_label(label) is None


def test_a_new_journal_is_short() -> None:
    assert Journal().dumps() == '{"order":"","rules":1}'


def test_a_journal_of_calls_is_their_positions() -> None:
    assert Journal(order=[(0,), (1, 2)]).dumps() == '{"order":"0 1x2","rules":1}'


def test_a_journal_of_an_older_version_has_its_rules() -> None:
    journal = Journal.loads('{"order":"0"}')
    assert journal.rules == 0
    assert journal.dumps() == '{"order":"0"}'


@SETTINGS
@given(
    st.builds(
        Journal,
        order=st.lists(positions),
        values=st.dictionaries(positions, st.tuples(st.text(), plain), max_size=4),
        patches=st.dictionaries(st.text(), st.booleans()),
    )
)
def test_a_journal_comes_back(journal: Journal) -> None:
    assert Journal.loads(journal.dumps()) == journal


@SETTINGS
@given(st.integers(1, 9), st.dictionaries(st.text(), plain, max_size=4))
def test_epoch_and_arguments_come_back(epoch: int, arguments: dict[str, Any]) -> None:
    journal = Journal(epoch=epoch, arguments=arguments)
    assert Journal.loads(journal.dumps()) == journal


@pytest.mark.parametrize(
    ('value', 'kept'),
    [
        (None, None),
        (True, True),
        ((1, (2, 3)), [1, [2, 3]]),
        (np.float64(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array(2.5), 2.5),
        ({'a': (np.float32(0.5),)}, {'a': [0.5]}),
    ],
)
def test_values_are_kept_as_plain_ones(value: Any, kept: Any) -> None:
    assert repr(as_plain(value, 'it')) == repr(kept)


@SETTINGS
@given(plain)
def test_plain_values_are_kept_as_they_are(value: Any) -> None:
    assert json.dumps(as_plain(value, 'it')) == json.dumps(value)


@pytest.mark.parametrize(
    'value', [object(), {1, 2}, b'bytes', 1j, np.zeros(2), datetime(2020, 1, 1), {(1, 2): 3}]
)
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(TypeError) as refused:
        as_plain(value, 'the value of side_effect(f)')
    assert str(refused.value) == (
        'the value of side_effect(f) must be made of None, booleans, numbers, strings, lists and '
        f'dictionaries, so that it can be kept; it is {value!r}'
    )


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(TypeError, match='must be made of'):
        as_plain(value, 'it')


def test_commands_are_read_under_their_present_names() -> None:
    text = '{"order":"","values":{"0":["local(getpid)",7],"1":["now()",0.5]}}'
    assert Journal.loads(text).values == {(0,): ('side_effect(getpid)', 7), (1,): ('now()', 0.5)}
