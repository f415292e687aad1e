"""Naming: what is known of a dataset, by any name that people have for it; feeds and contracts may write it apart."""

from __future__ import annotations

from watcher.model.catalogue import Catalogue, dataset_key
from watcher.model.dataset import DatasetName
from watcher.ports import DatasetRow, Transaction


def row_of(tx: Transaction, catalogue: Catalogue, dataset: str) -> DatasetRow | None:
    """What is known of the dataset that is meant; None where it was never heard of.

    A feed may name its datasets by the alias or by the namespace that it stands for, and a platform that folds names
    may have them in capitals where a contract does not.
    """
    names = names_of(catalogue, dataset)
    found = tx.datasets(names)
    return next((found[name] for name in names if name in found), None)


def names_of(catalogue: Catalogue, dataset: str) -> tuple[DatasetName, ...]:
    """The names by which a dataset may be known, the nearest first."""
    written = (DatasetName(dataset), catalogue.canonical(dataset))
    return tuple(dict.fromkeys([*written, *(other for one in written for other in _folded(one))]))


def _folded(name: DatasetName) -> tuple[DatasetName, ...]:
    """The same table in small letters and in capitals, where its platform takes them for one."""
    scheme, mark, rest = name.partition("://")
    place, slash, table = rest.partition("/")
    if not slash:
        return ()
    several = (DatasetName(f"{scheme}{mark}{place}{slash}{each}") for each in (table.lower(), table.upper()))
    return tuple(one for one in several if dataset_key(one) == dataset_key(name))
