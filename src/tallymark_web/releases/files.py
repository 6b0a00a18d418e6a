"""Where releases lie: proposed ones and the public's pages in `web/`, public ones also beside the store's runs."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path

from tallymark.errors import TallymarkError
from tallymark.publish import publish
from tallymark.releasing import FOLDER, Released, open_release, release, releases_in
from tallymark.store.runs import Run
from tallymark_web.environment import STORE, WEB
from tallymark_web.workplace import folder

SITE = "site"


def public_folder() -> Path:
    """Everything that ever was public, withdrawn releases among it: nobody forgets what was."""
    return folder() / STORE / FOLDER


def kept(code: str) -> Path:
    """A release's folder in the web app."""
    return folder() / WEB / FOLDER / code


def site_of(code: str) -> Path:
    """Its pages."""
    return folder() / WEB / FOLDER / f"{code}.{SITE}"


def propose(run: Run, *, at: dt.datetime) -> Released:
    """The release and its pages, made and attacked, not public yet."""
    root = folder() / WEB / FOLDER
    made = release(run, public_folder(), released_at=at, into=root)
    if not kept(made.id).exists():
        shutil.copytree(made.path, kept(made.id))
    if not site_of(made.id).exists():
        publish(made, site_of(made.id))
    return made


def make_public(code: str) -> None:
    """Puts a proposed release among the public ones.

    Errors: TallymarkError when something else became public since it was attacked: both together were never attacked.
    """
    made = open_release(kept(code))
    public = [one.id for one in releases_in(public_folder())] if public_folder().is_dir() else []
    if code in public:
        return
    if list(made.manifest["after"]) != public:
        raise TallymarkError(
            "another release became public since this one was attacked; make it again, so that both are attacked together"
        )
    if made.altered():
        raise TallymarkError("the release's files were altered since it was made; make it again")
    public_folder().mkdir(parents=True, exist_ok=True)
    fresh = public_folder() / f".making-{code}"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(kept(code), fresh)
    os.replace(fresh, public_folder() / code)


def page(code: str, name: str) -> Path | None:
    """A file of a release's pages; None for one that is not there, or outside."""
    root = site_of(code).resolve()
    found = (root / name).resolve()
    return found if found.is_relative_to(root) and found.is_file() else None
