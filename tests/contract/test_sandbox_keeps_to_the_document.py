"""The sandbox is held to the API document by requests that nobody thought of.

Parameters and bodies are drawn from the document, valid ones and ones that it forbids; uuids,
numbers, tags, fields and teams are narrowed to some that the account has and some that it has
not, or nearly every answer would be 404. They are drawn in the same way every time.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from api_document import Document
from hypothesis import HealthCheck, settings
from schemathesis.checks import (
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig

from bulk_update.sandbox import (
    SANDBOX_TOKEN,
    Behaviour,
    EmbeddedSandbox,
    RateLimit,
    SandboxAccount,
)
from bulk_update.sandbox.behaviour import Envelope, ErrorShape, Unknown

SEEDED = SandboxAccount.seeded(contacts=60)
ODD = Behaviour(
    envelope=Envelope.ARRAY,
    error_shape=ErrorShape.LIST,
    unknown_tags=Unknown.DROP,
    cursors=False,
    refusal_status=400,
    phone_as_uuid=True,
)


def narrowed() -> dict[str, Any]:
    """The document, with names that the account knows; what may be answered is untouched."""
    document = copy.deepcopy(Document().content)
    paths, catalogue = document["paths"], SEEDED.catalogue
    contacts = [SEEDED.contact(number) for number in (1, 5, 12)]
    uuids, team = [each.uuid for each in contacts], catalogue.teams[0].uuid
    of_names = {
        "/contacts/{uuid}": uuids,
        "/contacts/{uuid}/bot": uuids,
        "/contacts/phone/{number}": [each.digits for each in contacts],
        "/contacts/bsuid/{bsuid}": [each.bsuid or "none" for each in contacts],
        "/teams/{uuid}/members": [team],
    }
    for path, known in of_names.items():
        owner = paths[path] if "parameters" in paths[path] else paths[path]["get"]
        owner["parameters"][0]["schema"] = {"type": "string", "enum": [*known, "0" * 32]}
    patch = document["components"]["schemas"]["ContactPatch"]["properties"]
    patch["tags"]["items"] = {"enum": [*catalogue.tags[:3], "No such tag"]}
    patch["team_uuid"] = {"enum": [team, "none"]}
    patch["assigned_user"] = {"enum": [catalogue.owner.email, "nobody@example.com"]}
    patch["custom_fields"]["propertyNames"] = {"enum": ["Status", "orderNumber", "Features", "No"]}
    return document


def deterministic() -> SchemathesisConfig:
    """The same requests on every machine, and none kept for the next time."""
    generation = GenerationConfig(deterministic=True, database="none", max_examples=12)
    project = ProjectConfig(generation=generation)
    return SchemathesisConfig(projects=ProjectsConfig(default=project))


schema = schemathesis.openapi.from_dict(narrowed(), config=deterministic())


@pytest.fixture(scope="module", params=[Behaviour(), ODD], ids=["usual", "odd"])
def served(request: pytest.FixtureRequest) -> Iterator[EmbeddedSandbox]:
    """The account on a real socket; no limit of the rate."""
    account = SandboxAccount.seeded(contacts=60)
    with EmbeddedSandbox(
        account=account, behaviour=request.param, rate_limit=RateLimit.off()
    ) as sandbox:
        yield sandbox


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_the_document_has(case: schemathesis.Case, served: EmbeddedSandbox):
    """Its status, its type and its shape; a body that the document forbids is refused.

    Left out is what the document does not say: that a valid request is accepted (a tag may be
    unknown), that an odd parameter is refused (no call but the listing has a 400), and what
    becomes of other methods.
    """
    left_out = [unsupported_method, positive_data_acceptance]
    if case.method != "PATCH":
        left_out.append(negative_data_rejection)
    case.call_and_validate(
        base_url=served.base_url,
        headers={"Authorization": f"Bearer {SANDBOX_TOKEN}"},
        excluded_checks=left_out,
    )
