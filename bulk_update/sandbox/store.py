"""What an embedded account remembers from one command to the next.

One file, ``account.jsonl``, append only: a first line that says the seed, then a line for each
change with everything about the contact that can change. A line is written before the change
takes effect, in one call to the system, so that a process that is killed loses nothing that it
had answered. The last line may be torn by a crash: it is cut off, and that is said.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from bulk_update.errors import ConfigError, StorageError
from bulk_update.language import _
from bulk_update.sandbox.contact import ContactState, Stored

FILE_NAME: Final = "account.jsonl"
FORMAT: Final = 1


class _Header(BaseModel):
    """The first line."""

    model_config = ConfigDict(extra="forbid", strict=True)
    format: int
    seed: int


class _Line(BaseModel):
    """One change: the contact's number, and all of it that can change."""

    model_config = ConfigDict(extra="forbid")
    number: int
    name: str | None
    note: str | None
    tags: tuple[str, ...]
    assigned_user: str | None
    team_uuid: str | None
    bot: str
    activity: int
    custom_fields: dict[str, str | int | float | tuple[str, ...] | None]

    def put_on(self, contact: ContactState) -> ContactState:
        fields: dict[str, Stored] = dict(self.custom_fields)
        return replace(
            contact,
            name=self.name,
            note=self.note,
            tags=self.tags,
            assigned_user=self.assigned_user,
            team_uuid=self.team_uuid,
            bot=self.bot,
            activity=self.activity,
            custom_fields=fields,
        )


class ChangeStore:
    """The file of one folder. ``torn`` is how many bytes of a torn last line were cut off."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        """Open the folder's file, or begin it; ``ConfigError`` when it is of another seed,
        ``StorageError`` when it can't be read or written."""
        self.path = folder / FILE_NAME
        self.torn = 0
        self._lines: list[bytes] = []
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise self._broken(str(error.strerror)) from error
        try:
            self._begin(seed)
        except BaseException:
            self.close()
            raise

    def replay(self) -> Iterator[tuple[int, _Line]]:
        """``(contact number, line)`` for every change, oldest first."""
        for at, raw in enumerate(self._lines, start=2):
            try:
                line = _Line.model_validate_json(raw)
            except ValidationError as error:
                raise self._broken(_("line {line} is damaged").format(line=at)) from error
            yield line.number, line
        self._lines = []

    def append(self, contact: ContactState) -> None:
        """Remember ``contact`` as it is about to be; ``OSError`` when it can't be written."""
        self._write(
            {
                "number": contact.number,
                "name": contact.name,
                "note": contact.note,
                "tags": contact.tags,
                "assigned_user": contact.assigned_user,
                "team_uuid": contact.team_uuid,
                "bot": contact.bot,
                "activity": contact.activity,
                "custom_fields": contact.custom_fields,
            }
        )

    def close(self) -> None:
        """Let go of the file; nothing is buffered."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _begin(self, seed: int) -> None:
        whole = self._whole_lines(self.path.read_bytes())
        if not whole:
            self._write({"format": FORMAT, "seed": seed})
            return
        self._check_header(whole[0], seed)
        self._lines = whole[1:]

    def _whole_lines(self, content: bytes) -> list[bytes]:
        """The lines that end; what comes after the last of them is cut off the file."""
        end = content.rfind(b"\n") + 1
        self.torn = len(content) - end
        if self.torn:
            os.ftruncate(self._file, end)
        return content[:end].splitlines()

    def _check_header(self, raw: bytes, seed: int) -> None:
        try:
            header = _Header.model_validate_json(raw)
        except ValidationError as error:
            raise self._broken(_("its first line is damaged")) from error
        if header.format != FORMAT:
            raise self._broken(_("it was written by a newer version"))
        if header.seed != seed:
            raise ConfigError(
                _("the sandbox account in {path} was begun with seed {seed}").format(
                    path=self.path, seed=header.seed
                ),
                hint=_("use that seed, or begin anew by deleting the file"),
            )

    def _write(self, line: dict[str, object]) -> None:
        raw = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        written = os.write(self._file, raw)
        if written < len(raw):  # a full disk takes part of a line: leave no half of it behind
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(28, "No space left on device")

    def _broken(self, why: str) -> StorageError:
        return StorageError(
            _("the sandbox account in {path} can't be used: {why}").format(path=self.path, why=why),
            hint=_("delete the file to begin anew; it holds make-believe contacts only"),
        )


def reset(folder: Path) -> None:
    """Forget what the account of this folder went through; nothing to forget is no error."""
    (folder / FILE_NAME).unlink(missing_ok=True)
