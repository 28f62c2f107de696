"""A bare FastAPI app."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def hello() -> dict[str, bool]:
    return {"ok": True}
