"""A small shop for the tests of the command line: a schema that stands, one that is proposed, and three consumers."""

import json
from pathlib import Path
from typing import Any

DATASET = "kafka://prod/orders"

ORDER: list[dict[str, Any]] = [
    {"name": "order_id", "type": "string"},
    {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["placed", "paid"]}},
    {"name": "amount", "type": "double"},
    {"name": "note", "type": ["null", "string"], "default": None},
]

_CONTRACTS = """
apiVersion: watcher/v1
kind: Subscription
name: revenue-close
consumer: {domain: finance, team: revenue, contact: "#finance-data"}
dataset: kafka://prod/orders
criticality: high
relies_on:
  - order_id: {type: string, required: true}
  - amount: {type: double}
---
apiVersion: watcher/v1
kind: Subscription
name: newsletter
consumer: {domain: marketing}
dataset: kafka://prod/orders
relies_on: [order_id]
---
apiVersion: watcher/v1
kind: Subscription
name: dispatcher
consumer: {domain: logistics, team: parcels}
dataset: kafka://prod/orders
relies_on:
  - status: {values: [placed, paid]}
---
apiVersion: watcher/v1
kind: Domain
name: checkout
owns: ["kafka://prod/orders*"]
owners: {accountable: someone@checkout.example}
"""


def order(*fields: dict[str, Any]) -> str:
    return json.dumps({"type": "record", "name": "Order", "namespace": "shop", "fields": fields}, indent=2) + "\n"


def without(name: str) -> str:
    return order(*(one for one in ORDER if one["name"] != name))


class Shop:
    """The shop's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contracts = folder / "contracts"
        self.contracts.mkdir()
        (self.contracts / "all.yaml").write_text(_CONTRACTS, encoding="utf-8")
        self.now = self.write("now.avsc", order(*ORDER))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path
