"""What is made of the rooms' routers."""

from fastapi import APIRouter

from reelhook.api import create_api


def test_a_route_is_built_once_and_not_anew_at_the_first_request() -> None:
    routes = APIRouter(prefix="/api/v1")
    routes.add_api_route("/things", list)
    assert routes.routes[0] in create_api(routes).routes
