"""The database's errors in words: where the journal is, what is wrong with it, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import MsgspecError
from sqlalchemy.exc import SQLAlchemyError

from bulk_update.errors import StorageError
from bulk_update.language import _

if TYPE_CHECKING:
    from sqlalchemy import URL

_DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_FULL: Final = ("SQLITE_FULL",)


@contextmanager
def storage_errors(url: URL) -> Iterator[None]:
    """Turn the errors of the database at ``url`` into StorageError, without any contact data."""
    try:
        yield
    except SQLAlchemyError as error:
        raise _worded(error, url) from error
    except MsgspecError as error:  # a document that is none; its words quote no value
        raise _damaged(url, str(error)) from error


def _worded(error: SQLAlchemyError, url: URL) -> StorageError:
    cause = getattr(error, "orig", None)
    # Its first line: below it PostgreSQL tells details, such as the row it was about.
    reason = str(cause or type(error).__name__).partition("\n")[0]
    name = str(getattr(cause, "sqlite_errorname", ""))
    if name.startswith(_DAMAGED):
        return _damaged(url, reason)
    return StorageError(
        _("the journal {where} can't be used: {reason}").format(where=_where(url), reason=reason),
        hint=_hint(name, url),
        code="journal",
    )


def _damaged(url: URL, reason: str) -> StorageError:
    return StorageError(
        _("the journal {where} is damaged: {reason}").format(where=_where(url), reason=reason),
        hint=_(
            "Put a good copy in its place. Without one move it away, and a new one begins: earlier "
            "runs can then not be resumed, undone or reported."
        ),
        code="journal_damaged",
    )


def _hint(name: str, url: URL) -> str:
    if url.get_backend_name() != "sqlite":
        return _(
            "See that the database of BULK_UPDATE_JOURNAL answers, then run the command again."
        )
    if name.startswith(_FULL):
        return _("Make room on its disk, then run the command again.")
    return _("Mend its folder, or name another with --state-dir, then run the command again.")


def _where(url: URL) -> str:
    """A path, or host and name of a database; never who logs in there."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.host or 'localhost'}/{url.database}"
