"""A proposed change tried with a run of its own: for changes after which figures are others, too."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tallymark.clock import now
from tallymark.errors import TallymarkError
from tallymark.flow import assess
from tallymark.programme.load import load
from tallymark.rehearsing import figures_of, moved, standings
from tallymark.texts import Message
from tallymark_web.declared.changing import copied
from tallymark_web.declared.fields import CONTRACTS
from tallymark_web.declared.models import PROPOSED, Revision
from tallymark_web.declared.trying import kept_figures, periods_of
from tallymark_web.workplace import newest_run, programme, store


def try_run(number: int, tell: Callable[[str], None]) -> Message:
    """A rehearsal by the proposed rules on the data of the newest run, thrown away; its points are kept.

    Errors: TallymarkError when nothing was assessed yet, or the change was decided on meanwhile.
    """
    revision = Revision.objects.get(pk=number)
    run, known = newest_run(), programme()
    if run is None or revision.state != PROPOSED:
        raise TallymarkError("there is nothing to try it on, or it was decided on meanwhile")
    contract = revision.subject if revision.kind == CONTRACTS else next(iter(known.contracts))
    with tempfile.TemporaryDirectory(prefix="tallymark-try-") as scratch:
        files = {name: texts[1] for name, texts in revision.files.items()}
        changed = load(copied(known.root, files, Path(scratch) / "programme"))
        made = assess(
            changed,
            store(),
            contract=contract,
            mode="rehearsal",
            data_version=int(run.manifest["data_version"]),
            made_at=now(),
            runs=Path(scratch) / "runs",
            progress=tell,
        )
        for period in periods_of(known, contract):
            figures = kept_figures(run, period)
            if not figures.known:
                continue
            before = standings(known, known.contracts[contract], figures)
            after = standings(changed, changed.contracts[contract], figures_of(made, period))
            rows = [
                {
                    "unit": row.unit,
                    "before": [row.before.total, row.before.rank, row.before.of],
                    "after": [row.after.total, row.after.rank, row.after.of],
                }
                for row in moved(before, after)
            ]
            trial = {"period": period.code, "run": run.id, "rows": rows}
            Revision.objects.filter(pk=number, state=PROPOSED).update(trial=trial)
            return Message("tried on {period}", period=period.code)
    raise TallymarkError("there is nothing to try it on, or it was decided on meanwhile")
