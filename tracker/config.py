"""Settings of one installation, read from the environment once; nobody else reads os.environ."""

import os
import secrets
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting with its default; docs/operations.md has the same table, and a test holds the two together."""

    model_config = SettingsConfigDict(
        env_prefix="TRACKER_", env_file=".env", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    database_url: str = Field(
        default="",
        validation_alias="DATABASE_URL",
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; empty: a file below TRACKER_VAR_DIR",
    )
    var_dir: Path = Field(default=Path("var"), description="Folder of everything that the program writes")
    host: str = Field(default="127.0.0.1", validation_alias="HOST", description="Address on which the server listens")
    port: int = Field(default=8000, ge=1, le=65535, validation_alias="PORT", description="Port of the server")
    workers: int = Field(default=2, ge=1, description="Processes that answer requests")
    threads: int = Field(default=8, ge=1, description="Requests that each process answers at the same time")
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs sessions and links; empty: made once, kept in TRACKER_VAR_DIR",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        description="Address under which people reach the program, for links in mail",
    )
    secure_cookies: bool = Field(default=False, description="Send the session cookie over HTTPS only")
    session_hours: int = Field(default=10, ge=1, description="Hours without a request after which a session ends")
    lock_after_failures: int = Field(default=8, ge=1, description="Wrong passwords in a row that lock an account")
    lock_minutes: int = Field(default=15, ge=1, description="Minutes that a locked account stays locked")
    mail_backend: str = Field(
        default="file", pattern="^(file|console|smtp)$", description="file, console or smtp: where mail goes"
    )
    mail_sender: str = Field(default="tracker@localhost", description="Sender's address of every mail")
    mail_bounces_to: str = Field(
        default="", description="Address that is told what could not be delivered; empty: the sender"
    )
    smtp_host: str = Field(default="127.0.0.1", description="Mail server")
    smtp_port: int = Field(default=25, description="Port of the mail server")
    smtp_user: str = Field(default="", description="Account on the mail server; empty: none")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password on the mail server")
    smtp_starttls: bool = Field(default=False, description="Encrypt the connection to the mail server (STARTTLS)")
    colissimo_account: str = Field(default="", description="Contract number at Colissimo; empty: not offered")
    colissimo_password: SecretStr = Field(default=SecretStr(""), description="Password of the Colissimo contract")
    colissimo_url: str = Field(default="", description="Colissimo's label service; empty: its own address")
    chronopost_account: str = Field(default="", description="Account number at Chronopost; empty: not offered")
    chronopost_password: SecretStr = Field(default=SecretStr(""), description="Password of the Chronopost account")
    chronopost_url: str = Field(default="", description="Chronopost's service; empty: its own address")
    rate_limits: bool = Field(default=True, description="Limit sign-in attempts and frames per minute and address")
    log_json: bool = Field(default=False, description="Log as JSON lines instead of text")
    trusted_proxies: int = Field(
        default=0, ge=0, description="Reverse proxies in front, whose X-Forwarded headers are believed"
    )

    roster_folder: str = Field(
        default="",
        description="Folder watched for the daily feed, a folder per school in it, named by its UAI; "
        "empty: `rosters` below TRACKER_VAR_DIR",
    )

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def database(self) -> str:
        """The database's address, the default file filled in."""
        return self.database_url or f"sqlite:///{self.var_dir.absolute() / 'tracker.db'}"

    @property
    def watched_folder(self) -> Path:
        """Where the daily feed drops its files."""
        return Path(self.roster_folder) if self.roster_folder else self.var_dir / "rosters"

    def signing_key(self) -> str:
        """The key that signs sessions and links: the setting, else one made once below `var_dir` (mode 600)."""
        given = self.secret_key.get_secret_value()
        return given or _kept_key(self.var_dir / "secret-key")


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
