"""The story that `watcher demo` plays: a shop, its teams, and what each registers in the schema registry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

CHANNELS = ("checkout-hook", "care-hook", "marketing-hook", "office-hook")
"""The receivers of the story: two producing domains, one consumer, and the office for what nobody owns."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens: what is told before it, the record, and what the ledger must come to show."""

    title: str
    told: str
    key: bytes
    value: bytes | None
    changes: int = 0
    unreadable: int = 0


def _record(name: str, fields: list[dict[str, Any]]) -> str:
    return json.dumps({"type": "record", "name": name, "namespace": "shop.events", "fields": fields})


_STATUS: dict[str, Any] = {"type": "enum", "name": "Status", "symbols": ["placed", "paid", "shipped"]}
_LINE: dict[str, Any] = {
    "type": "record",
    "name": "Line",
    "fields": [{"name": "sku", "type": "string"}, {"name": "quantity", "type": "int"}],
}
_ORDER: list[dict[str, Any]] = [
    {"name": "order_id", "type": "string"},
    {"name": "status", "type": _STATUS},
    {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
    {"name": "lines", "type": {"type": "array", "items": _LINE}},
    {"name": "voucher_code", "type": ["null", "string"], "default": None},
    {"name": "placed_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
]
_GIFT: dict[str, Any] = {"name": "gift_wrapped", "type": "boolean", "default": False}
_CUSTOMER: list[dict[str, Any]] = [
    {"name": "customer_id", "type": "string"},
    {"name": "email", "type": "string"},
    {"name": "language", "type": "string"},
]


def _registered(subject: str, version: int, schema_id: int, text: str) -> tuple[bytes, bytes]:
    key = {"keytype": "SCHEMA", "subject": subject, "version": version, "magic": 1}
    value = {"subject": subject, "version": version, "id": schema_id, "schema": text, "deleted": False}
    return _json(key), _json(value)


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def history() -> tuple[tuple[bytes, bytes | None], ...]:
    """What the registry's topic holds before the watcher comes: it sets the state, and raises nothing."""
    return (
        (_json({"keytype": "NOOP", "magic": 0}), None),
        (_json({"keytype": "CONFIG", "magic": 0}), _json({"compatibilityLevel": "BACKWARD"})),
        _registered("orders-value", 1, 1, _record("Order", _ORDER)),
        _registered("customers-value", 1, 2, _record("Customer", _CUSTOMER)),
    )


def acts() -> tuple[Act, ...]:
    """The story, in order."""
    with_gift = [*_ORDER, _GIFT]
    without_voucher = [field for field in with_gift if field["name"] != "voucher_code"]
    phone: dict[str, Any] = {"name": "phone", "type": ["null", "string"], "default": None}
    return (
        Act(
            "A harmless change",
            "checkout adds an optional field to its orders. Nobody's contract is touched: recorded, and silent.",
            *_registered("orders-value", 2, 3, _record("Order", with_gift)),
            changes=1,
        ),
        Act(
            "A change that the registry lets pass",
            "checkout removes `voucher_code`. Under BACKWARD the registry calls that compatible. "
            "Of three consumers, one reads that field.",
            *_registered("orders-value", 3, 4, _record("Order", without_voucher)),
            changes=1,
        ),
        Act(
            "Another domain goes on with its work",
            "customer-care adds a phone number to its customers. Nothing breaks.",
            *_registered("customers-value", 2, 5, _record("Customer", [*_CUSTOMER, phone])),
            changes=1,
        ),
        Act(
            "A record that nobody can read",
            "somebody's script writes half a JSON document into the topic. It is kept with its position, and shown; "
            "the stream goes on.",
            _json({"keytype": "SCHEMA", "subject": "shipments-value", "version": 1, "magic": 1}),
            b'{"subject":"shipments-value","version":1,"id":6,"schema":"{\\"type\\":',
            unreadable=1,
        ),
        Act(
            "The repair",
            "checkout registers the field again. The contract holds again: that proof closes the ticket.",
            *_registered("orders-value", 4, 3, _record("Order", with_gift)),
            changes=1,
        ),
    )
