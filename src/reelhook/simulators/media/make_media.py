"""Draws the clips that the simulators serve, into the folder this file stands in.

The results are committed; run it again only to change how the clips look. It needs PyAV and Pillow, which nothing else
here needs, so give it an environment of its own:

    python3 -m venv /tmp/clips && /tmp/clips/bin/pip install "av==18.1.*" "pillow==13.*"
    /tmp/clips/bin/python make_media.py
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from pathlib import Path

import av  # type: ignore[import-not-found]  # of its own environment
from PIL import Image, ImageDraw, ImageFilter, ImageFont  # type: ignore[import-not-found]

HERE = Path(__file__).parent
WIDTH, HEIGHT, SCALE = 640, 360, 2  # drawn at twice the size, so that edges come out smooth
FRAMES_PER_S, SECONDS, SAMPLES_PER_S = 24, 5, 48_000
GIF_SIZE, GIF_FRAMES_PER_S, GIF_SECONDS = (240, 135), 8, 2
VIDEO_QUALITY = "25"  # x264's constant rate factor
STREAMED = ((320, 180), (640, 360))
SEGMENT_S = 2
# A piece for each key frame, and key frames nowhere but where a segment begins.
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
SEGMENTED = {"g": str(SEGMENT_S * FRAMES_PER_S), "keyint_min": str(SEGMENT_S * FRAMES_PER_S), "sc_threshold": "0"}

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Look:
    """One clip: its words, its colours and the person in it."""

    name: str
    title: str
    lines: tuple[str, str]
    top: Colour
    bottom: Colour
    glow: Colour
    skin: Colour
    hair: Colour
    coat: Colour
    long_hair: bool
    chord: tuple[float, ...]


LOOKS = (
    Look(
        "welcome",
        "Welcome aboard",
        ("Hello, and welcome to the team.", "We are so glad that you are here."),
        (58, 40, 92),
        (214, 118, 106),
        (255, 196, 150),
        (236, 188, 160),
        (60, 36, 44),
        (244, 238, 232),
        True,
        (220.0, 277.18, 329.63),
    ),
    Look(
        "tour",
        "The product tour",
        ("Here is what changed this month.", "Three things, in under a minute."),
        (8, 46, 60),
        (38, 132, 130),
        (150, 226, 206),
        (196, 140, 108),
        (28, 26, 30),
        (18, 64, 76),
        False,
        (196.0, 246.94, 293.66),
    ),
    Look(
        "quarter",
        "The quarter in brief",
        ("A short look at the last quarter.", "Then what we plan to do next."),
        (18, 24, 58),
        (74, 92, 178),
        (168, 186, 255),
        (246, 208, 184),
        (122, 78, 46),
        (30, 38, 84),
        False,
        (174.61, 220.0, 261.63),
    ),
    Look(
        "thanks",
        "A note of thanks",
        ("This is just a note to say thank you.", "See you again very soon."),
        (28, 52, 40),
        (150, 168, 96),
        (240, 232, 168),
        (150, 98, 72),
        (24, 18, 18),
        (222, 150, 84),
        True,
        (246.94, 311.13, 369.99),
    ),
)


def grown(*box: float) -> Box:
    """A box given in finished pixels, in drawn ones."""
    left, top, right, bottom = (value * SCALE for value in box)
    return left, top, right, bottom


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface, so that the result does not depend on the machine."""
    return ImageFont.load_default(size * SCALE)


def background(look: Look) -> Image.Image:
    """A slanting gradient with one soft light behind the head."""
    gradient = Image.linear_gradient("L").rotate(18, expand=True).crop((60, 60, 260, 260))
    mask = gradient.resize((WIDTH * SCALE, HEIGHT * SCALE), Image.Resampling.BICUBIC)
    picture = Image.composite(Image.new("RGB", mask.size, look.bottom), Image.new("RGB", mask.size, look.top), mask)
    light = Image.new("L", mask.size, 0)
    ImageDraw.Draw(light).ellipse(grown(310, 0, 630, 320), fill=120)
    light = light.filter(ImageFilter.GaussianBlur(48 * SCALE))
    return Image.composite(Image.new("RGB", mask.size, look.glow), picture, light)


def openness(moment: float) -> float:
    """How far the mouth is open, 0 to 1: syllables in phrases, with a breath between them."""
    phrase = math.pow(max(0.0, math.sin(2 * math.pi * moment / 2.5 + 0.3)), 0.4)
    return phrase * (0.35 + 0.65 * abs(math.sin(2 * math.pi * 3.1 * moment) * math.sin(2 * math.pi * 1.3 * moment)))


