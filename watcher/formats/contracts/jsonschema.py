"""The published JSON Schemas of the documents, made from the one model: what `schemas/` keeps."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from watcher.formats.contracts.document import DomainDocument, SubscriptionDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PUBLISHED: dict[str, type[BaseModel]] = {
    "subscription.v1.json": SubscriptionDocument,
    "domain.v1.json": DomainDocument,
}


def generate() -> dict[str, str]:
    """File name → text, for each published schema."""
    return {name: _text(name, model) for name, model in PUBLISHED.items()}


class _Generator(GenerateJsonSchema):
    """Leaves out the titles that repeat a key, and defaults that say no more than that a key may be left out."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the hook's form
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = super().default_schema(schema)
        if inner.get("default", ...) in (None, [], {}, ""):
            inner.pop("default")
        return inner


def _text(name: str, model: type[BaseModel]) -> str:
    schema = model.model_json_schema(by_alias=True, schema_generator=_Generator)
    body = {"$schema": DIALECT, "$id": f"urn:watcher:schemas:{name.removesuffix('.json')}", **schema}
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"
