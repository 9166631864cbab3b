"""Tables as text, as wide as they are or as a terminal is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from textwrap import wrap

#: Between two columns.
_GAP = '  '

#: How much wider than its heading a column is if there is room.
_PADDING = 2

#: Values that are not known.
_ABSENT = ('–', '')

#: The narrowest column whose texts are wrapped.
_NARROWEST = 10


@dataclass(frozen=True)
class Column:
    """A column of texts.

    :ivar heading: the heading; one or several lines.
    :ivar cells: the text of each row; one or several lines.
    :ivar right: whether the texts are on the right, as numbers are.
    """

    heading: str
    cells: tuple[str, ...]
    right: bool = False

    def width(self, padding: int = 0) -> int:
        """Return the number of characters of the widest line."""
        lines = [line for cell in self.cells for line in cell.split('\n')]
        return max(*(len(line) + padding for line in self.heading.split('\n')), *map(len, lines), 0)

    @property
    def says_nothing(self) -> bool:
        """Whether all rows, or the only one, have the same text, or none has any."""
        values = set(self.cells)
        return len(values) == 1 and (len(self.cells) > 1 or values <= set(_ABSENT))


def lay_out(columns: Sequence[Column], width: int | None = None) -> str:
    """Return a table, not wider than a terminal.

    In a table that is too wide, columns that say nothing are named below it; what is still too
    wide goes on in another table below, whose rows begin with the first column too.

    :param columns: at least one.
    :param width: of the terminal; without it the table is as wide as it is.
    """
    for padding in (_PADDING, 0):
        if width is None or _total(columns, padding) <= width:
            return _render(columns, padding)
    assert width is not None
    first, *others = columns
    silent = [column for column in others if column.says_nothing]
    kept = [column for column in others if not column.says_nothing]
    tables = [_render([first, *part]) for part in _parts(first, kept, width)]
    return '\n\n'.join([*tables, *_name(silent, width)])


def _parts(first: Column, columns: Sequence[Column], width: int) -> Iterator[list[Column]]:
    """Yield columns that have room beside the first one."""
    part: list[Column] = []
    for column in columns:
        if part and _total([first, *part, column]) > width:
            yield part
            part = []
        part.append(column if part else _narrowed(column, width - first.width() - len(_GAP)))
    if part or not columns:
        yield part


def _narrowed(column: Column, room: int) -> Column:
    """Return a column that is too wide even alone with its texts on several lines."""
    if column.width() <= room:
        return column
    cells = (
        '\n'.join(part for line in cell.split('\n') for part in wrap(line, max(room, _NARROWEST)))
        for cell in column.cells
    )
    return replace(column, cells=tuple(cells))


def _name(columns: Sequence[Column], width: int) -> Iterator[str]:
    """Yield what the columns that say nothing would have said."""
    named: dict[str, list[str]] = {'The same in all rows': [], 'Not known': []}
    for column in columns:
        name, value = _in_one_line(column.heading), _in_one_line(column.cells[0])
        if value in _ABSENT:
            named['Not known'].append(name)
        else:
            named['The same in all rows'].append(f'{name} {value}')
    texts = [f'{words}: {"; ".join(names)}.' for words, names in named.items() if names]
    if texts:
        yield '\n'.join(line for text in texts for line in wrap(text, width))


def _in_one_line(text: str) -> str:
    return ' '.join(text.replace('-\n', '').split())


def _total(columns: Sequence[Column], padding: int = 0) -> int:
    return sum(column.width(padding) for column in columns) + len(_GAP) * (len(columns) - 1)


def _render(columns: Sequence[Column], padding: int = 0) -> str:
    widths = [column.width(padding) for column in columns]
    rows = [
        [column.heading for column in columns],
        *zip(*(column.cells for column in columns), strict=True),
    ]
    lines = [
        _line(line, columns, widths)
        for row in rows
        for line in zip_longest(*(cell.split('\n') for cell in row), fillvalue='')
    ]
    below = max(column.heading.count('\n') for column in columns) + 1
    lines.insert(below, _GAP.join('-' * width for width in widths))
    return '\n'.join(lines)


def _line(texts: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padded = (
        text.rjust(width) if column.right else text.ljust(width)
        for text, column, width in zip(texts, columns, widths, strict=True)
    )
    return _GAP.join(padded).rstrip()
