"""Rich renderings: one figure on its ground in clay, gouache, ink or before a camera; the steps that they share."""

from collections.abc import Callable

import numpy as np

from personify.avatar.embedded.figures import Laid
from personify.avatar.embedded.grounds import Ground, lay_ground
from personify.avatar.embedded.inked import comic
from personify.avatar.embedded.lights import Rig, among
from personify.avatar.embedded.modelled import clay, photo
from personify.avatar.embedded.painted import storybook
from personify.avatar.embedded.plans import Plan

_RENDER: dict[str, Callable[[Laid, Ground, Rig, np.random.Generator], np.ndarray]] = {
    "clay": clay,
    "storybook": storybook,
    "comic": comic,
    "photo": photo,
}


def render_rich(plan: Plan, laid: Laid, wall: np.ndarray, rig: Rig) -> np.ndarray:
    """The picture, float32 RGB (size, size, 3) in [0, 1]; `wall` is the plain sketch's ground, it is left as it is."""
    ground = lay_ground(plan.scene, wall, laid, np.random.default_rng([plan.seed, 106]))
    rng = np.random.default_rng([plan.seed, 107])
    return np.clip(_RENDER[plan.style](laid, ground, among(rig, ground.picture), rng), 0, 1)
