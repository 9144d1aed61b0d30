"""A caller's picture, decoded as the hostile thing it may be.

What is checked, in this order: the first bytes say what it is; the header says how large; only then is anything unpacked.
One frame is read, turned upright, brought to sRGB and laid on a neutral ground. The process that does this has limits of
its own on memory and time.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageCms, ImageOps

from reelgate.domain.errors import Fault, Refused
from reelgate.domain.media import LocalFile
from reelgate.engines.preview.plane import Bytes, Floats

T = TypeVar("T")

MAX_PIXELS = 50_000_000
MAX_SIDE = 10_000
MIN_SIDE = 32
MAX_FRAMES = 100


def read_picture(medium: LocalFile) -> Bytes:
    """The picture as (height, width, 3) sRGB bytes. Raises Refused, naming the medium's field, where there is no usable picture."""
    return _read(medium, lambda image: np.asarray(_upright_srgb(image), np.uint8))


def read_mask(medium: LocalFile) -> Floats:
    """What a picture marks, (height, width), 0 to 1: where it is opaque if it is transparent anywhere, else where it is bright."""
    return _read(medium, lambda image: np.asarray(_marks(image), np.float32) / np.float32(255))


def _read(medium: LocalFile, made: Callable[[Image.Image], T]) -> T:
    kind = _kind_of(medium.path)
    if kind is None:
        raise _refused(medium, "image_load_error", "The file is not a picture.")
    if kind not in _READ:
        raise _refused(medium, "unsupported_image_format", "The picture must be a JPEG, PNG, WebP, GIF or AVIF.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(medium.path, formats=[kind]) as image:
                _check_size(image, medium)
                return made(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(medium) from error
    except Refused:
        raise
    except Exception as error:
        # A decoder that is fed by strangers raises whatever comes to its mind: struct.error, SyntaxError, KeyError.
        raise _refused(medium, "image_load_error", "The picture could not be decoded.") from error


def _kind_of(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head[4:12] in {b"ftypmif1", b"ftypmsf1"}:  # "some picture": which one is said by the brands that it is compatible with
        box = head[: int.from_bytes(head[:4], "big")]
        brands = {box[at : at + 4] for at in range(16, len(box), 4)}
        return "AVIF" if brands & {b"avif", b"avis"} else "HEIC"
    for kind, at, magic in _MAGIC:
        if head[at : at + len(magic)] == magic:
            return kind
    return None


def _check_size(image: Image.Image, medium: LocalFile) -> None:
    width, height = image.size
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise _too_large(medium)
    if width < MIN_SIDE or height < MIN_SIDE:
        limits = {"min_width": MIN_SIDE, "min_height": MIN_SIDE}
        raise _refused(medium, "image_too_small", f"The picture must be at least {MIN_SIDE} pixels wide and high.", limits)
    if getattr(image, "n_frames", 1) > MAX_FRAMES:
        raise _refused(medium, "image_too_large", f"An animated picture may have at most {MAX_FRAMES} frames.")


def _upright_srgb(image: Image.Image) -> Image.Image:
    image.draft("RGB", (_ENOUGH, _ENOUGH))
    image.seek(0)
    profile = image.info.get("icc_profile")
    whole = ImageOps.exif_transpose(image)
    if whole.mode.startswith(("I", "F")):
        whole = _from_deep(whole)
    whole = _on_ground(_to_srgb(whole, profile))
    whole.thumbnail((_ENOUGH, _ENOUGH), Image.Resampling.BOX, reducing_gap=None)
    return whole


def _marks(image: Image.Image) -> Image.Image:
    image.seek(0)
    whole = ImageOps.exif_transpose(image)
    clear = whole.convert("RGBA").getchannel("A") if whole.has_transparency_data else None
    marked = clear if clear is not None and np.asarray(clear).min(initial=_OPAQUE) < _OPAQUE else whole.convert("L")
    marked.thumbnail((_ENOUGH, _ENOUGH), Image.Resampling.BOX, reducing_gap=None)
    return marked


def _to_srgb(image: Image.Image, profile: object) -> Image.Image:
    plain = image if image.mode in {"RGB", "RGBA", "L", "CMYK"} else image.convert("RGBA" if image.has_transparency_data else "RGB")
    if not isinstance(profile, bytes) or len(profile) > _LARGEST_PROFILE:
        return plain
    try:
        mode = "RGBA" if plain.mode == "RGBA" else "RGB"
        turned = ImageCms.profileToProfile(plain, io.BytesIO(profile), _SRGB, outputMode=mode)
    except ImageCms.PyCMSError:
        # A broken or unfitting profile costs the exact colours, not the picture.
        return plain
    return plain if turned is None else turned


def _on_ground(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, _GROUND)
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """A picture of 16 or 32 bits a pixel in 8: Pillow's own conversion would clip it to white."""
    values = np.asarray(image, np.float32)
    top = 65535.0 if values.max(initial=0) > 255 else 255.0  # noqa: PLR2004 - the largest byte
    return Image.fromarray(np.clip(values * (255 / top), 0, 255).astype(np.uint8))


def _too_large(medium: LocalFile) -> Refused:
    message = f"The picture must be at most {MAX_SIDE} pixels wide and high, and {MAX_PIXELS // 1_000_000} megapixels in all."
    return _refused(medium, "image_too_large", message, {"max_width": MAX_SIDE, "max_height": MAX_SIDE})


def _refused(medium: LocalFile, kind: str, message: str, limits: dict[str, int] | None = None) -> Refused:
    return Refused(Fault(path=(medium.field,), message=message, kind=kind, limits=limits or {}))


_READ = {"JPEG", "PNG", "WEBP", "GIF", "AVIF"}

_MAGIC = (
    ("JPEG", 0, b"\xff\xd8\xff"),
    ("PNG", 0, b"\x89PNG\r\n\x1a\n"),
    ("WEBP", 8, b"WEBP"),
    ("GIF", 0, b"GIF87a"),
    ("GIF", 0, b"GIF89a"),
    ("AVIF", 4, b"ftypavif"),
    ("AVIF", 4, b"ftypavis"),
    ("HEIC", 4, b"ftyphei"),
    ("BMP", 0, b"BM"),
    ("TIFF", 0, b"II*\x00"),
    ("TIFF", 0, b"MM\x00*"),
    ("ICO", 0, b"\x00\x00\x01\x00"),
    ("PSD", 0, b"8BPS"),
    ("JXL", 0, b"\xff\x0a"),
    ("JXL", 4, b"JXL "),
    ("JP2", 4, b"jP  "),
    ("SVG", 0, b"<svg"),
    ("PDF", 0, b"%PDF"),
)

_HEAD = 96  # bytes: the longest list of brands that is seen
_OPAQUE = 255
_ENOUGH = 4096
"""No side needs to be longer: no frame is wider than 2600 pixels."""

_LARGEST_PROFILE = 4 << 20
_GROUND = (232, 232, 234, 255)
_SRGB = ImageCms.createProfile("sRGB")
