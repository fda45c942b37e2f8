"""A server to be killed, with the one voice that says the same thing the same way every time."""

import sys
from pathlib import Path

import click
import uvicorn

from rhapsode.app import create_app
from rhapsode.cli.serving import UVICORN, listen, page_address
from rhapsode.settings import Settings
from rhapsode.tts.host import ThreadHost
from rhapsode.tts.tone import ToneEngine


def main() -> None:
    settings = Settings(data_dir=Path(sys.argv[1]), port=0)
    engine = ToneEngine(seconds_per_word=0.03, delay_s=0.0005)
    app = create_app(settings, {"tone": ThreadHost(engine)})
    listener = listen(settings.host, settings.port)
    click.echo(f"Rhapsode is at {page_address(settings.host, listener.getsockname()[1])}")
    uvicorn.Server(uvicorn.Config(app, **UVICORN)).run(sockets=[listener])


if __name__ == "__main__":
    main()
