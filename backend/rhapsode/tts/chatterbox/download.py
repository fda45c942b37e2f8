"""Downloads the weights of a model: `python -m rhapsode.tts.chatterbox.download english`."""

import sys

from rhapsode.errors import EngineUnavailableError
from rhapsode.tts.chatterbox.variants import Variant
from rhapsode.tts.chatterbox.weights import Download, find_weights


def main(name: str) -> None:
    """Download what is missing, showing how far it is; ends the process when it fails."""
    if name not in list(Variant):
        sys.exit(f"No model is called {name!r}: {', '.join(Variant)}.")
    try:
        place = find_weights(Variant(name), progress=_show)
    except EngineUnavailableError as error:
        sys.exit(f"\n{error.message}")
    sys.stdout.write(f"\nThe weights of Chatterbox ({name}) are in {place}\n")


def _show(download: Download) -> None:
    done, total = download.done_bytes / 1e6, (download.total_bytes or 0) / 1e6
    share = f"{100 * done / total:3.0f} % of {total:.0f} MB" if total else f"{done:.0f} MB"
    sys.stdout.write(f"\r{download.file:42} {share}")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "english")
