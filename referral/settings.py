"""The environment, read once. Every setting has a default that serves one machine without any set-up."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _a_database(url: str) -> str:
    """Only what the tables are made for. The address may hold a password, so it is not said again."""
    if url and not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")):
        raise ValueError("Lodestar works with postgresql://user@host/name and sqlite:///file only")
    return url


class Settings(BaseSettings):
    """Settings come from variables that begin with LODESTAR_."""

    model_config = SettingsConfigDict(env_prefix="LODESTAR_", frozen=True, hide_input_in_errors=True)

    data: Path = Path("var")  # where the embedded database, keys and the message log live
    database_url: Annotated[str, AfterValidator(_a_database)] = ""  # empty: SQLite in the data folder
    rules: Path | None = None  # folder of this installation's own rules and bank holidays
    issuer: str = "https://lodestar.invalid"  # who issues tokens; set it to the address that partners use
    address: str = "http://127.0.0.1:8000"  # what links in messages begin with
    heartbeat: bool = True  # whether the web process also wakes the heartbeat
    heartbeat_seconds: int = Field(default=60, ge=1, le=86_400)
    seal_seconds: int = Field(default=1, ge=0, le=3600)  # how often new events are numbered; 0: not by this process
    signer: Path | None = None  # socket of a signer under another user; none: its files lie in the data folder
    witness_file: Path | None = None  # a file outside the database to which every checkpoint is added
    smtp_host: str = ""  # empty: messages go to the log file only
    smtp_port: int = Field(default=25, ge=1, le=65_535)
    smtp_from: str = "lodestar@localhost"
    pool: int = Field(default=8, ge=1, le=1000)  # database connections, and threads, of one process

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.data / 'lodestar.db'}"
