from reelhook.events import EVENT_TYPES

# The enumeration in HeyGen's own API description, July 2026.
NAMES = {
    "avatar_video.success",
    "avatar_video.fail",
    "avatar_video_gif.success",
    "avatar_video_gif.fail",
    "video_translate.success",
    "video_translate.fail",
    "video_translate.preflight.validation_failed",
    "video_translate.preflight.download_failed",
    "personalized_video",
    "instant_avatar.success",
    "instant_avatar.fail",
    "photo_avatar_generation.success",
    "photo_avatar_generation.fail",
    "photo_avatar_train.success",
    "photo_avatar_train.fail",
    "photo_avatar_add_motion.success",
    "photo_avatar_add_motion.fail",
    "proofread_creation.success",
    "proofread_creation.fail",
    "live_avatar.success",
    "live_avatar.fail",
    "avatar_video_caption.success",
    "avatar_video_caption.fail",
    "video_agent.success",
    "video_agent.fail",
    "hyperframes_video.success",
    "hyperframes_video.fail",
    "ai_clipping.success",
    "ai_clipping.fail",
    "batch.finished",
}


def test_all_thirty_event_types_are_known_and_no_other() -> None:
    assert len(NAMES) == 30
    assert set(EVENT_TYPES) == NAMES


def test_these_move_a_video_and_all_others_do_not() -> None:
    assert {name: kind.outcome for name, kind in EVENT_TYPES.items() if kind.outcome} == {
        "avatar_video.success": "success",
        "avatar_video.fail": "fail",
        "avatar_video_gif.success": "assets",
        "avatar_video_caption.success": "assets",
        "video_agent.success": "success",
        "video_agent.fail": "fail",
        "video_translate.success": "success",
        "video_translate.fail": "fail",
        "personalized_video": "success",
        "hyperframes_video.success": "success",
        "hyperframes_video.fail": "fail",
        "ai_clipping.success": "success",
        "ai_clipping.fail": "fail",
    }


def test_a_gif_or_caption_is_about_the_avatar_video() -> None:
    assert EVENT_TYPES["avatar_video_gif.success"].family.kind == "avatar_video"
    assert EVENT_TYPES["avatar_video_caption.fail"].family.kind == "avatar_video"
