"""Owners in the settings: which files of other systems say who owns what, and how those name datasets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from watcher.settings.documents import Document

Paths = Annotated[tuple[Path, ...], Field(min_length=1)]


class BackstageOwners(Document):
    """Backstage's catalogue: `catalog-info.yaml` files, or what its API gives as JSON."""

    paths: Paths = Field(description="Files, and folders in which every `.yaml`, `.yml` and `.json` is read.")
    annotation: str = Field("watcher/dataset", description="The annotation that names an entity's datasets.")
    datasets: dict[str, str] = Field(
        default_factory=dict,
        description="`spec.type` or kind of an entity → how its dataset is named: "
        "`kafka-topic: kafka://prod/{name}`; known are `{name}`, `{namespace}`, `{title}`.",
    )


class OdcsOwners(Document):
    """Open Data Contract Standard: the `team` of a contract."""

    paths: Paths = Field(description="Files, and folders in which every `.yaml` and `.yml` is read.")
    datasets: dict[str, str] = Field(
        default_factory=dict,
        description="A server's type → how a dataset is named: `kafka: kafka://prod/{name}`; known are `{name}` and "
        "the server's own keys, such as `{account}`.",
    )


class DbtOwners(Document):
    """dbt: the groups of a project, by its manifest."""

    manifest: Path = Field(description="`target/manifest.json`.")
    namespace: str = Field(description="The namespace of its tables: `snowflake://acme-prod`.")


class CodeownersOwners(Document):
    """CODEOWNERS: who owns the files that schemas, contracts or models are made of."""

    path: Path = Field(
        description="The CODEOWNERS file, at the root of its repository or in `.github`, `.gitlab` or `docs`."
    )
    flavour: Literal["github", "gitlab"] = Field("github", description="Whose rules it is read by.")
    files: dict[str, str] = Field(
        default_factory=dict,
        description="A file's path, with `{name}`, → its dataset: `schemas/{name}.avsc: kafka://prod/{name}`.",
    )
    manifest: Path | None = Field(None, description="A dbt manifest, whose models are such files too.")
    namespace: str | None = Field(None, description="The namespace of the manifest's tables.")


class DatahubOwners(Document):
    """DataHub: an export of metadata as JSON or JSON lines."""

    paths: Paths = Field(description="Files, and folders in which every `.json` and `.jsonl` is read.")
    names: dict[str, str] = Field(
        default_factory=dict, description="Platform (`snowflake`, or `platform.instance`) → namespace."
    )
    environment: str = Field("PROD", description="The environment whose datasets are meant.")


class OpenMetadataOwners(Document):
    """OpenMetadata: entities as its API gives them, as JSON or JSON lines."""

    paths: Paths = Field(description="Files, and folders in which every `.json` and `.jsonl` is read.")
    names: dict[str, str] = Field(default_factory=dict, description="Service → namespace.")


class OwnersSettings(Document):
    """What other systems say of owners: it counts where no domain's own `owns` does."""

    mail: str | None = Field(
        None, description="The channel on which teams that have an address, and no domain of their own, are told."
    )
    odcs: tuple[OdcsOwners, ...] = Field((), description="ODCS contracts; the weightiest of these sources.")
    backstage: tuple[BackstageOwners, ...] = Field((), description="Backstage catalogues.")
    datahub: tuple[DatahubOwners, ...] = Field((), description="Exports of DataHub.")
    openmetadata: tuple[OpenMetadataOwners, ...] = Field((), description="Exports of OpenMetadata.")
    dbt: tuple[DbtOwners, ...] = Field((), description="Manifests of dbt.")
    codeowners: tuple[CodeownersOwners, ...] = Field((), description="CODEOWNERS files.")

    @property
    def sources(self) -> int:
        """How many there are."""
        return sum(len(value) for _, value in self if isinstance(value, tuple))
