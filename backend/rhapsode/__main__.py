"""`python -m rhapsode` is the `rhapsode` command."""

from rhapsode.cli import main

main(prog_name="rhapsode")
