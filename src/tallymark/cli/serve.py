"""`tallymark serve`: a published site in a browser, from this machine only."""

from __future__ import annotations

import functools
import http.server
import webbrowser
from pathlib import Path

import click

from tallymark.cli.speak import in_language, say, shown_language
from tallymark.errors import TallymarkError


@click.command()
@click.argument("site", type=click.Path(path_type=Path))
@click.option("--port", default=8765, show_default=True)
@click.option("--open/--no-open", "browser", default=True, help="Open a browser.")
@in_language
def command(site: Path, port: int, browser: bool, lang: str | None) -> None:
    """Show SITE, a folder written by `tallymark publish`, at 127.0.0.1 until Ctrl-C."""
    serve(site, port=port, browser=browser, language=shown_language(lang))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and writes no request log."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a reader's clicks are nobody's business."""


def serve(site: Path, *, port: int, browser: bool, language: str) -> None:
    """Serves a folder on the loopback address until interrupted."""
    if not (site / "index.html").is_file():
        raise TallymarkError(f"{site} holds no published site; `tallymark publish RUN {site}` writes one")
    try:
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", port), functools.partial(_Quiet, directory=str(site))
        )
    except OSError as error:
        raise TallymarkError(
            f"port {port} cannot be used ({error.strerror}); choose another with --port"
        ) from None
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    say("Serving {site} at {address} — Ctrl-C to stop", language, site=site, address=address)
    if browser:
        webbrowser.open(address)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
