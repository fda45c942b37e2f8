"""The `rhapsode` command: serve, tell, speak, doctor.

Commands import what they need when they run, so that `rhapsode --help` answers at once.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import click

AUDIO_FILE = click.Path(dir_okay=False, path_type=Path)
Command = Callable[..., None]


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"rhapsode {version('rhapsode')}")
        ctx.exit()


def _voice_options(command: Command) -> Command:
    for option in (
        click.option("--quiet", is_flag=True, help="Say nothing about progress."),
        click.option(
            "--speed", type=float, default=1.0, show_default=True, help="Pace of the voice."
        ),
        click.option("--voice", default="", help="A voice of the engine; default: its own choice."),
        click.option("--engine", default="espeak", show_default=True, help="Speech engine."),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Write a story with a language model and hear it while it is being written."""


@main.command()
@click.option("--host", help="Address to listen on; default: RHAPSODE_HOST or 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: RHAPSODE_PORT or 9876.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
def serve(host: str | None, port: int | None, open_page: bool) -> None:
    """Serve the page and the API until Ctrl+C."""
    from rhapsode.cli.serving import run_server

    run_server(host=host, port=port, open_page=open_page)


@main.command()
@click.argument("prompt")
@click.option("--out", type=AUDIO_FILE, help="Where the narration goes: a .wav or .mp3 file.")
@click.option("--premise", default="", help="What the story is about.")
@click.option("--seed", type=int, help="The same seed tells the same scene (built-in storyteller).")
@click.option("--llm-url", help="An OpenAI-compatible server, such as http://localhost:11434.")
@click.option("--model", help="The model's name there; not needed where there is only one.")
@click.option(
    "--api-key",
    envvar="RHAPSODE_LLM_API_KEY",
    help="Better given in the variable RHAPSODE_LLM_API_KEY, which no process list shows.",
)
@_voice_options
def tell(
    prompt: str,
    out: Path | None,
    premise: str,
    seed: int | None,
    llm_url: str | None,
    model: str | None,
    api_key: str | None,
    engine: str,
    voice: str,
    speed: float,
    quiet: bool,
) -> None:
    """Write a scene about PROMPT, show it as it comes, and read it aloud into a file."""
    from rhapsode.cli.telling import SceneRequest, VoiceRequest, WriterRequest, tell_scene

    tell_scene(
        SceneRequest(prompt, premise, seed),
        WriterRequest(llm_url, model, api_key),
        VoiceRequest(engine, voice, speed),
        out=out,
        quiet=quiet,
    )


@main.command()
@click.argument("text")
@click.option("--out", type=AUDIO_FILE, required=True, help="A .wav or .mp3 file.")
@_voice_options
def speak(text: str, out: Path, engine: str, voice: str, speed: float, quiet: bool) -> None:
    """Read TEXT aloud into a file."""
    from rhapsode.cli.telling import VoiceRequest, speak_text

    speak_text(text, VoiceRequest(engine, voice, speed), out=out, quiet=quiet)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Say what works here, what is missing, and how to get it."""
    from rhapsode.cli.examination import examine

    sys.exit(examine(as_json=as_json))
