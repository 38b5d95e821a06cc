"""The channel that a phone number means: by its name, its uuid, or all there are.

No call lists an account's channels: they show on contacts, so what a schema has of them is
observed. A uuid is taken as it is; a name must be one that was observed, for the API takes a
channel by its uuid alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bulk_update.account.parsing import same_uuid
from bulk_update.account.schema import Channel
from bulk_update.errors import UsageError
from bulk_update.language import _

ALL_CHANNELS: Final = "all"

WITHOUT_PHONES: Final = frozenset({"facebook", "instagram"})
"""Types of channels whose contacts have no phone number (public API reference)."""

_UUID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NEAR: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChoice:
    """Where phones are looked up.

    ``channel`` is None for the main channel, a channel's uuid, or ``"all"``. ``main`` is the
    main channel's uuid where it is known, ``others`` are those of the others that can have
    phone numbers. ``seen`` is false for a uuid that no contact read so far shows.
    """

    channel: str | None = None
    main: str | None = None
    others: tuple[str, ...] = ()
    seen: bool = True


def choose_channel(asked: str | None, channels: Sequence[Channel]) -> ChannelChoice:
    """What ``asked`` (the text of ``--channel``, None for no text) means among the channels of
    a schema.

    Names match exactly, else without regard to case, composition and runs of white space.
    Raises UsageError for a name that is none of theirs, or that several have.
    """
    uuid, seen = _meant(asked, channels)
    return ChannelChoice(
        channel=uuid,
        main=next((one.uuid for one in channels if one.main), None),
        others=tuple(
            one.uuid
            for one in channels
            if not one.main and one.type.casefold() not in WITHOUT_PHONES
        ),
        seen=seen,
    )


def needs_more_channels(asked: str | None, channels: Iterable[Channel]) -> bool:
    """Whether ``asked`` can't be answered by these channels alone: they are all meant, so that
    none may be missing, or a name is none of theirs."""
    if asked is None or _UUID.fullmatch(asked):
        return False
    return asked.casefold() == ALL_CHANNELS or not _named(asked, tuple(channels))


def _meant(asked: str | None, channels: Sequence[Channel]) -> tuple[str | None, bool]:
    if asked is None:
        return None, True
    if asked.casefold() == ALL_CHANNELS:
        return ALL_CHANNELS, True
    if _UUID.fullmatch(asked):
        known = [one.uuid for one in channels if same_uuid(one.uuid, asked)]
        return (known[0], True) if known else (asked, False)
    return _by_name(asked, channels).uuid, True


def _by_name(asked: str, channels: Sequence[Channel]) -> Channel:
    found = _named(asked, channels)
    match found:
        case [channel]:
            return channel
        case []:
            raise _unknown(asked, channels)
    raise UsageError(
        _("--channel {name}: several channels have this name: {channels}").format(
            name=asked, channels=", ".join(f"{one.uuid} ({one.type})" for one in found)
        ),
        hint=_("Give the uuid of the one that is meant."),
        code="ambiguous_channel",
    )


def _named(asked: str, channels: Sequence[Channel]) -> list[Channel]:
    exact = [one for one in channels if one.title == asked]
    found = exact or [one for one in channels if _folded(one.title) == _folded(asked)]
    if len(found) < 2:  # noqa: PLR2004
        return found
    # A shop's WhatsApp and its Instagram may well bear one name.
    return [one for one in found if one.type.casefold() not in WITHOUT_PHONES] or found


def _unknown(asked: str, channels: Sequence[Channel]) -> UsageError:
    if not channels:
        return UsageError(
            _("--channel {name}: no channel is known by its name").format(name=asked),
            hint=_(
                "Give its uuid, or read the channels anew with `bulk-update schema pull --full`: "
                "contacts show theirs."
            ),
            code="unknown_channel",
        )
    near = _near(asked, channels)
    message = _("--channel {name}: no contact read so far shows such a channel; known: {names}")
    return UsageError(
        message.format(name=asked, names=", ".join(f"'{one.title}'" for one in channels)),
        hint=(_("Did you mean '{name}'? ").format(name=near) if near else "")
        + _("Give a name as the account has it, a uuid, or all; `schema pull --full` reads them."),
        code="unknown_channel",
    )


def _near(asked: str, channels: Iterable[Channel]) -> str | None:
    from rapidfuzz import fuzz, process

    titles = {_folded(one.title): one.title for one in channels}
    found = process.extractOne(_folded(asked), list(titles), scorer=fuzz.WRatio, score_cutoff=_NEAR)
    return titles[found[0]] if found else None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())
