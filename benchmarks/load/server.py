"""`rhapsode serve` with the engine of load tests in the place of eSpeak NG.

Prints its port when it listens, then serves until it is ended. Everything else is the product's:
settings from the environment, database, uvicorn's configuration.
"""

import json
import sys
from pathlib import Path

import uvicorn

from rhapsode.app import create_app
from rhapsode.cli.configuration import load_settings
from rhapsode.cli.serving import UVICORN, PoliteServer, listen
from rhapsode.tts.engine import EngineInfo
from rhapsode.tts.process_host import ProcessHost

ENGINE = "espeak"
"""The engine of users who have chosen none."""


def main() -> None:
    """Serve; the argument is the pace of the engine as JSON."""
    settings = load_settings(host="127.0.0.1", port=0)
    listener = listen(settings.host, settings.port)
    pace = json.loads(sys.argv[1])
    info = EngineInfo(
        name=ENGINE,
        label="Load",
        description="A tone at a set pace.",
        available=True,
        unavailable_reason=None,
        word_times=False,
        default_voice="tone",
    )
    command = [sys.executable, str(Path(__file__).with_name("engine.py")), json.dumps(pace)]
    app = create_app(settings, {ENGINE: ProcessHost(info, command, processes=1)})

    def announce() -> None:
        print(listener.getsockname()[1], flush=True)

    server = PoliteServer(uvicorn.Config(app, **UVICORN), announce, app.state.parts.sessions.close)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
