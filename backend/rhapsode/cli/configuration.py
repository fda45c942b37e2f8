"""Reads the operator's settings for a command, and explains what is wrong with them."""

from typing import Any

import click
from pydantic import ValidationError
from pydantic_settings import SettingsError

from rhapsode.settings import Settings


def load_settings(*, host: str | None = None, port: int | None = None) -> Settings:
    """Return the settings from the environment, with the options a person typed on top.

    Args:
        host: Address to listen on; None leaves the environment's choice.
        port: Port to listen on; None leaves the environment's choice.

    Raises:
        click.ClickException: A setting cannot be, or two cannot work together; names them.
    """
    typed: dict[str, Any] = {"host": host, "port": port}
    try:
        return Settings(**{name: value for name, value in typed.items() if value is not None})
    except ValidationError as error:
        lines = (_explain(tuple(item["loc"]), item["msg"]) for item in error.errors())
        raise click.ClickException("\n".join(lines)) from error
    except SettingsError as error:
        hint = 'A list is written as JSON, such as ["stories.example"].'
        raise click.ClickException(f"{error}. {hint}") from error


def _explain(location: tuple[int | str, ...], message: str) -> str:
    # A rule about several settings has no location, and names them itself.
    plain = message.removeprefix("Value error, ")
    return f"RHAPSODE_{str(location[0]).upper()}: {plain}" if location else plain
