"""The commands, as typer has them; each is in a file of its own."""

from __future__ import annotations

import typer

from bulk_update.cli import (
    apply,
    check,
    doctor,
    explain,
    export,
    history,
    map_,
    plan,
    report,
    resume,
    retry,
    runs,
    sandbox,
    schema,
    template,
    undo,
    version,
)


def build_app() -> typer.Typer:
    """The application with all of its commands."""
    app = typer.Typer(
        name="bulk-update",
        epilog="Every command explains itself: bulk-update apply --help",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode="rich",
    )
    app.callback()(version.options)
    app.command("check")(check.command)
    app.command("plan")(plan.command)
    app.command("apply")(apply.command)
    app.command("resume")(resume.command)
    app.command("retry")(retry.command)
    app.command("undo")(undo.command)
    app.add_typer(runs.app, name="runs")
    app.command("report")(report.command)
    app.command("explain")(explain.command)
    app.command("history")(history.command)
    app.command("map")(map_.command)
    app.command("template")(template.command)
    app.command("export")(export.command)
    app.add_typer(schema.app, name="schema")
    app.command("doctor")(doctor.command)
    app.command("sandbox")(sandbox.command)
    return app