def draw_person(draw: ImageDraw.ImageDraw, look: Look, moment: float) -> None:
    """Head and shoulders, nodding and speaking."""
    x = 470 + 3 * math.sin(2 * math.pi * moment / 5)
    y = 150 + 2 * math.sin(2 * math.pi * moment / 2.5)
    shade = (int(look.skin[0] * 0.86), int(look.skin[1] * 0.82), int(look.skin[2] * 0.82))
    if look.long_hair:
        draw.rounded_rectangle(grown(x - 66, y - 62, x + 66, y + 92), 60 * SCALE, fill=look.hair)
    draw.rounded_rectangle(grown(350, 258, 590, 460), 74 * SCALE, fill=look.coat)
    draw.rounded_rectangle(grown(x - 21, y + 40, x + 21, y + 124), 21 * SCALE, fill=shade)
    draw.ellipse(grown(x - 50, y - 62, x + 50, y + 68), fill=look.skin)
    draw_hair(draw, look, x, y)
    draw_face(draw, look, x, y, moment)


def draw_hair(draw: ImageDraw.ImageDraw, look: Look, x: float, y: float) -> None:
    """What falls over the forehead."""
    draw.pieslice(grown(x - 56, y - 74, x + 56, y + 38), 180, 360, fill=look.hair)
    draw.ellipse(grown(x - 46, y - 36, x + 46, y + 22), fill=look.skin)
    fringe = (x - 56, y - 64, x + 12, y - 20) if look.long_hair else (x - 30, y - 74, x + 56, y - 24)
    draw.ellipse(grown(*fringe), fill=look.hair)


def draw_face(draw: ImageDraw.ImageDraw, look: Look, x: float, y: float, moment: float) -> None:
    """Eyes that blink once in a while, and the mouth."""
    ink = (52, 36, 40)
    blinking = abs(moment % 2.4 - 1.2) < 0.07
    for side in (-1, 1):
        eye = x + side * 20
        half = 1.0 if blinking else 5.0
        draw.ellipse(grown(eye - 4.5, y + 2 - half, eye + 4.5, y + 2 + half), fill=ink)
        draw.arc(grown(eye - 11, y - 18, eye + 11, y), 205, 335, fill=look.hair, width=3 * SCALE)
    draw.arc(grown(x - 5, y + 6, x + 7, y + 22), 30, 150, fill=ink, width=2 * SCALE)
    if openness(moment) < 0.1:
        draw.arc(grown(x - 16, y + 20, x + 16, y + 42), 35, 145, fill=(134, 52, 62), width=3 * SCALE)
        return
    wide, high = 14 - 3 * openness(moment), 5 + 8 * openness(moment)
    draw.rounded_rectangle(grown(x - wide, y + 36 - high / 3, x + wide, y + 36 + high), 5 * SCALE, fill=(134, 52, 62))


def draw_words(picture: Image.Image, look: Look, moment: float) -> None:
    """The title, with a voice line that moves beneath it."""
    draw = ImageDraw.Draw(picture, "RGBA")
    draw.text((44 * SCALE, 120 * SCALE), look.title, font=font(29), fill=(255, 255, 255, 240))
    draw.text((45 * SCALE, 162 * SCALE), look.lines[0], font=font(14), fill=(255, 255, 255, 170))
    for bar in range(28):
        high = 2 + 12 * openness(moment + bar * 0.04) * abs(math.sin(bar * 0.9 + moment * 4))
        left = 45 + bar * 8
        draw.rounded_rectangle(grown(left, 208 - high, left + 4, 208 + high), 2 * SCALE, fill=(255, 255, 255, 150))


def draw_caption(picture: Image.Image, words: str) -> None:
    """One line of burned-in captions."""
    draw = ImageDraw.Draw(picture, "RGBA")
    face = font(17)
    left, _, right, _ = draw.textbbox((0, 0), words, font=face)
    half = (right - left) / 2 / SCALE + 14
    draw.rounded_rectangle(grown(320 - half, 306, 320 + half, 338), 8 * SCALE, fill=(0, 0, 0, 170))
    draw.text((320 * SCALE, 322 * SCALE), words, font=face, fill=(255, 255, 255, 255), anchor="mm")


