"""The release that `tallymark demo` published, shown to the public as if two of the demo's people had decided so."""

from __future__ import annotations

import datetime as dt
import os
import shutil

from django.db import transaction

from tallymark.releasing import releases_in
from tallymark_web.audit.log import record
from tallymark_web.people.models import Person
from tallymark_web.releases.files import kept, public_folder, site_of
from tallymark_web.releases.models import PUBLIC, Release
from tallymark_web.workplace import folder

PUBLISHED = "site"
"""Where `tallymark demo` writes the pages, beside the store."""


def show_published(*, at: dt.datetime) -> None:
    """The demo's release among those of the portal; one that is there already stays as it is."""
    pages = folder() / PUBLISHED
    made = releases_in(public_folder()) if public_folder().is_dir() else []
    if len(made) != 1 or not pages.is_dir() or Release.objects.exists():
        return
    (one,) = made
    for source, target in ((one.path, kept(one.id)), (pages, site_of(one.id))):
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_name(f".making-{target.name}")
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.copytree(source, fresh)
            os.replace(fresh, target)
    statistician, leader = (Person.objects.get(username=name) for name in ("statistician", "leader"))
    with transaction.atomic():
        Release.objects.create(
            code=one.id,
            run=one.manifest["run"],
            state=PUBLIC,
            attacked=one.manifest["attacked"],
            reasons=one.manifest["reasons"],
            by=statistician,
            at=at,
            decided_by=leader,
            decided_at=at,
        )
        for name, said in (("statistician", "release proposed"), ("leader", "release approved")):
            record(name, said, thing=one.id, detail={"demo": True})
