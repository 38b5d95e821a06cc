"""The other side of the wire: the account, and everything the program knows of HTTP.

- ``client`` speaks the API in typed calls; ``bodies`` and ``parsing`` make sense of its answers
- ``throttle`` says when a request may leave
- ``lookup`` finds the contact that a row means; ``channels`` knows a channel by its name
- ``discovery`` reads what an account has; ``schema`` is what is known of it, ``schema_file``
  keeps that as TOML

Importing this package stays light: whoever needs the network imports ``account.client``.

Codes of what a look-up ends with:

========================  ==================================================================
``no_contact``            no contact of the account has this key
``bad_number``            the account knows no such number, and it can't be a phone number
``other_channel``         a contact has this number, on another channel than was asked for
``ambiguous_phone``       two contacts, by two readings of the number or on two channels
``two_contacts``          two keys of the row name two contacts
========================  ==================================================================

Codes of errors, beside those of :mod:`bulk_update.errors`:

========================  ==================================================================
``redirected``            the address answers with a redirect, which is never followed
``not_the_api``           an answer that is not the API's: a page, or cut off, again and again
``refused_request``       the account refuses a request for reading (4xx)
``rate_limited``          nothing but 429 for five minutes
``schema_file``           a schema file that can't be read or understood
``unknown_channel``       a channel's name that no contact read so far shows
``ambiguous_channel``     a name that several channels have
========================  ==================================================================
"""

from __future__ import annotations

from bulk_update.account.schema import AccountSchema, Channel, FieldSchema, Team, User

__all__ = ["AccountSchema", "Channel", "FieldSchema", "Team", "User"]
