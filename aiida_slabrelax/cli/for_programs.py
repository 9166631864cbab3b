"""JSON and CSV, which programs read and people look at."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..visible import is_hidden, visible

#: What makes a spreadsheet compute a cell that begins with it, after blanks too.
_BEGIN_FORMULA = tuple('=+-@＝＋－＠')


def to_json(content: Any) -> str:
    """Return JSON in which control characters are written out, as JSON writes them."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    if text.replace('\n', '').isprintable():
        return text
    return ''.join(_escape(one) if is_hidden(one) and one != '\n' else one for one in text)


def _escape(character: str) -> str:
    halves = character.encode('utf-16-be', 'surrogatepass')
    return ''.join(f'\\u{halves[n : n + 2].hex()}' for n in range(0, len(halves), 2))


def to_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return CSV: a line of names, and one for each row; what is not known is empty.

    Numbers are written as they are, texts as :func:`as_text_cell` has them.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(map(as_text_cell, names))
    for row in rows:
        values = (row.get(name) for name in names)
        writer.writerow(as_text_cell(one) if isinstance(one, str) else one for one in values)
    return text.getvalue()


def as_text_cell(text: str) -> str:
    """Return a text as a cell of one line that no spreadsheet takes for a formula.

    Control characters are written out; an apostrophe goes before what begins with = + - or @.
    """
    cell = visible(text)
    return f"'{cell}" if cell.lstrip().startswith(_BEGIN_FORMULA) else cell
