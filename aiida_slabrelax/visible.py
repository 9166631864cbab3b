"""Text of others (labels, messages, names of files) made such that a terminal only shows it."""

from __future__ import annotations

from unicodedata import category

#: Control characters, what has no form of its own (such as what turns the direction of the text),
#: halves of characters, and what ends a line or a paragraph.
_HIDDEN = frozenset({'Cc', 'Cf', 'Cs', 'Zl', 'Zp'})


def visible(text: str, keep: str = '') -> str:
    r"""Return a text with its control characters written out, as Python writes them.

    >>> visible('a\x1b[2Jb')
    'a\\x1b[2Jb'

    :param text: any, of one line.
    :param keep: characters that stay as they are, such as the ends of lines of a longer text.
    """
    if text.isprintable():
        return text
    return ''.join(_written_out(one) if is_hidden(one) and one not in keep else one for one in text)


def is_hidden(character: str) -> bool:
    """Tell whether a character does something other than to be seen."""
    return category(character) in _HIDDEN


def _written_out(character: str) -> str:
    return character.encode('unicode_escape').decode('ascii')
