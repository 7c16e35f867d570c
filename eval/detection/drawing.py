"""Drawing: one batch of a run becomes pictures on the disk and rows with all that is measured of them."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.avatar.experts import SKETCH, Experts
from personify.avatar.orders import Expert
from personify.avatar.portrait import Attempt
from personify.avatar.portraits import Sitting, draw_portraits
from personify.eval.detection.plan import Batch, Settings
from personify.eval.detection.rows import Row, write_rows
from personify.eval.gallery import appearance_of

if TYPE_CHECKING:
    from personify.avatar.brief import AppearanceBrief

PARTS, PICTURES = "parts", "pictures"
_JPEG_QUALITY = 90


def part_file(out: Path, number: int) -> Path:
    """Where the rows of a finished batch are."""
    return out / PARTS / f"{number:05}.csv"


class Desk:
    """Draws and measures batches; experts and detectors are built when first needed and kept."""

    def __init__(self, settings: Settings, out: Path) -> None:
        self.settings = settings
        self.out = out

    def warm(self) -> None:
        """Builds what every batch is judged with, so that what is wrong with it is said before anything is drawn, and
        what is kept on the disk is made once rather than in every process."""
        if self.settings.judge:
            _ = self._judge
        if self.settings.clip is not None:
            _ = self._clip

    def finish(self, batch: Batch) -> list[Row]:
        """Draws a batch, keeps its pictures, and writes its rows as a part, whole or not at all."""
        rows = self.draw(batch)
        write_rows(rows, part_file(self.out, batch.number))
        return rows

    def draw(self, batch: Batch) -> list[Row]:
        """A row for each attempt, by portrait and attempt; the pictures are on the disk afterwards."""
        briefs = [appearance_of(sitter.prompt.text, sitter.seed) for sitter in batch.sitters]
        views: list[_View] = []
        tries = [0] * len(briefs)

        def look(number: int, attempt: Attempt, image: np.ndarray, landmarks: np.ndarray | None) -> None:
            stands_in = attempt.expert == SKETCH and batch.expert != SKETCH
            if not (batch.sweep and stands_in):
                row = self._row(batch, number, tries[number], attempt, briefs[number])
                views.append(_View((number, tries[number]), self._looked_at(row, image, landmarks), image))
                self._keep(image, row.picture)
            tries[number] += 1

        draw_portraits(
            [Sitting(brief, sitter.seed) for brief, sitter in zip(briefs, batch.sitters, strict=True)],
            expert=self._expert(batch), guidance=batch.guidance,
            attempts=1 if batch.sweep else self.settings.attempts, on_attempt=look,
        )  # fmt: skip
        views.sort(key=lambda view: view.order)
        return self._judged(views)

    def _expert(self, batch: Batch) -> Expert:
        """Who draws: for the sweep, the same expert with another default."""
        if not batch.sweep:
            return self._experts.get(batch.expert)
        from personify.avatar.diffusion.expert import DiffusionExpert

        catalogue = self._experts.catalogue
        given = {"strength": batch.strength, "control_scale": batch.control_scale}
        update = {name: value for name, value in given.items() if value is not None}
        return DiffusionExpert(catalogue.expert(batch.expert).model_copy(update=update), catalogue, self._experts.pool)

    def _row(self, batch: Batch, number: int, attempt: int, made: Attempt, brief: "AppearanceBrief") -> Row:
        sitter, verdict = batch.sitters[number], made.verdict
        return Row(
            protocol=self.settings.protocol, versions=self.settings.versions, category=sitter.prompt.category,
            prompt=sitter.prompt.text, seed=sitter.seed, asked=batch.asked, expert=made.expert or batch.expert,
            guidance=batch.guidance, attempt=attempt, strength=made.strength, control_scale=made.control_scale,
            found=verdict.found, plausible=verdict.plausible, reasons="; ".join(verdict.reasons), error=verdict.error,
            agreed="", missed="", archetype=brief.archetype, told="", clip=None, sharp_eyes=None, sharp_lips=None,
            seconds=made.seconds, picture=f"{PICTURES}/{batch.number:05}-{number}-{attempt}.jpg",
        )  # fmt: skip

    def _looked_at(self, row: Row, image: np.ndarray, landmarks: np.ndarray | None) -> Row:
        """With what is measured where a face was found."""
        if landmarks is None:
            return row
        from personify.eval.detection.measures import sharpness
        from personify.eval.detection.second import agrees

        eyes, lips = sharpness(image, landmarks)
        agreed = {second.name: agrees(second, image, landmarks) for second in self._seconds}
        return replace(
            row,
            sharp_eyes=eyes,
            sharp_lips=lips,
            agreed=" ".join(name for name, also in agreed.items() if also),
            missed=" ".join(name for name, also in agreed.items() if not also),
        )

    def _judged(self, views: "list[_View]") -> list[Row]:
        """With what is told of all pictures at once."""
        rows, images = [view.row for view in views], [view.image for view in views]
        if self.settings.judge:
            told = self._judge.archetypes(images)
            rows = [replace(row, told=name) for row, name in zip(rows, told, strict=True)]
        if self.settings.clip is not None:
            scores = self._clip.score(images, [row.prompt for row in rows])
            rows = [replace(row, clip=float(score)) for row, score in zip(rows, scores, strict=True)]
        return rows

    def _keep(self, image: np.ndarray, name: str) -> None:
        from PIL import Image

        Image.fromarray(image).save(self.out / name, quality=_JPEG_QUALITY)

    @cached_property
    def _experts(self) -> Experts:
        return Experts(settings=self.settings.config)

    @cached_property
    def _seconds(self) -> list[Any]:
        if not self.settings.second:
            return []
        from personify.eval.detection.second import second_detectors

        return list(second_detectors(self.settings.second))

    @cached_property
    def _judge(self) -> Any:
        from personify.eval.detection.judge import judge

        return judge()

    @cached_property
    def _clip(self) -> Any:
        from personify.eval.detection.judge import ClipScore

        assert self.settings.clip is not None
        return ClipScore(self.settings.clip)


@dataclass(frozen=True)
class _View:
    """One attempt: its portrait's number and its own, what is known of it, and its picture."""

    order: tuple[int, int]
    row: Row
    image: np.ndarray = field(repr=False)
