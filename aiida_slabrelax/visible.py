"""Text from outside (labels, messages, names of files), made safe for a terminal."""

from __future__ import annotations

from unicodedata import category

#: The Unicode categories of control and format characters (such as those that change the direction
#: of the text), surrogates, and separators of lines and paragraphs.
_HIDDEN = frozenset({'Cc', 'Cf', 'Cs', 'Zl', 'Zp'})


def visible(text: str, keep: str = '') -> str:
    r"""Return a text with control characters escaped as in Python.

    >>> visible('a\x1b[2Jb')
    'a\\x1b[2Jb'

    :param text: any text of one line.
    :param keep: characters that are not escaped, such as the line ends of a longer text.
    """
    if text.isprintable():
        return text
    return ''.join(
        _escaped(char) if is_hidden(char) and char not in keep else char for char in text
    )


def is_hidden(character: str) -> bool:
    """Return whether a character is invisible or controls a terminal."""
    return category(character) in _HIDDEN


def _escaped(character: str) -> str:
    return character.encode('unicode_escape').decode('ascii')
