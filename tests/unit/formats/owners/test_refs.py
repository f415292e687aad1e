"""References of teams: what their spellings have in common, and the address that one may be."""

from __future__ import annotations

import pytest

from watcher.formats.owners.refs import address, same


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("group:default/Checkout", "checkout"),
        ("@acme/checkout", "checkout"),
        ("@acme/shop/checkout", "checkout"),
        ("urn:li:corpGroup:checkout", "checkout"),
        (" Checkout ", "checkout"),
        ("@lead", "lead"),
        ("@@maintainers", "@@maintainers"),
        ("Lead@Acme.example", "lead@acme.example"),
        ("urn:li:corpuser:lead@acme.example", "lead@acme.example"),
        ("group:default/lead@acme.example", "lead@acme.example"),
        ("", ""),
        ("group:", "group:"),
    ],
)
def test_a_short_name(written: str, short: str) -> None:
    """Of a team the last part, folded; an address stays whole."""
    assert same(written) == short


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Lead@acme.example", "Lead@acme.example"),
        ("mailto:lead@acme.example", "lead@acme.example"),
        ("urn:li:corpuser:lead@acme.example", "lead@acme.example"),
        ("@acme/checkout", ""),
        ("@lead", ""),
        ("group:default/checkout", ""),
        ("two words@acme.example", ""),
        ("a@b@", ""),
    ],
)
def test_an_address(written: str, found: str) -> None:
    """What a letter can be sent to, without what stands before it."""
    assert address(written) == found


def test_a_very_long_reference_is_read_at_once() -> None:
    """In one pass over it."""
    assert same("a" * 3_000_000 + ":") == "a" * 3_000_000 + ":"
