"""JSON and CSV, for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..visible import is_hidden, visible

#: Characters with which a spreadsheet begins a formula, also after blanks.
_BEGIN_FORMULA = tuple('=+-@＝＋－＠')


def to_json(content: Any) -> str:
    """Return JSON in which control characters are escaped."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    if text.replace('\n', '').isprintable():
        return text
    return ''.join(_escape(char) if is_hidden(char) and char != '\n' else char for char in text)


def _escape(character: str) -> str:
    halves = character.encode('utf-16-be', 'surrogatepass')
    return ''.join(f'\\u{halves[n : n + 2].hex()}' for n in range(0, len(halves), 2))


def to_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return CSV: a line of names, and one line for each row; unknown values are empty.

    Texts go through :func:`as_text_cell`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(map(as_text_cell, names))
    for row in rows:
        values = (row.get(name) for name in names)
        writer.writerow(as_text_cell(cell) if isinstance(cell, str) else cell for cell in values)
    return text.getvalue()


def as_text_cell(text: str) -> str:
    """Return a text as a cell of one line that no spreadsheet interprets as a formula.

    Control characters are escaped; a text that begins with = + - or @ gets an apostrophe.
    """
    cell = visible(text)
    return f"'{cell}" if cell.lstrip().startswith(_BEGIN_FORMULA) else cell
