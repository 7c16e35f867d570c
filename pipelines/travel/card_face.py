"""The face of a card's character: the one it had, the card's own picture, or one that an expert draws by that."""

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from personify.avatar.landmarks import COUNT
from personify.avatar.portrait import Guidance, Portrait
from personify.pipelines.bundle import AvatarRecord, LandmarksFile, PortraitRecord
from personify.pipelines.create import portrait_record
from personify.pipelines.persona import Persona
from personify.pipelines.services import Services
from personify.pipelines.stages import Telling
from personify.pipelines.travel.arrival import Arrival, Requested
from personify.pipelines.travel.card_assets import mask_in
from personify.pipelines.travel.cards import EXTENSION, Card
from personify.pipelines.travel.exporting import pixels_of
from personify.pipelines.travel.zips import LARGEST_SIDE_PX
from personify.voices.errors import BadInput

if TYPE_CHECKING:
    from personify.pipelines.writing.asking import Asker

PORTRAIT_PX = 512
MOST_PX = 2**24
"""Of a card's picture in all: four thousand a side, which takes most of a second to decode."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
OWN_PICTURE = "picture"
"""The name of who drew a portrait that is the card's own picture."""


def face(
    asked: Requested, arrival: Arrival, persona: Persona, services: Services, asker: "Asker | None", telling: Telling
) -> tuple[Portrait, PortraitRecord]:
    """The portrait, and how it came to be: as it was, the card's own picture, or drawn, guided by that picture."""
    picture, problem = _picture(asked.card)
    changed = arrival.expert or arrival.guidance or arrival.keep_picture or _replaced(asked.card, picture)
    if asked.record is not None and not changed:
        had = _had(asked.card, picture, asked.record) if arrival.seed is None else None
        if had is not None:
            return had, asked.record.portrait
        return _redrawn(asked.record, arrival.seed, persona, services, telling)
    if arrival.keep_picture:
        if picture is None:
            raise BadInput(problem or "the card has no picture to keep; leave out --keep-picture, and one is drawn")
        return _pictured(picture, asked.seed)
    choice = services.pick(persona.appearance, name=arrival.expert, asker=asker)
    guidance, unused = _guidance(services, choice.name, arrival.guidance, picture)
    guided = picture if unused is None else None
    portrait = services.draw(
        persona.appearance, seed=asked.seed, expert=choice.name, guidance=guidance, picture=guided, telling=telling
    )
    drawn = portrait_record(choice, portrait, own_picture=guided is not None)
    if problem or unused:
        drawn = drawn.model_copy(update={"reason": f"{drawn.reason} {problem or unused}".strip()})
    return portrait, drawn


def _picture(card: Card) -> tuple[np.ndarray | None, str | None]:
    """The card's picture, uint8 RGB (H, W, 3), or why it can't be used."""
    from personify.avatar.upload import read_picture

    if card.picture is None:
        return None, None
    try:
        _check_size(card.picture, MOST_PX)
        return read_picture(card.picture, longest_px=LARGEST_SIDE_PX), None
    except BadInput as error:  # a placeholder of one pixel, say
        return None, f"The card's picture isn't used: {str(error).removeprefix('the picture ')}."


