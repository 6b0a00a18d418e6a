"""Visit sheets for printing: a list of the drawn units, then a page for each; what was reported is not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

from tallymark.texts import translate
from tallymark.verify.sampling.forms import OUTCOMES, Form, Question

STYLE = """@page{ size:A4;margin:16mm}
body{ font:11pt/1.5 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",sans-serif;
color:#111}
h1{ font-size:16pt;margin:0 0 4mm}h2{ font-size:13pt;margin:0 0 3mm}table{ border-collapse:collapse;width:100%}
th,td{ border:1px solid #555;padding:2mm;text-align:left;vertical-align:top}th{ background:#eee}
.unit{ break-before:page}.box{ height:9mm;min-width:30mm}.small{ font-size:8.5pt;color:#444;overflow-wrap:anywhere}
.choice{ margin-right:6mm;white-space:nowrap}tr{ break-inside:avoid}"""


def visit_sheets(
    sample: Sequence[Mapping[str, Any]],
    form: Form,
    *,
    title: str,
    commitment: str,
    periods: Sequence[str],
    language: str,
) -> str:
    """A print-ready page: the list first, then a sheet for each unit with a box for every figure of every period."""
    say = partial(_said, language)
    head = f"<h1>{escape(title)}</h1><p>{escape(form.title[language])}</p><p>{escape(form.purpose[language])}</p>"
    proof = f'<p class="small">{say("Commitment")}: {escape(commitment)}</p>'
    columns = ("#", say("Unit"), say("Unit name"), say("Stratum"), say("Cluster"), say("Day"), say("Visitor"))
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(str(row[key]))}</td>" for key in ("order", "unit", "name", "stratum", "cluster")
        )
        + '<td class="box"></td><td class="box"></td></tr>'
        for row in sample
    )
    listed = "<table><tr>" + "".join(f"<th>{column}</th>" for column in columns) + f"</tr>{rows}</table>"
    pages = "".join(_sheet(row, form, periods, language) for row in sample)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{head}{listed}{proof}{pages}</body></html>\n"
    )


def _sheet(row: Mapping[str, Any], form: Form, periods: Sequence[str], language: str) -> str:
    say = partial(_said, language)
    outcomes = "".join(f'<span class="choice">☐ {escape(title[language])}</span>' for _, title in OUTCOMES)
    heading = (
        f"<h2>{row['order']}. {escape(str(row['name'] or row['unit']))} ({escape(str(row['unit']))})</h2>"
    )
    first = f"<p>{say('Day')}: ____________ {say('Visitor')}: ____________ {outcomes}</p>"
    recounts = [question for question in form.questions if question.kind == "recount"]
    others = [question for question in form.questions if question.kind != "recount"]
    table = ""
    if recounts:
        heads = "".join(f"<th>{escape(period)}</th>" for period in periods)
        lines = "".join(
            f"<tr><td>{_label(question, language)}</td>" + '<td class="box"></td>' * len(periods) + "</tr>"
            for question in recounts
        )
        blind = say("Count again from the records; the report is not to be looked at.")
        table = f"<p>{blind}</p><table><tr><th></th>{heads}</tr>{lines}</table>"
    if others:
        table += "<table>" + "".join(_line(question, language) for question in others) + "</table>"
    return f'<section class="unit">{heading}{first}{table}</section>'


def _said(language: str, words: str) -> str:
    return escape(translate(words, language))


def _label(question: Question, language: str) -> str:
    hint = question.hint[language]
    return escape(question.title[language]) + (
        f'<br><span class="small">{escape(hint)}</span>' if hint else ""
    )


def _line(question: Question, language: str) -> str:
    if question.kind == "check":
        boxes = f"☐ {escape(translate('yes', language))} &nbsp; ☐ {escape(translate('no', language))}"
    else:
        boxes = "".join(
            f'<span class="choice">☐ {escape(title[language])}</span>' for _, title in question.choices
        )
    return f'<tr><td>{_label(question, language)}</td><td class="box">{boxes}</td></tr>'
