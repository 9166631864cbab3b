"""Plain functions in threads: what AiiDA stores may be read there, but not written.

A thread has a database session of its own. What belongs to the session of the event loop, such as
the user to whom every new node belongs, is not touched here: two threads in one session would lose
what the other one is about to write.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import local
from typing import Any

from aiida import orm
from aiida.manage import get_manager
from sqlalchemy import event, inspect
from sqlalchemy.orm import InstanceState, Mapper, Session

_present = local()


def keep_user() -> None:
    """Load the user of new nodes in this thread, that of the event loop, before others do."""
    _ = get_manager().get_profile_storage().default_user


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


def _own_session() -> Session:
    """Return the session of this thread."""
    storage: Any = get_manager().get_profile_storage()
    session: Session = storage.get_session()
    return session


def _refuse(session: Session, *_: Any) -> None:
    name = getattr(_present, 'name', None)
    if name is not None:
        if session is _own_session():
            _present.refused = session
        raise TypeError(
            f'{name} stores something in AiiDA: a plain function runs in a thread, in which AiiDA '
            'can only be read; return the values, or make it a calcfunction'
        )


def _refuse_changes(session: Session, *_: Any) -> None:
    """Refuse what a query would write first; that a user has a new node is nothing to write."""
    changed = (session.is_modified(one, include_collections=False) for one in session.dirty)
    if session.new or session.deleted or any(changed):
        _refuse(session)


def _refuse_foreign(state: Any) -> None:
    """Refuse a query in the session of another thread."""
    name = getattr(_present, 'name', None)
    if name is not None and state.session is not _own_session():
        raise TypeError(
            f'{name} reads what belongs to the event loop, such as the default user: load it '
            'again in the function'
        )


def _as_own(_: Any, __: Any, values: dict[str, Any]) -> None:
    """Let what is made in a thread refer to the user and computer as this thread loads them."""
    if getattr(_present, 'name', None) is None:
        return
    for name, value in values.items():
        state = inspect(value, raiseerr=False)
        if isinstance(state, InstanceState) and state.identity is not None:
            values[name] = _own_session().get(type(value), state.identity)


event.listen(Session, 'before_attach', _refuse)
event.listen(Session, 'before_flush', _refuse_changes)
event.listen(Session, 'do_orm_execute', _refuse_foreign)
event.listen(Mapper, 'init', _as_own)
