"""What the answer to one PATCH means; what comes next is decided in ``applying`` alone.

======================================================  ====================
2xx with a whole contact that bears this uuid           ``CONTACT``
429                                                     ``THROTTLED``
no connection: the request certainly never left         ``NO_CONNECTION``
401, 403                                                ``TOKEN_REFUSED``
any other 4xx but 408                                   ``REFUSED``
408, 5xx, time-out, reset, a page, cut-off JSON, an     ``UNCLEAR``
error under 200, another contact, a redirect
======================================================  ====================
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

from bulk_update.account import bodies, parsing
from bulk_update.account.transport import Family, Loss, NoReply, Reply
from bulk_update.language import _
from bulk_update.model import Contact, FieldType


class AnswerKind(StrEnum):
    """What the answer to a PATCH says."""

    CONTACT = "contact"
    THROTTLED = "throttled"
    NO_CONNECTION = "no_connection"
    REFUSED = "refused"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a name, not a token
    UNCLEAR = "unclear"


class Answer(NamedTuple):
    """The answer to one PATCH.

    ``complete`` is whether an HTTP answer came whole, so that nothing of the request lingers.
    ``message`` is one readable line, in the account's own words where it had any. ``contact``
    is there for ``CONTACT`` alone; ``retry_after`` is in seconds.
    """

    kind: AnswerKind
    complete: bool
    http_status: int | None = None
    message: str = ""
    contact: Contact | None = None
    retry_after: float | None = None


def judge(
    reply: Reply | NoReply,
    *,
    uuid: str,
    types: Mapping[str, FieldType] | None = None,
    secret: str = "",
) -> Answer:
    """What ``reply`` to the PATCH of contact ``uuid`` means. Never raises for an answer."""
    if isinstance(reply, NoReply):
        return Answer(kind=_kind_of_loss(reply), complete=False, message=reply.words)
    if reply.family is Family.SUCCESS:
        return _judge_success(reply, uuid, types, secret)
    return Answer(
        kind=_kind_of_status(reply),
        complete=reply.whole,
        http_status=reply.status,
        message=words_of(reply, secret=secret),
        retry_after=reply.retry_after,
    )


def words_of(reply: Reply, *, secret: str = "") -> str:
    """The account's own words in ``reply``, or a line that says it had none."""
    if reply.family is Family.REDIRECT:
        return _("redirected elsewhere (HTTP {status}), not followed").format(status=reply.status)
    words = bodies.readable(reply.body, secret=secret)
    return words or _("HTTP {status}, without a word").format(status=reply.status)


def _kind_of_loss(reply: NoReply) -> AnswerKind:
    return AnswerKind.NO_CONNECTION if reply.loss is Loss.NEVER_LEFT else AnswerKind.UNCLEAR


def _kind_of_status(reply: Reply) -> AnswerKind:
    match reply.status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return AnswerKind.THROTTLED
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return AnswerKind.TOKEN_REFUSED
        case HTTPStatus.REQUEST_TIMEOUT:
            return AnswerKind.UNCLEAR
    return AnswerKind.REFUSED if reply.family is Family.CLIENT else AnswerKind.UNCLEAR


def _judge_success(
    reply: Reply, uuid: str, types: Mapping[str, FieldType] | None, secret: str
) -> Answer:
    if not reply.whole:
        return _unclear(reply, _("the answer was cut off"))
    try:
        said = parsing.load(reply.body)
        inner = parsing.enveloped_contact(said)
        if inner is None or bodies.says_error(said):
            words = bodies.words_of(said, secret=secret)
            return _unclear(reply, words or _("the answer holds no contact"))
        contact = parsing.contact(inner, types)
    except parsing.Misshapen as fault:
        return _unclear(reply, _("the answer is not the API's ({what})").format(what=fault))
    if not parsing.same_uuid(contact.uuid, uuid):
        return _unclear(reply, _("the answer is about another contact"))
    return Answer(kind=AnswerKind.CONTACT, complete=True, http_status=reply.status, contact=contact)


def _unclear(reply: Reply, message: str) -> Answer:
    return Answer(
        kind=AnswerKind.UNCLEAR,
        complete=reply.whole,
        http_status=reply.status,
        message=message,
    )