def _check_size(content: bytes, most_px: int) -> None:
    """Raises `BadInput` for a picture of more pixels, by its header; one that can't be read is for its decoder."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pictures that are too large to decode, which nobody does here
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                width, height = picture.size
    except Exception:  # noqa: BLE001 - whatever a broken header does to the parser
        return
    if width * height > most_px:
        raise BadInput(
            f"the picture has {width} x {height} pixels, more than {most_px / 1e6:.0f} million; save it smaller"
        )


def _replaced(card: Card, picture: np.ndarray | None) -> bool:
    """Whether the card's picture is another than Personify put there. What can't be read as one is none."""
    ours = card.extensions.get(EXTENSION)
    told = ours.get("pixels") if isinstance(ours, dict) else None
    return picture is not None and told != pixels_of(picture)


def _guidance(
    services: Services, expert: str, wanted: Guidance | None, picture: np.ndarray | None
) -> tuple[Guidance | None, str | None]:
    """(the guidance with which the expert looks at the picture, why it doesn't)."""
    if picture is None:
        return wanted, None
    guidances = services.experts().get(expert).guidances
    looking = [each for each in guidances if each != "none"]
    if not looking or wanted == "none":
        return wanted, f"The card's picture isn't used: {expert} is not guided here."
    return wanted or (guidances[0] if guidances[0] != "none" else looking[0]), None


def _pictured(picture: np.ndarray, seed: int) -> tuple[Portrait, PortraitRecord]:
    """The picture itself as the portrait, where it has a face that can be moved."""
    from personify.avatar.guides import own_face
    from personify.avatar.plausibility import judge

    found = own_face(picture, PORTRAIT_PX)
    if found is None:
        raise BadInput(
            "the card's picture has no face that can be moved; leave out --keep-picture, and it guides a drawing"
        )
    image, points = found
    verdict = judge(points, image)
    portrait = Portrait(
        image, np.ascontiguousarray(points[:, :2]), np.ascontiguousarray(points[:, 2]), expert=OWN_PICTURE, seed=seed,
        guidance="none", verdict=verdict,
    )  # fmt: skip
    reason = "The card's own picture, whose face can be moved."
    return portrait, PortraitRecord(
        expert=OWN_PICTURE, reason=reason, seed=seed, guidance="none", guide="image", verdict=verdict
    )


def _redrawn(
    record: AvatarRecord, seed: int | None, persona: Persona, services: Services, telling: Telling
) -> tuple[Portrait, PortraitRecord]:
    """The portrait drawn again as it was, or from another seed, where its expert is here; else by one that fits."""
    made = record.portrait
    here = {card.name for card in services.experts().cards() if card.here}
    same = made.expert in here
    choice = services.pick(persona.appearance, name=made.expert if same else None)
    guided = same and made.guide != "image" and made.guidance in services.experts().get(choice.name).guidances
    portrait = services.draw(
        persona.appearance, seed=made.seed if seed is None else seed, expert=choice.name,
        guidance=made.guidance if guided else None, telling=telling,
    )  # fmt: skip
    return portrait, portrait_record(choice, portrait, own_picture=False)


def _had(card: Card, image: np.ndarray | None, record: AvatarRecord) -> Portrait | None:
    """The portrait as it was, where the card's picture is still it; None where anything of it was changed."""
    ours = card.extensions.get(EXTENSION)
    told = ours.get("landmarks") if isinstance(ours, dict) else None
    if image is None or not isinstance(told, dict):
        return None
    try:
        points = LandmarksFile.model_validate(told)
    except ValidationError:
        return None
    if image.shape[:2] != (points.height, points.width) or points.points is None or points.depth is None:
        return None
    places, depth = np.asarray(points.points, np.float32), np.asarray(points.depth, np.float32)
    if places.shape != (COUNT, 2) or depth.shape != (COUNT,) or not np.isfinite(places).all():
        return None
    if not np.isfinite(depth).all() or places.min() < 0 or (places.max(0) > image.shape[1::-1]).any():
        return None
    made = record.portrait
    return Portrait(
        image, places, depth, expert=made.expert, seed=made.seed, guidance=made.guidance, verdict=made.verdict,
        attempts=made.attempts, mask=_mask(card, image), stand_in=made.stand_in,
    )  # fmt: skip


def _mask(card: Card, image: np.ndarray) -> np.ndarray | None:
    """The mask that the card's PNG holds beside its picture, uint8 (H, W), where it fits."""
    from personify.avatar.upload import read_picture

    content = mask_in(card.listed_assets, card.assets)
    if not content:
        return None
    try:
        _check_size(content, image.shape[0] * image.shape[1])
        mask = read_picture(content, longest_px=LARGEST_SIDE_PX)[..., 0]
    except BadInput:
        return None
    return np.ascontiguousarray(mask) if mask.shape == image.shape[:2] else None
