"""The code that shows that whoever makes the first account sits at the machine."""

from __future__ import annotations

import hashlib

from django.conf import settings


def start_code() -> str:
    """Eight signs derived from the installation's key; the terminal prints them."""
    return hashlib.sha256(f"first account {settings.SECRET_KEY}".encode()).hexdigest()[:8]