def frame(look: Look, behind: Image.Image, moment: float, *, captioned: bool) -> Image.Image:
    """The picture at *moment* seconds."""
    picture = behind.copy()
    draw_person(ImageDraw.Draw(picture), look, moment)
    draw_words(picture, look, moment)
    if captioned:
        draw_caption(picture, look.lines[int(moment >= SECONDS / 2)])
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def sound(look: Look) -> array[float]:
    """A quiet chord that swells with the voice line."""
    samples = array("f")
    for index in range(SAMPLES_PER_S * SECONDS):
        moment = index / SAMPLES_PER_S
        edge = min(1.0, moment * 2, (SECONDS - moment) * 2)
        swell = 0.6 + 0.4 * math.sin(2 * math.pi * moment / 2.5)
        samples.append(0.05 * edge * swell * sum(math.sin(2 * math.pi * tone * moment) for tone in look.chord))
    return samples


def write_mp4(
    path: Path, look: Look, pictures: list[Image.Image], options: dict[str, str], coding: dict[str, str] | None = None
) -> None:
    """H.264 and AAC. *options* say how the file is laid out, *coding* how the picture is coded beside its quality."""
    with av.open(str(path), "w", options=options) as container:
        coding = {"crf": VIDEO_QUALITY, "preset": "veryslow", **(coding or {})}
        video = container.add_stream("libx264", rate=FRAMES_PER_S, options=coding)
        (video.width, video.height), video.pix_fmt = pictures[0].size, "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLES_PER_S, layout="mono")
        audio.bit_rate = 40_000
        for picture in pictures:
            container.mux(video.encode(av.VideoFrame.from_image(picture)))
        container.mux(video.encode(None))
        samples = sound(look)
        for start in range(0, len(samples), 1024):
            block = samples[start : start + 1024]
            piece = av.AudioFrame(format="fltp", layout="mono", samples=len(block))
            piece.sample_rate, piece.pts = SAMPLES_PER_S, start
            piece.planes[0].update(block.tobytes().ljust(piece.planes[0].buffer_size, b"\0"))
            container.mux(audio.encode(piece))
        container.mux(audio.encode(None))


def write_streams(look: Look, pictures: list[Image.Image]) -> None:
    """The clip in each quality of an HLS stream: fragmented, so that a part of the file is a segment."""
    for width, height in STREAMED:
        sized = [picture.resize((width, height), Image.Resampling.LANCZOS) for picture in pictures]
        write_mp4(HERE / f"{look.name}.{height}p.mp4", look, sized, FRAGMENTED, SEGMENTED)


def write_captions(look: Look) -> None:
    """The same two lines as SubRip and as WebVTT."""
    half = SECONDS / 2
    times = [(f"00:00:{start:06.3f}", f"00:00:{start + half:06.3f}") for start in (0.0, half)]
    cues = [f"{a} --> {b}\n{line}\n" for (a, b), line in zip(times, look.lines, strict=True)]
    srt = "\n".join(f"{number}\n{cue.replace('.', ',', 2)}" for number, cue in enumerate(cues, 1))
    (HERE / f"{look.name}.srt").write_text(srt, encoding="utf-8")
    (HERE / f"{look.name}.vtt").write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")


def write_clip(look: Look) -> None:
    """Every file of one clip."""
    behind = background(look)
    moments = [index / FRAMES_PER_S for index in range(FRAMES_PER_S * SECONDS)]
    clean = [frame(look, behind, moment, captioned=False) for moment in moments]
    captioned = [frame(look, behind, moment, captioned=True) for moment in moments]
    index_in_front = {"movflags": "faststart"}  # a browser can start before it has all
    write_mp4(HERE / f"{look.name}.mp4", look, clean, index_in_front)
    write_mp4(HERE / f"{look.name}.captioned.mp4", look, captioned, index_in_front)
    write_streams(look, clean)
    clean[FRAMES_PER_S].save(HERE / f"{look.name}.jpg", quality=84, optimize=True)
    every = FRAMES_PER_S // GIF_FRAMES_PER_S
    small = [picture.resize(GIF_SIZE).quantize(48) for picture in clean[: FRAMES_PER_S * GIF_SECONDS : every]]
    pace = 1000 // GIF_FRAMES_PER_S
    small[0].save(HERE / f"{look.name}.gif", save_all=True, append_images=small[1:], duration=pace, loop=0)
    write_captions(look)


if __name__ == "__main__":
    for each in LOOKS:
        write_clip(each)
