"""Runs the migrations of the history. The only module that runs Alembic; imported where one is due."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

FOLDER = Path(__file__).with_name("migrations")
CONNECTION = "connection"
"""Under this name the migrations find the connection to work with."""


def migrate(connection: Connection, to: str = "head") -> None:
    """Bring the tables to the version `to` within the connection's transaction. Raises DBAPIError."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes[CONNECTION] = connection
    command.upgrade(config, to)
