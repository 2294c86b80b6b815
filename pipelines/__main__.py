"""`python -m pipelines COMMAND`: the command line, composed in `commands/`."""

import commands.accounts
import commands.deposits
import commands.figures
import commands.programme  # noqa: F401 - each registers its commands
from commands.line import cli

if __name__ == "__main__":
    cli()
