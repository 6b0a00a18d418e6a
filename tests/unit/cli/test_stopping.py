"""Ctrl-C while a compiled module is imported: the module turns it into an error of its own, and still it is quiet."""

from __future__ import annotations

import pytest

from tallymark import cli


def raising(error: Exception, cause: BaseException | None) -> object:
    def make_context(*_: object, **__: object) -> object:
        raise error from cause

    return make_context


def test_an_interrupt_behind_an_import_error_is_an_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ImportError("initialization failed")
    monkeypatch.setattr(cli.tallymark, "make_context", raising(error, KeyboardInterrupt()))
    assert cli.run(["lint", "."]) == 130
    assert capsys.readouterr() == ("", "")


def test_any_other_error_is_a_bug_and_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.tallymark, "make_context", raising(ImportError("no such thing"), ValueError()))
    with pytest.raises(ImportError, match="no such thing"):
        cli.run(["lint", "."])
