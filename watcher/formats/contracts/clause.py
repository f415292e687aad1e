"""A clause's form: what a contract may say about one field, and which of it bounds or constrains its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

Text = Annotated[str, Field(min_length=1, max_length=500)]


def _leaf(value: Any) -> str | None:
    kinds = ((bool, "(truth)"), (str, "(text)"), (int | float, "(number)"))
    return next((tag for kind, tag in kinds if isinstance(value, kind)), None)


Value = Annotated[
    Annotated[str, Tag("(text)")] | Annotated[float, Tag("(number)")] | Annotated[bool, Tag("(truth)")],
    Discriminator(_leaf, custom_error_type="leaf", custom_error_message="must be text or a number"),
]


LEFT_OUT: Any = Field(default=None)
"""Of a key that may be left out, but may not be empty where it stands."""


class Form(BaseModel):
    """What all parts of a document have in common: no unknown keys, nothing read as what it is not."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


Count = Annotated[int, Field(ge=0)]
Number = Annotated[float, Field(allow_inf_nan=False)]
_GOES_WITH = {"exact": "type", "unit": "type", "at_least": "values"}


class ClausePart(Form):
    """What the consumer relies on about one field; that it exists goes without saying."""

    model_config = ConfigDict(json_schema_extra={"dependentRequired": {a: [b] for a, b in _GOES_WITH.items()}})

    type: Text | None = None
    """The type that we read it as: `string`, `decimal(12,2)`, `timestamp(ms)`, `array<string>`… A lossless widening is
    accepted."""
    exact: bool = False
    """Not even a lossless widening of the type is accepted."""
    unit: Literal["s", "ms", "us", "ns"] | None = None
    """The unit of a time or timestamp."""
    required: bool = False
    """It is in every record, and never null."""
    values: Annotated[list[Value], Field(min_length=1)] | None = None
    """Exactly these values: a new one breaks us as well as a removed one."""
    at_least: bool = False
    """Further values do not break us."""
    shape: Literal["open", "closed"] = "open"
    """`closed`: an added member of this record breaks us."""
    unique: bool = False
    """No two records share a value: the source declares a key that says so."""
    max_length: Count = LEFT_OUT
    """The most characters of a text, or bytes."""
    precision: Annotated[int, Field(ge=1)] = LEFT_OUT
    """The most digits of a number."""
    scale: Count = LEFT_OUT
    """The most digits of a number after the point."""
    min_length: Count = LEFT_OUT
    """The least characters of a text."""
    minimum: Number = LEFT_OUT
    """The least value of a number; the schema guarantees this or more, as with what follows."""
    maximum: Number = LEFT_OUT
    """The greatest value of a number."""
    exclusive_minimum: Number = LEFT_OUT
    """What each value of a number is above."""
    exclusive_maximum: Number = LEFT_OUT
    """What each value of a number is below."""
    multiple_of: Annotated[Number, Field(gt=0)] = LEFT_OUT
    """What each value of a number is a multiple of."""
    pattern: Text = LEFT_OUT
    """The regular expression that each text matches, as the schema writes it."""
    format: Text = LEFT_OUT
    """The format of each text: `email`, `uri`, `date-time`…"""
    min_items: Count = LEFT_OUT
    """The least items of a list."""
    max_items: Count = LEFT_OUT
    """The most items of a list."""
    unique_items: bool = False
    """No item stands twice in a list."""
    min_properties: Count = LEFT_OUT
    """The least members of an object or map."""
    max_properties: Count = LEFT_OUT
    """The most members of an object or map."""
    default: Any = LEFT_OUT
    """`any`: there is some default. Anything else: this is the default, as JSON writes it."""
    position: Annotated[int, Field(ge=1)] = LEFT_OUT
    """Its place among the members of its record, the first being 1."""
    classification: list[Text] = LEFT_OUT
    """Exactly these classification tags; `[]`: it has none, and gets none."""

    def given(self, key: str) -> Any:
        """What stands at a key, None where it was left out."""
        return getattr(self, key) if key in self.model_fields_set else None

    @model_validator(mode="after")
    def _complete(self) -> ClausePart:
        for key, needed in _GOES_WITH.items():
            if key in self.model_fields_set and needed not in self.model_fields_set:
                raise PydanticCustomError(
                    "goes_with",
                    "`{key}` says more about `{needed}`, which is not there",
                    {"key": key, "needed": needed},
                )
        return self


FACETS: Mapping[Literal["length", "precision", "scale"], str] = {
    "length": "max_length",
    "precision": "precision",
    "scale": "scale",
}
"""What a type may have too much of → the key of a clause that bounds it."""
CONSTRAINTS: Mapping[str, str] = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "pattern": "pattern",
    "format": "format",
    "minItems": "min_items",
    "maxItems": "max_items",
    "uniqueItems": "unique_items",
    "minProperties": "min_properties",
    "maxProperties": "max_properties",
}
"""JSON Schema's word for a constraint → the key of a clause that relies on it."""
OF_A_MEMBER = ("unique", "default", "position", "classification")
"""Keys that say something of a record's member, not of what it holds."""
