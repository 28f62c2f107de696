"""A bare typer app."""

import typer

app = typer.Typer()


@app.command()
def hello(name: str = "you") -> None:
    """Say hello."""
    print(f"Hello {name}")


if __name__ == "__main__":
    app()
