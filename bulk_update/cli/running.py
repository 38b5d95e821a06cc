"""Running a command: from its arguments to an exit code, whatever happens.

Every error is said in one place, in words or in the one document of ``--json``; no traceback
reaches a user. A bug is written to a file that the message names.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final

from bulk_update import language
from bulk_update.cli.context import say_document, under_way
from bulk_update.cli.streams import harmless
from bulk_update.cli.undecodable import refuse_undecodable
from bulk_update.errors import SIGNALLED, BulkUpdateError, StorageError, UsageError
from bulk_update.language import _

_USAGE: Final = 2
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def run(arguments: Sequence[str]) -> int:
    """Run the command line ``arguments``; the exit code."""
    under_way.begin()
    language.use(language.wanted(arguments, os.environ))
    with harmless() as streams:
        code = _ended(list(arguments))
        if (fault := streams.fault) is None or code > SIGNALLED:
            return code
        return _failed([], _unwritten(fault))


def _ended(arguments: list[str]) -> int:
    """The exit code of the command, also where a signal ends it; saying so is part of it."""
    with _signals():
        try:
            return _dispatch(arguments)
        except (_Signalled, KeyboardInterrupt) as error:
            return _interrupted(arguments, error)


def _dispatch(arguments: list[str]) -> int:
    from bulk_update.cli.app import build_app

    try:
        refuse_undecodable(arguments, os.environ)
        app = build_app()
        code = app(args=arguments, standalone_mode=False, prog_name="bulk-update")
    except BulkUpdateError as error:
        return _failed(arguments, error)
    except Exception as error:  # noqa: BLE001 - the border: nothing may pass as a traceback
        return _click_error(arguments, error)
    return code if isinstance(code, int) else 0


class _Signalled(BaseException):
    """A signal outside of the event loop. It is no KeyboardInterrupt: the command line's parser
    ends the command at one of those, without a word, and as if it always was Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _signals() -> Iterator[None]:
    """Within the block the first signal ends the command in words, the second one at once.

    Once the command has begun to say its one document, the first comes too late: whoever reads
    it gets that one, whole.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def received(number: int, _frame: FrameType | None) -> None:
        if came:
            os._exit(SIGNALLED + number)
        came.append(number)
        if not under_way.answered:
            raise _Signalled(number)

    before = {number: signal.signal(number, received) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _interrupted(arguments: list[str], error: BaseException | None) -> int:
    from bulk_update.runs.stopping import stopped_by

    number = error.number if isinstance(error, _Signalled) else signal.SIGINT
    return _failed(arguments, stopped_by(number))


def _unwritten(fault: OSError) -> StorageError:
    return StorageError(
        _("the results can't be written to standard output: {reason}").format(
            reason=fault.strerror or type(fault).__name__
        ),
        hint=_("What was done was done; the files in --out say it."),
        code="output_unwritable",
    )


def _click_error(arguments: list[str], error: Exception) -> int:
    """An error of the command line's own parser, or a bug."""
    message = getattr(error, "format_message", None)
    if message is None:
        from bulk_update.cli.bugs import bug

        return _failed(arguments, bug(_meant(error)))
    if type(error).__name__ == "NoArgsIsHelpError":
        return _USAGE  # the help was shown, and says it all
    command = getattr(getattr(error, "ctx", None), "command_path", "bulk-update")
    hint = _("See `{command} --help`.").format(command=command)
    if str(getattr(error, "option_name", "")).startswith("--token"):
        hint = _("The token is never a flag: put it into BULK_UPDATE_TOKEN_FILE or _TOKEN.")
    return _failed(arguments, UsageError(message(), hint=hint))


def _meant(error: Exception) -> Exception:
    """The parser takes any end of input for Ctrl-D at a question of its own; it asks none."""
    cause = error.__cause__
    aborted = type(error).__name__ == "Abort"
    return cause if aborted and isinstance(cause, EOFError) else error


def _failed(arguments: list[str], error: BulkUpdateError) -> int:
    """Say an error; its exit code."""
    from bulk_update.runs.exit_codes import error_exit_code

    if "--json" in arguments:
        from bulk_update.reporting import failure_document

        content = failure_document(
            _command_of(arguments), error, run=under_way.run, account=under_way.account
        )
        say_document(content)
    else:
        from rich.console import Console

        from bulk_update.reporting.terminal import show_error

        no_color = "--no-color" in arguments or None
        show_error(Console(stderr=True, no_color=no_color), error.message, error.hint)
    return error_exit_code(error)


def _command_of(arguments: Sequence[str]) -> str:
    """The command that the arguments begin with, as its document calls it: ``schema pull``."""
    names = [each for each in arguments if not each.startswith("-")]
    if names[:1] == ["apply"] and "--dry-run" in arguments:
        return "plan"  # it is one
    return " ".join(names[: 2 if names[:1] in (["schema"], ["runs"]) else 1])
