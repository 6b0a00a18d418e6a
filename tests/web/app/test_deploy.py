"""What `deploy/` starts: the units' own command lines with their own environment, the image's command with compose's."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml
from bench.cluster import fresh_database
from tests.web.app.conftest import make_workplace

DEPLOY = Path(__file__).parents[3] / "deploy"
ROOT = DEPLOY.parent
PYTHON, WORKPLACE, SETTINGS = "/opt/tallymark/bin/python", "/srv/tallymark", "/etc/tallymark.env"
HOST = "tallymark.example.org"
KNOWN = {
    "services": {"image", "build", "environment", "volumes", "healthcheck", "depends_on", "ports"},
    "top": {"services", "volumes"},
}


def unit(name: str) -> dict[str, list[str]]:
    """What the [Service] of a unit says, each key with all its lines."""
    found: dict[str, list[str]] = {}
    parsed = configparser.RawConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read(DEPLOY / name, encoding="utf-8")
    assert parsed.has_section("Service")
    within = (DEPLOY / name).read_text(encoding="utf-8").split("[Service]")[1].split("\n[")[0]
    for line in within.splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def started_as(said: Mapping[str, list[str]], folder: Path) -> tuple[list[str], dict[str, str]]:
    """A unit's command line and environment; only the places on disk are this machine's."""
    command = shlex.split(said["ExecStart"][0])
    assert command[0] == PYTHON
    command = [sys.executable, *(str(folder) if word == WORKPLACE else word for word in command[1:])]
    environment = dict(line.split("=", 1) for line in said.get("Environment", []))
    assert said["EnvironmentFile"] == [SETTINGS]
    return command, environment


@contextmanager
def running(command: list[str], environment: Mapping[str, str], folder: Path) -> Iterator[int]:
    """The server on a free port instead of the one that it says."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*command, "--port", str(port)]
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("TALLYMARK", "DJANGO"))
    }
    server = subprocess.Popen(command, env=inherited | environment, cwd=folder, start_new_session=True)
    try:
        until = time.monotonic() + 90
        while True:
            try:
                requests.get(f"http://127.0.0.1:{port}/healthy", timeout=5, allow_redirects=False)
                break
            except requests.RequestException:
                assert time.monotonic() < until
                assert server.poll() is None
                time.sleep(0.3)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)  # as systemd and container engines do
        try:
            assert server.wait(timeout=40) == 0
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)


def ask(port: int, **headers: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{port}/start", headers=headers, timeout=30, allow_redirects=False)


def looks_right(port: int) -> None:
    """Served for its own name behind a proxy with TLS; sent to HTTPS without it; not for another name."""
    proxied = {"X-Forwarded-Proto": "https"}
    page = ask(port, Host=HOST, **proxied)
    assert page.status_code == 200
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    assert ask(port, Host=HOST).headers["Location"].startswith(f"https://{HOST}/")
    assert ask(port, Host="elsewhere.example.org", **proxied).status_code == 400


def test_the_service_starts_as_it_says(tmp_path: Path, postgresql: str) -> None:
    database = fresh_database(f"{postgresql.rsplit('/', 1)[0]}/service")
    folder = make_workplace(tmp_path / "w", assessed=False)
    command, environment = started_as(unit("tallymark.service"), folder)
    with running(command, environment | {"TALLYMARK_DATABASE": database}, tmp_path) as port:
        looks_right(port)
    reminding, more = started_as(unit("tallymark-remind.service"), folder)
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("TALLYMARK", "DJANGO"))
    }
    done = subprocess.run(
        reminding,
        env=inherited | more | {"TALLYMARK_DATABASE": database},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "0 reminders sent" in done.stdout


def test_the_image_starts_as_compose_says(tmp_path: Path, postgresql: str) -> None:
    folder = make_workplace(tmp_path / "w", assessed=False)
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    command = json.loads(next(line for line in lines if line.startswith("CMD ")).removeprefix("CMD "))
    assert command[0] == "python"
    command = [sys.executable, *(str(folder) if word == WORKPLACE else word for word in command[1:])]
    said = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["pages"][
        "environment"
    ]
    asked = {name: value.replace("${HOST:?}", HOST) for name, value in said.items()}
    asked["TALLYMARK_DATABASE"] = fresh_database(f"{postgresql.rsplit('/', 1)[0]}/image")
    with running(command, asked, tmp_path) as port:
        looks_right(port)


def test_compose_fits_together() -> None:
    """No container engine was at hand: what can be read is checked, key by key."""
    said = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert set(said) <= KNOWN["top"]
    assert all(set(service) <= KNOWN["services"] for service in said["services"].values())
    pages, database = said["services"]["pages"], said["services"]["database"]
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    built = DEPLOY / pages["build"]["context"]
    assert (built / pages["build"]["dockerfile"]).resolve() == DEPLOY / "Containerfile"
    for name in re.findall(r"^COPY (\S+) \./", text, re.MULTILINE):
        assert (built / name).is_file()
    exposed = re.findall(r"^EXPOSE (\d+)", text, re.MULTILINE)
    assert [mapping.rsplit(":", 1)[1] for mapping in pages["ports"]] == exposed
    assert pages["ports"][0].startswith("127.0.0.1:")  # the proxy's alone
    named = {volume.split(":")[0] for service in said["services"].values() for volume in service["volumes"]}
    assert {name for name in named if not name.startswith(".")} == set(said["volumes"])
    assert pages["depends_on"]["database"]["condition"] == "service_healthy"
    address = pages["environment"]["TALLYMARK_DATABASE"]
    kept = database["environment"]
    assert (
        address
        == f"postgresql://{kept['POSTGRES_USER']}:{kept['POSTGRES_PASSWORD']}@database/{kept['POSTGRES_DB']}"
    )
    # pg_dump and psql are those of the server.
    version = database["image"].rsplit(":", 1)[1]
    assert f"postgresql-client-{version}" in text


def test_every_variable_of_deploy_is_one_that_the_app_reads() -> None:
    read = (ROOT / "src/tallymark_web/environment.py").read_text(encoding="utf-8")
    for path in DEPLOY.iterdir():
        for name in set(re.findall(r"TALLYMARK_([A-Z_]+)", path.read_text(encoding="utf-8"))):
            assert f'"{name}"' in read, (path.name, name)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    names = [path.name for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer")]
    assert len(names) == 3
    for name in names:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        # Its programs have to be there for systemd to look further.
        (tmp_path / name).write_text(text.replace(PYTHON, sys.executable), encoding="utf-8")
    for name in names:
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
