"""Writes docs/openapi.json from the routes, or checks that it is fresh (`--check`)."""

import json
import sys
import tempfile
from pathlib import Path

from rhapsode.app import create_app
from rhapsode.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[1]
DOCUMENT = REPOSITORY / "docs" / "openapi.json"


def describe() -> str:
    """Return the OpenAPI document of a server with default settings, as it is stored."""
    with tempfile.TemporaryDirectory() as data_dir:
        app = create_app(Settings(data_dir=Path(data_dir)))
        return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write or check; return the exit status."""
    document = describe()
    if sys.argv[1:] == ["--check"]:
        if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == document:
            return 0
        print("docs/openapi.json is not what the routes say. Run: make openapi", file=sys.stderr)
        return 1
    DOCUMENT.write_text(document, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
