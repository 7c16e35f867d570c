"""From a mask to a shape with volume: inflation by a Poisson equation, and bevels.

Inflation solves laplace(u) = -4 inside the mask with u = 0 on its rim and takes sqrt(u) as the height: a disc becomes
exactly a hemisphere, and anything else a cushion (as in Ink-and-Ray, Sykora et al. 2014). Knows nothing of colours.
"""

import math

import cv2
import numpy as np

_GRID_PX = 96
"""Inflation runs on a grid of at most this size; volume is smooth, so nobody sees the difference."""
_CROSS = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)


def inflate(mask: np.ndarray) -> np.ndarray:
    """The height of a cushion over the mask, float32 (h, w), in pixels; `mask`: uint8 (h, w), 255 inside."""
    height, width = mask.shape
    halvings = max(0, math.ceil(math.log2(max(height, width) / _GRID_PX)))
    cell = 1 << halvings
    inside: np.ndarray = cv2.copyMakeBorder(
        mask, cell, cell + -height % cell, cell, cell + -width % cell, cv2.BORDER_CONSTANT
    )
    if halvings:
        size = inside.shape[1] // cell, inside.shape[0] // cell
        inside = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)
    u = _solve(cv2.threshold(inside, 127, 1, cv2.THRESH_BINARY)[1].astype(np.float32))
    cushion: np.ndarray = cv2.GaussianBlur(cv2.sqrt(u), (0, 0), 1.1, borderType=cv2.BORDER_CONSTANT) * np.float32(cell)
    for _ in range(halvings):
        cushion = cv2.pyrUp(cushion)  # smooth in its slopes too, which cubic interpolation is not
    first = cell - cell // 2  # pyrUp puts a cell at its corner instead of its middle
    return cushion[first : first + height, first : first + width]


def bevelled(mask: np.ndarray, width_px: float) -> np.ndarray:
    """The height of a slab whose rim is rounded over `width_px` pixels, float32 (h, w)."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    distance = cv2.distanceTransform((padded > 127).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    t = np.clip(distance / max(width_px, 1.0), 0, 1)
    rounded = width_px * np.sqrt(1 - (1 - t) ** 2)
    return cv2.GaussianBlur(rounded, (0, 0), max(1.0, 0.22 * width_px), borderType=cv2.BORDER_CONSTANT)


def slopes(height: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The height's slopes along x and y, both float32 (h, w), without unit."""
    kernel = np.array([[-0.5, 0, 0.5]], np.float32)
    return (
        cv2.filter2D(height, -1, kernel, borderType=cv2.BORDER_REPLICATE),
        cv2.filter2D(height, -1, kernel.T, borderType=cv2.BORDER_REPLICATE),
    )


def blurred(plane: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian blur; wide ones are made on a smaller copy, as nothing fine is left in them."""
    shrink = int(sigma / 1.3)
    height, width = plane.shape
    if shrink < 2 or min(height, width) < 8 * shrink:
        return cv2.GaussianBlur(plane, (0, 0), sigma)
    small = cv2.resize(plane, (round(width / shrink), round(height / shrink)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def _solve(inside: np.ndarray) -> np.ndarray:
    """laplace(u) = -4 by Jacobi steps from coarse to fine; one unit is one cell of the given grid."""
    height, width = inside.shape
    if min(height, width) > 7:
        coarse = cv2.resize(inside, (max(3, width // 2), max(3, height // 2)), interpolation=cv2.INTER_AREA)
        coarse = _solve(cv2.threshold(coarse, 0.5, 1, cv2.THRESH_BINARY)[1])
        u = cv2.resize(coarse * 4, (width, height), interpolation=cv2.INTER_LINEAR)
        rounds = 9
    else:
        u = np.zeros_like(inside)
        rounds = 24
    v = np.empty_like(u)
    for _ in range(rounds):
        cv2.filter2D(u, -1, _CROSS, dst=v, delta=1, borderType=cv2.BORDER_CONSTANT)
        cv2.multiply(v, inside, dst=u)
    return u
