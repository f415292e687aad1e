"""Subjects as a registry qualifies them: `:.context:subject`, where the default context is not written."""

from __future__ import annotations

GLOBAL = ":.__GLOBAL:"
"""The scope above all contexts, which newer registries know beside the setting without a subject."""


def canonical(subject: str) -> str:
    """The one way to write a subject: without the default context, which some clients spell out."""
    return subject.removeprefix(":.:")


def split(subject: str) -> tuple[str, str]:
    """Context (empty for the default one) and the name within it."""
    if not subject.startswith(":."):
        return "", subject
    end = subject.find(":", 2)
    if end < 0:  # a name that only begins like a context
        return "", subject
    return subject[1:end], subject[end + 1 :]


def context_scope(context: str) -> str:
    """The scope under which a context's own setting is kept; empty, the whole registry, for the default one."""
    return f":{context}:" if context else ""


def qualified(subject: str, beside: str) -> str:
    """A subject as it is meant where `beside` names it: within the same context, unless it says otherwise."""
    if subject.startswith(":."):
        return canonical(subject)
    return context_scope(split(beside)[0]) + subject
