"""Documents: what stands under which address, so that a reference finds its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from watcher.formats.jsonschema.keywords import Draft, draft_of, is_meta
from watcher.model.errors import SchemaError

_DATA = frozenset({"enum", "const", "default", "examples"})
"""Keywords whose values are data: an `$id` in them names nothing."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A schema within a document: its tree, the address that its references are relative to, its draft."""

    tree: Any
    base: str
    draft: Draft


def join(base: str, address: str) -> str:
    """An address seen from a base; raises SchemaError for what is none."""
    try:
        return urljoin(base, address) if address else base
    except ValueError:
        raise _no_address(address) from None


def split(address: str) -> tuple[str, str]:
    """An address without its fragment, and the fragment; raises SchemaError for what is none."""
    try:
        whole, fragment = urldefrag(address)
    except ValueError:
        raise _no_address(address) from None
    return whole, unquote(fragment)


class Documents:
    """All documents of one reading: the schema itself, and those that were given with it by name."""

    def __init__(self, root: Any, references: Sequence[tuple[str, Any]], *, naming: bool = True) -> None:
        """`naming` False spares the search for names inside the documents: nothing in their texts can be one."""
        self._naming = naming
        draft = draft_of(root)
        self.root = Spot(root, "", draft)
        self._found: dict[str, Spot] = {}
        self._register("", self.root)
        base = rebased(self.root).base
        for name, tree in references:
            spot = Spot(tree, join(base, name), draft_of(tree, draft))
            for address in (name, join(base, name), name.removeprefix("./"), f"./{name}"):
                self._found.setdefault(split(address)[0], spot)
            self._register(spot.base, spot)

    def find(self, reference: str, spot: Spot) -> Spot | None:
        """What a reference at a spot means; None for a draft's own schema. Raises SchemaError for none."""
        address, fragment = self._address(reference, spot)
        if is_meta(address):
            return None
        for candidate in (address, split(reference)[0]):
            document = self._found.get(candidate)
            if document is None:
                continue
            if not fragment or fragment.startswith("/"):
                return _walk(document, fragment, reference)
            named = self._found.get(f"{candidate}#{fragment}")
            if named is not None:
                return named
        raise _unknown(reference)

    def _address(self, reference: str, spot: Spot) -> tuple[str, str]:
        if reference.startswith("#"):  # not joined: addresses such as `urn:…` have no relative ones
            return spot.base, unquote(reference[1:])
        return split(join(spot.base, reference))

    def _register(self, address: str, document: Spot) -> None:
        """Note every `$id` and anchor of a document."""
        self._found.setdefault(address, document)
        stack = [document] if self._naming else []
        while stack:
            spot = stack.pop()
            tree = spot.tree
            if isinstance(tree, list):
                stack.extend(Spot(one, spot.base, spot.draft) for one in tree if isinstance(one, list | dict))
                continue
            own = rebased(spot)
            if own.base != spot.base:
                self._found.setdefault(own.base, own)
            for anchor in _anchors(tree):
                self._found.setdefault(f"{own.base}#{anchor}", own)
            for key, value in tree.items() if isinstance(tree, dict) else ():
                if isinstance(value, list | dict) and key not in _DATA:
                    stack.append(Spot(value, own.base, own.draft))


def rebased(spot: Spot) -> Spot:
    """The spot with the address that its own `$id` gives it; where there is none, the spot itself."""
    tree = spot.tree
    named = tree.get("id" if spot.draft is Draft.D4 else "$id") if isinstance(tree, Mapping) else None
    if not isinstance(named, str):
        return spot
    base = split(join(spot.base, named))[0]
    return spot if base == spot.base else Spot(tree, base, spot.draft)


def _anchors(tree: Any) -> list[str]:
    if not isinstance(tree, dict):
        return []
    named = [tree.get(key) for key in ("$anchor", "$dynamicAnchor")]
    identity = tree.get("$id", tree.get("id"))
    if isinstance(identity, str) and "#" in identity:  # how drafts up to 7 name a spot
        named.append(identity.partition("#")[2])
    if tree.get("$recursiveAnchor") is True:
        named.append("")
    return [one for one in named if isinstance(one, str) and one and not one.startswith("/")]


def _walk(document: Spot, pointer: str, reference: str) -> Spot:
    spot = document
    for step in pointer.split("/")[1:] if pointer else ():
        key = step.replace("~1", "/").replace("~0", "~")
        spot, tree = rebased(spot), spot.tree
        if isinstance(tree, dict) and key in tree:
            spot = Spot(tree[key], spot.base, spot.draft)
        elif isinstance(tree, list) and key.isascii() and key.isdigit() and len(key) < 10 and int(key) < len(tree):
            spot = Spot(tree[int(key)], spot.base, spot.draft)
        else:
            raise _unknown(reference)
    return spot


def _no_address(address: str) -> SchemaError:
    return SchemaError(f"`{address[:120]}` is no address", kind="unknown-reference")


def _unknown(reference: str) -> SchemaError:
    return SchemaError(
        f"`{reference[:200]}` refers to nothing: give the schema with the references, by this name",
        kind="unknown-reference",
    )
