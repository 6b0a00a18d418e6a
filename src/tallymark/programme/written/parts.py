"""What every declared thing shares: forbidden extras, bilingual texts, codes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_\-]*$", max_length=80)]
"""A declared name: letters, digits, `_` and `-`, starting with a letter."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=80)]
"""A declared name that expressions use (items, measures, indicators): no `-`."""


class Written(BaseModel):
    """Exactly what YAML may say: an unknown key is a finding, never ignored."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False, defer_build=True
    )


class Bilingual(Written):
    """A text in English and Simplified Chinese."""

    en: str = Field("", description="English.")
    zh: str = Field("", description="Simplified Chinese.")


WrittenText = str | Bilingual
"""One string (read as English, or as Chinese where it has Chinese characters) or `{en: …, zh: …}`."""


class Described(Written):
    """A declared thing that people read about."""

    title: WrittenText | None = Field(None, description="Short name shown to people.")
    description: WrittenText | None = Field(None, description="What it means, for the methods page.")
