"""The command line with ``train`` and ``validate``, on a synthetic corpus: run as a program."""

import sys

import spinn2sim.training.run
from spinn2sim import cli
from spinn2sim.train_cli import train, validate
from tests.training.samples import features_of


def open_synthetic(*_, **__):
    return features_of()


def main():
    spinn2sim.training.run.open_source = open_synthetic
    registered = {command.callback.__name__ for command in cli.app.registered_commands}
    for command in (train, validate):
        if command.__name__ not in registered:
            cli.app.command()(command)
    cli.main()


if __name__ == "__main__":
    sys.exit(main())
