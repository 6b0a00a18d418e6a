"""The people of the demo: none of them exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PASSWORD = "try-the-demo-county"  # not a secret: shown on the sign-in page of a demo
NAMES: Mapping[str, tuple[str, str, str]] = {
    "clerk": ("Lin Mei", "clerk", "town"),
    "village-clerk": ("Zhou Ping", "clerk", "village"),
    "reviewer": ("Chen Rui", "reviewer", "town"),
    "inspector": ("He Jun", "inspector", "top"),
    "statistician": ("Sun Yan", "statistician", "top"),
    "leader": ("Wang Hui", "leader", "top"),
    "auditor": ("Xu Lan", "auditor", "top"),
    "administrator": ("Guo Qiang", "administrator", "top"),
}
"""User name → name of a person that does not exist, role, and where it holds."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the demo's roles hold."""

    top: str
    town: str
    village: str
