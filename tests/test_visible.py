"""Control characters are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.visible import is_hidden, visible


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        ('slab_00 (γ, Å) 表面', 'slab_00 (γ, Å) 表面'),
        ('\x1b[2J', r'\x1b[2J'),  # clears the screen
        ('\x9b31m', r'\x9b31m'),  # the same in one character
        ('\x1b]0;title\x07', r'\x1b]0;title\x07'),
        ('a\rb\x08c\x7f', r'a\rb\x08c\x7f'),
        ('two\nlines\ttab', r'two\nlines\ttab'),
        ('two\u2028lines\u2029more\x85', r'two\u2028lines\u2029more\x85'),
        ('gpj.\u202eexe\u2066', r'gpj.\u202eexe\u2066'),  # turns the direction
        ('a\u200bb\ufeff\U000e0041', r'a\u200bb\ufeff\U000e0041'),  # not seen at all
        ('name\udcff', r'name\udcff'),  # a byte of a file name that is no text
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_nothing_hidden_is_left(text: str) -> None:
    shown = visible(text)
    assert not any(map(is_hidden, shown))
    assert visible(shown) == shown


def test_what_is_kept() -> None:
    assert visible('a\n\tb\r\x1b', keep='\n\t') == 'a\n\tb\\r\\x1b'
