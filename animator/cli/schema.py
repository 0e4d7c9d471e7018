"""`schema`: what editors need to help with a scene."""

import typer


def schema() -> None:
    """Print the JSON Schema of a scene, for editors. A scene names it in its first line; see docs/scene.md."""
    from animator.report import schema as report

    typer.echo(report.as_text(), nl=False)
