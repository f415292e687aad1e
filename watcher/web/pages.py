"""Pages: what people read in a browser; it fetches nothing, runs nothing, and stands in no other page."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

_ALONE = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}


def alone(text: str) -> HTMLResponse:
    """The page; what no text may hold is written out."""
    return HTMLResponse(text.encode(errors="backslashreplace"), headers=_ALONE)
