"""What stands in the store for what identifies a person: keyed digests, opaque to whoever has no key."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.vault.cmac import Cmac
from tallymark.vault.key import derived

KEPT = 12
"""Bytes of a tag that are kept: among 50 million values two meet by chance once in 10¹³ stores."""
WITHIN = "~"
"""Before digests that are comparable within a unit and day only."""
APART = "\x1f"


class Digests:
    """The digests of one vault; each column of each dataset has a key of its own."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._macs: dict[tuple[str, str, str], Cmac] = {}

    def whole(self, dataset: str, column: str, values: pa.Array) -> pa.Array:
        """Pseudonyms: equal for equal values wherever they occur in the column. Null stays null."""
        return self._texts("pseudonym", dataset, column, values.cast(pa.string()))

    def within(self, dataset: str, column: str, values: pa.Array, beside: Sequence[pa.Array]) -> pa.Array:
        """Digests that are equal only where what stands `beside` is equal, too: how often a value occurs is not seen."""
        parts = [pc.fill_null(part.cast(pa.string()), "") for part in beside]
        text = values.cast(pa.string())
        joined = pc.binary_join_element_wise(*parts, text, APART, null_handling="emit_null")
        return pc.binary_join_element_wise(WITHIN, self._texts("within", dataset, column, joined), "")

    def _texts(self, kind: str, dataset: str, column: str, texts: pa.Array) -> pa.Array:
        key = (kind, dataset, column)
        if key not in self._macs:
            self._macs[key] = Cmac(derived(self._secret, "\x1f".join(key)))
        tags = self._macs[key].of(texts)[:, :KEPT]
        said = base64.urlsafe_b64encode(tags.tobytes())
        width = KEPT // 3 * 4
        offsets = np.arange(0, (len(texts) + 1) * width, width, dtype=np.int32)
        made = pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(said))
        return pc.if_else(pc.is_valid(texts), made, pa.scalar(None, pa.string()))
