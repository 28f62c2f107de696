"""What videos can be made of, as the simulated HeyGen lists it."""

from .scene import HeyGenApi


async def test_looks_are_listed_by_whose_they_are_and_in_pages(heygen: HeyGenApi) -> None:
    own = await heygen.data("GET", "/v3/avatars/looks?ownership=private&limit=100")
    everybodys = await heygen.data("GET", "/v3/avatars/looks?ownership=public&limit=100")
    status, first = await heygen.call("GET", "/v3/avatars/looks?limit=2")
    assert {look["id"] for look in own} & {look["id"] for look in everybodys} == set()
    assert (status, len(first["data"]), first["has_more"]) == (200, 2, True)
    second = await heygen.data("GET", f"/v3/avatars/looks?limit=2&token={first['next_token']}")
    assert [look["id"] for look in (*first["data"], *second)] == [look["id"] for look in own]
    assert "ownership" not in own[0]
    status, answer = await heygen.call("GET", "/v3/avatars/looks?ownership=mine")
    assert (status, answer["error"]["param"]) == (400, "ownership")


async def test_a_group_has_the_looks_it_counts(heygen: HeyGenApi) -> None:
    for group in await heygen.data("GET", "/v3/avatars"):
        looks = await heygen.data("GET", f"/v3/avatars/looks?group_id={group['id']}&limit=100")
        assert len(looks) == group["looks_count"]
    kinds = await heygen.data("GET", "/v3/avatars/looks?avatar_type=photo_avatar")
    assert {look["avatar_type"] for look in kinds} == {"photo_avatar"}


async def test_voices_are_narrowed_by_type_language_and_gender(heygen: HeyGenApi) -> None:
    german = await heygen.data("GET", "/v3/voices?language=German&gender=male&type=public&limit=100")
    assert {(voice["language"], voice["gender"], voice["type"]) for voice in german} == {("German", "male", "public")}
    assert [voice["voice_id"] for voice in await heygen.data("GET", "/v3/voices?type=private")] == ["voice_anna"]
