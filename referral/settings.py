"""The environment, read once. Every setting has a default that serves one machine without any set-up."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings come from variables that begin with LODESTAR_."""

    model_config = SettingsConfigDict(env_prefix="LODESTAR_", frozen=True)

    data: Path = Path("var")  # where the embedded database, keys and the message log live
    database_url: str = ""  # empty: SQLite in the data folder
    rules: Path | None = None  # folder of this installation's own rules and bank holidays
    issuer: str = "https://lodestar.invalid"  # who issues tokens; set it to the address that partners use
    address: str = "http://127.0.0.1:8000"  # what links in messages begin with
    heartbeat: bool = True  # whether the web process also wakes the heartbeat
    heartbeat_seconds: int = 60
    smtp_host: str = ""  # empty: messages go to the log file only
    smtp_port: int = 25
    smtp_from: str = "lodestar@localhost"
    pool: int = 8  # database connections, and threads, of one process

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.data / 'lodestar.db'}"
