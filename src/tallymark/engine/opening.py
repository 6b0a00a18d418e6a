"""Engines by name, opened when a run asks for one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tallymark.engine.duckdb import Engine as DuckDB
from tallymark.engine.duckdb import connect
from tallymark.engine.interface import Engine
from tallymark.errors import AssessmentError

LOCAL = {
    "spark.master": "local[*]",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
}
"""How Spark runs where nobody says otherwise: in this machine, seen from nowhere else."""

UNREADABLE = ("FAILED_READ_FILE", "PATH_NOT_FOUND")
"""Conditions that Spark gives where stored files are gone or damaged."""


@contextmanager
def opened(name: str) -> Iterator[Engine]:
    """The engine of a name, with nothing on it; closed afterwards if it was started for this.

    Errors: AssessmentError where what it needs is not installed.
    """
    with ENGINES[name]() as engine:
        yield engine


@contextmanager
def _duckdb() -> Iterator[Engine]:
    yield DuckDB(connect())


@contextmanager
def _spark() -> Iterator[Engine]:
    """Spark on the session there is (`spark-submit`, a notebook, `SPARK_REMOTE`'s is refused), or on one of its own."""
    session, own = _session()
    from pyspark.errors import PySparkException

    from tallymark.engine.spark import SparkEngine  # only where it is asked for

    try:
        yield SparkEngine(session)
    except PySparkException as error:
        if not str(error.getCondition() or error).lstrip("[").startswith(UNREADABLE):
            raise
        why = str(error).splitlines()[0]
        raise AssessmentError("the store's data cannot be read: {why}", why=why) from error
    finally:
        if own:
            session.stop()


def _session() -> tuple[Any, bool]:
    """The active Spark session, or a new one; and whether it is new."""
    try:
        # An optional, heavy dependency: the extra `spark`.
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise AssessmentError(
            "the engine spark needs PySpark; install it with: pip install 'tallymark[spark]'"
        ) from error
    active = SparkSession.getActiveSession()
    if active is not None:
        return active, False
    if not _java():
        raise AssessmentError(
            "the engine spark needs Java 17 or newer; install it, or say where it is in JAVA_HOME"
        )
    builder = SparkSession.builder.appName("tallymark")
    for key, value in _own_settings().items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate(), True
    except PySparkException as error:
        why = str(error).splitlines()[0]
        raise AssessmentError("Spark did not start: {why}", why=why) from error


def _own_settings() -> dict[str, str]:
    """Settings of a session of our own; none where `spark-submit` or `spark-defaults.conf` say where Spark runs."""
    folder = os.environ.get("SPARK_CONF_DIR") or f"{os.environ.get('SPARK_HOME', '')}/conf"
    elsewhere = "PYSPARK_GATEWAY_PORT" in os.environ or Path(folder, "spark-defaults.conf").is_file()
    return {} if elsewhere else LOCAL


def _java() -> bool:
    """Whether there is a Java to start, or one was started already (`spark-submit`)."""
    home = os.environ.get("JAVA_HOME")
    found = Path(home, "bin", "java").is_file() if home else shutil.which("java") is not None
    return found or "PYSPARK_GATEWAY_PORT" in os.environ


ENGINES: dict[str, Callable[[], Any]] = {"duckdb": _duckdb, "spark": _spark}
"""Word on the command line → what opens the engine."""
