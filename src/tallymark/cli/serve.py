"""`tallymark serve`: a published site, or the web app on a workplace, in a browser, from this machine only."""

from __future__ import annotations

import functools
import http.server
import webbrowser
from pathlib import Path

import click

from tallymark.cli.accept import Place, Whole
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.there import there
from tallymark.cli.workplace import is_workplace, serve_workplace
from tallymark.errors import TallymarkError


@click.command(cls=Command)
@click.argument("site", type=Place())
@click.option(
    "--port", type=Whole(min=0, max=65535), default=8765, show_default=True, help="Port; 0 takes a free one."
)
@click.option("--open/--no-open", "browser", default=True, help="Open a browser.")
@as_json
@in_language
def command(site: Path, port: int, browser: bool, as_json: bool, lang: str | None) -> int:
    """Show SITE, a published site or a workplace (programme and store), at 127.0.0.1 until Ctrl-C."""
    language = shown_language(lang)
    if is_workplace(there(site)) and not (site / "index.html").is_file():
        return serve_workplace(site, port=port, browser=browser, language=language)
    serve(site, port=port, browser=browser, as_json=as_json, language=language)
    return 0


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and writes no request log."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a reader's clicks are nobody's business."""


def serve(site: Path, *, port: int, browser: bool, language: str, as_json: bool = False) -> None:
    """Serves a folder on the loopback address until interrupted."""
    if not (site / "index.html").is_file():
        raise TallymarkError(
            "{site} holds no published site; `tallymark publish RUN {site}` writes one", site=site
        )
    try:
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", port), functools.partial(_Quiet, directory=str(site))
        )
    except OSError as error:
        raise TallymarkError(
            "port {port} cannot be used ({why}); choose another with --port", port=port, why=error.strerror
        ) from None
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    if as_json:
        print_json({"site": str(site), "address": address})
    else:
        say("Serving {site} at {address} — Ctrl-C to stop", language, site=site, address=address)
    if browser:
        webbrowser.open(address)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
