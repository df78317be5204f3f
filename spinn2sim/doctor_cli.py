"""The command ``doctor``: what is installed, what is missing, and how to get it."""

from __future__ import annotations

import typer

from spinn2sim.command_line import AsJson, print_json, report

#: How a state is told.
MARKS = {"ok": "ok", "absent": "-", "broken": "NO"}


def doctor(*, as_json: AsJson = False) -> None:
    """Say what is installed, what is missing and how to get it; exit code 1 if it is needed.

    \b
    spinn2sim doctor
    spinn2sim doctor --json
    """
    from spinn2sim.doctor import examine, is_well

    findings = examine()
    if as_json:
        content = [finding._asdict() for finding in findings]
        print_json("doctor", {"ok": is_well(findings), "findings": content})
    else:
        width = max(len(finding.name) for finding in findings)
        with report() as console:
            for name, state, found, remedy in findings:
                line = f"{MARKS[state]:<3} {name:<{width}}  {found}"
                console.print(line, markup=False, soft_wrap=True)
                if remedy:
                    console.print(f"{'':{width + 6}}{remedy}", markup=False, soft_wrap=True)
    if not is_well(findings):
        raise typer.Exit(1)
