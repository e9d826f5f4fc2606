"""Smooth random affine motion for pseudo videos."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class AffineMotion:
    """Smooth path of (x, y, angle, log scale): one sine each.

    Attributes:
        amplitude, period, phase: (4,) each.
        centre: (2,) centre of rotation and scaling, pixels.
    """

    amplitude: np.ndarray
    period: np.ndarray
    phase: np.ndarray
    centre: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator, centre: np.ndarray, limits: np.ndarray, length: float) -> 'AffineMotion':
        """Draw a motion within limits (4,) over about ``length`` frames."""
        return cls(
            amplitude=rng.uniform(0.2, 1.0, 4) * limits,
            period=rng.uniform(0.8, 2.0, 4) * length,
            phase=rng.uniform(0, 2 * np.pi, 4),
            centre=centre,
        )

    def at(self, time: float) -> np.ndarray:
        """(3, 3) affine matrix at a time."""
        x, y, angle, scale = self.amplitude * np.sin(2 * np.pi * time / self.period + self.phase)
        turn = np.exp(scale) * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = np.eye(3)
        matrix[:2, :2] = turn
        matrix[:2, 2] = self.centre - turn @ self.centre + (x, y)
        return matrix


def motion_limits(limits: tuple[float, float, float], shape: tuple[int, ...]) -> np.ndarray:
    """Limits (4,) of an ``AffineMotion`` in a frame (H, W, ...)."""
    shift, turn, scale = limits
    return np.array([shift * min(shape[:2])] * 2 + [np.deg2rad(turn), np.log1p(scale)])
