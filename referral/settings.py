"""The environment, read once. Every setting has a default that serves one machine without any set-up."""

from pathlib import Path
from typing import Annotated, Literal

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
    keys: Path | None = None  # folder of the keys; better on another volume than the database. None: in the data folder
    issuer: str = "https://lodestar.invalid"  # who issues tokens; set it to the address that partners use
    address: str = "http://127.0.0.1:8000"  # where people reach it
    second_factor: Literal["required", "optional"] = "required"  # whether people need one to see any case
    providers: Path | None = None  # file that names the organisations' own sign-in providers
    heartbeat: bool = True  # whether the web process also wakes the heartbeat
    heartbeat_seconds: int = Field(default=60, ge=1, le=86_400)
    seal_seconds: int = Field(default=1, ge=0, le=3600)  # how often new events are numbered; 0: not by this process
    signer: Path | None = None  # socket of a signer under another user; none: its files lie in the data folder
    witness_file: Path | None = None  # a file outside the database to which every checkpoint is added
    smtp_host: str = ""  # empty: messages go to the log file only
    smtp_port: int = Field(default=25, ge=1, le=65_535)
    smtp_from: str = "lodestar@localhost"
    strict_role: bool = False  # whether a database role that owns the tables is refused rather than warned of
    pool: int = Field(default=8, ge=1, le=1000)  # database connections, and threads, of one process
    hosts: str = ""  # names, besides that of `address` and this machine's own, under which it may be called
    proxies: str = ""  # addresses of the proxies whose X-Forwarded-For is believed
    header_seconds: float = Field(default=10, gt=0, le=60)  # until the head of a request must be complete
    body_seconds: float = Field(default=15, gt=0, le=300)  # and its body
    idle_seconds: float = Field(default=5, gt=0, le=300)  # how long an idle connection is kept
    request_seconds: float = Field(default=30, gt=0, le=300)  # until an answer must be on its way and read
    connections: int = Field(default=10_000, ge=10, le=100_000)  # of one process; above, the longest silent one goes
    requests: int = Field(default=256, ge=4, le=10_000)  # under way at once in one process; above, 503
    at_once: int = Field(default=16, ge=0, le=1000)  # of one caller; 0: no limit, here and below
    reads_per_minute: int = Field(default=1200, ge=0)  # of one caller
    writes_per_minute: int = Field(default=600, ge=0)  # of one caller
    sign_ins_per_minute: int = Field(default=120, ge=0)  # from one network address

    @property
    def key_folder(self) -> Path:
        """Where the keys lie that must never lie in the database, nor in its backups."""
        return self.keys or self.data / "keys"

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.data / 'lodestar.db'}"
