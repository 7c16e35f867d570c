"""From a mask to a shape with volume: inflation by a Poisson equation, and bevels.

Inflation solves laplace(u) = -4 inside the mask with u = 0 on its rim and takes sqrt(u) as the height: a disc becomes
exactly a hemisphere, and anything else a cushion (as in Ink-and-Ray, Sykora et al. 2014). Knows nothing of colours.
"""

import cv2
import numpy as np

_GRID_PX = 96
"""Inflation runs on a grid of at most this size; volume is smooth, so nobody sees the difference."""


def inflate(mask: np.ndarray) -> np.ndarray:
    """The height of a cushion over the mask, float32 (h, w), in pixels; `mask`: uint8 (h, w), 255 inside."""
    height, width = mask.shape
    scale = min(1.0, _GRID_PX / max(height, width))
    size = max(4, round(width * scale)), max(4, round(height * scale))
    inside = cv2.copyMakeBorder(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    u = _solve((inside > 127).astype(np.float32))[1:-1, 1:-1] / scale**2
    height_map = np.sqrt(np.maximum(cv2.resize(u, (width, height), interpolation=cv2.INTER_CUBIC), 0))
    return cv2.GaussianBlur(height_map, (0, 0), max(1.0, 1.15 / scale))


def bevelled(mask: np.ndarray, width_px: float) -> np.ndarray:
    """The height of a slab whose rim is rounded over `width_px` pixels, float32 (h, w)."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    distance = cv2.distanceTransform((padded > 127).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    t = np.clip(distance / max(width_px, 1.0), 0, 1)
    return cv2.GaussianBlur(width_px * np.sqrt(1 - (1 - t) ** 2), (0, 0), max(1.0, 0.22 * width_px))


def slopes(height: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The height's slopes along x and y, both float32 (h, w), without unit."""
    kernel = np.array([[-0.5, 0, 0.5]], np.float32)
    return (
        cv2.filter2D(height, -1, kernel, borderType=cv2.BORDER_REPLICATE),
        cv2.filter2D(height, -1, kernel.T, borderType=cv2.BORDER_REPLICATE),
    )


def blurred(plane: np.ndarray, sigma: float) -> np.ndarray:
    """A Gaussian blur; wide ones are made on a smaller copy, as nothing fine is left in them."""
    shrink = int(sigma // 2)
    height, width = plane.shape
    if shrink < 2 or min(height, width) < 8 * shrink:
        return cv2.GaussianBlur(plane, (0, 0), sigma)
    small = cv2.resize(plane, (round(width / shrink), round(height / shrink)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def _solve(inside: np.ndarray) -> np.ndarray:
    """laplace(u) = -4 by Jacobi steps from coarse to fine; one unit is one cell of the given grid."""
    height, width = inside.shape
    if min(height, width) > 12:
        coarse = cv2.resize(inside, (max(3, width // 2), max(3, height // 2)), interpolation=cv2.INTER_AREA)
        u = cv2.resize(_solve((coarse > 0.5).astype(np.float32)), (width, height), interpolation=cv2.INTER_LINEAR) * 4
        rounds = 12
    else:
        u = np.zeros_like(inside)
        rounds = 36
    cross = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    v = np.empty_like(u)
    for _ in range(rounds):
        cv2.filter2D(u, -1, cross, dst=v, delta=1, borderType=cv2.BORDER_CONSTANT)
        cv2.multiply(v, inside, dst=u)
    return u
