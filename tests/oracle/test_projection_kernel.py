"""Populations to 2100 against the United Nations' own projection kernel (ccmppWPP), for both timings of migration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tallymark.population import project

WPP = Path(__file__).parents[3] / "shared" / "data" / "wpp"
pytestmark = pytest.mark.skipif(not WPP.is_dir(), reason="../shared/data/wpp is not here")


@pytest.mark.parametrize("timing", ["end", "even"])
@pytest.mark.parametrize("country", ["gbr", "ind", "chn"])
def test_the_kernel_of_world_population_prospects(country: str, timing: str) -> None:
    with np.load(WPP / f"kernel_oracle_{country}.npz") as given:
        got = project(
            given["P0"], given["Sx"], given["asfr"], given["srb"], given["mig"], migration_timing=timing
        )
        np.testing.assert_array_equal(got.populations[0], given["P0"])
        np.testing.assert_allclose(got.populations[1:], given[f"pop_end_un_mig{timing}"], rtol=1e-12)


def test_many_at_once_are_each_alone() -> None:
    files = [np.load(WPP / f"kernel_oracle_{country}.npz") for country in ("gbr", "ind", "chn")]
    inputs = [np.stack([file[name] for file in files]) for name in ("P0", "Sx", "asfr", "srb", "mig")]
    got = project(*inputs)
    for at, file in enumerate(files):
        np.testing.assert_allclose(got.populations[at, 1:], file["pop_end_un_migend"], rtol=1e-12)
