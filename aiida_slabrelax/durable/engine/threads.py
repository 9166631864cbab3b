"""Plain functions in threads: what AiiDA stores may be read there, but not written.

A thread has a database session of its own, and the user, to whom every new node belongs, is held by
that of the event loop: whether writing works depends on what other threads do.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import local
from typing import Any

from aiida import orm
from sqlalchemy import event
from sqlalchemy.orm import Session

_present = local()


def run_reading(function: Callable[[], Any], name: str) -> Any:
    """Run a function in this thread; it may read the database, but not write to it.

    :param name: the name of the function, for the message.
    :raises TypeError: in the function, where it stores something; or if it returns a node.
    """
    _present.name, _present.refused = name, None
    try:
        value = function()
    finally:
        refused, _present.name, _present.refused = _present.refused, None, None
        if refused is not None:
            refused.rollback()
    if isinstance(value, orm.Node):
        raise TypeError(
            f'{name} has returned a node: a plain function takes and returns plain values; make it '
            'a calcfunction'
        )
    return value


def _refuse(session: Session, *_: Any) -> None:
    name = getattr(_present, 'name', None)
    if name is not None:
        _present.refused = session
        raise TypeError(
            f'{name} stores something in AiiDA: a plain function runs in a thread, in which AiiDA '
            'can only be read; return the values, or make it a calcfunction'
        )


event.listen(Session, 'before_attach', _refuse)
event.listen(Session, 'before_flush', _refuse)
