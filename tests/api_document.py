"""The API document, and whether a request or an answer keeps to it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DOCUMENT = Path(__file__).parent / "openapi.yaml"


class Document:
    """The API document: which operation a request is, and whether an answer conforms."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text("utf-8"))
        resource = DRAFT202012.create_resource(self.content)
        self._registry = Registry().with_resource("urn:api", resource)

    def operations(self) -> set[tuple[str, str, str]]:
        """``(method, path with {name} for its parameter, operationId)`` of every call."""
        return {
            (method.upper(), re.sub(r"\{\w+\}", "{name}", path), call["operationId"])
            for path, item in self.content["paths"].items()
            for method, call in item.items()
            if method != "parameters"
        }

    def check(self, method: str, path: str, status: int, body: bytes) -> None:
        """Fail unless the document allows this answer to this request."""
        responses = self._call(method, path)["responses"]
        assert str(status) in responses, f"{method} {path} may not answer {status}"
        if status == 200:
            schema = self._schema(responses["200"])
            Draft202012Validator(schema, registry=self._registry).validate(orjson.loads(body))

    def check_request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
        """Fail unless the document has this request, as it was on the wire: call, path and query
        parameters, token, body. ``path`` is under the server's; the ``operationId``."""
        split = urlsplit(path)
        pattern = self._pattern(split.path)
        call = self._call(method, split.path)
        assert re.fullmatch(r"Bearer [!-~]+", headers["Authorization"]), "no token"
        self._check_parameters(pattern, call, split.path, split.query)
        self._check_body(call, headers, body)
        name: str = call["operationId"]
        return name

    def _check_parameters(
        self, pattern: str, call: Mapping[str, Any], path: str, query: str
    ) -> None:
        item = self.content["paths"][pattern]
        declared = [*item.get("parameters", ()), *call.get("parameters", ())]
        known = {each["name"]: each for each in map(self._resolved, declared)}
        names = re.findall(r"\{(\w+)\}", pattern)
        values = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", pattern), path)
        assert values is not None
        given = [("path", name, unquote(v)) for name, v in zip(names, values.groups(), strict=True)]
        given += [("query", *each) for each in parse_qsl(query, True, True)]
        for where, name, value in given:
            assert name in known, f"{pattern} has no parameter {name}"
            assert known[name]["in"] == where
            self._validate(known[name]["schema"], _typed(value, known[name]["schema"]))
        assert len({name for _where, name, _value in given}) == len(given), "given twice"

    def _check_body(self, call: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> None:
        declared = call.get("requestBody")
        if declared is None:
            assert not body, "a body where none belongs"
            return
        assert headers["Content-Type"] == "application/json"
        self._validate(declared["content"]["application/json"]["schema"], orjson.loads(body))

    def _validate(self, schema: Any, value: Any) -> None:
        checker = Draft202012Validator.FORMAT_CHECKER
        validator = Draft202012Validator(
            _absolute(schema), registry=self._registry, format_checker=checker
        )
        validator.validate(value)

    def _resolved(self, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in parameter:
            return parameter
        found: Mapping[str, Any] = self.content["components"]["parameters"][
            parameter["$ref"].rpartition("/")[2]
        ]
        return found

    def _pattern(self, path: str) -> str:
        """The path as the document has it; one without a parameter goes before one with."""
        for pattern in sorted(self.content["paths"], key=lambda each: each.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
                return str(pattern)
        raise AssertionError(f"the document has no {path}")

    def _call(self, method: str, path: str) -> dict[str, Any]:
        calls = self.content["paths"][self._pattern(path)]
        assert method.lower() in calls, f"the document has no {method} {path}"
        call: dict[str, Any] = calls[method.lower()]
        return call

    def _schema(self, response: Mapping[str, Any]) -> Any:
        if "$ref" in response:
            name = response["$ref"].rpartition("/")[2]
            pointer = f"/components/responses/{name}/content/application~1json/schema"
            return {"$ref": f"urn:api#{pointer}"}
        return _absolute(response["content"]["application/json"]["schema"])


def _absolute(schema: Any) -> Any:
    """The schema with its references turned to the document."""
    if isinstance(schema, dict):
        return {
            key: f"urn:api{value}" if key == "$ref" else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """A parameter as its schema's type: JSON spells whole numbers, true and false."""
    return text if schema.get("type") == "string" else json.loads(text)
