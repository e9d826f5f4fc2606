"""Settings of the descriptor: interpretations of the paper (section 3.1, Eq. 3-4) that can be chosen."""

from dataclasses import dataclass

PAPER_POINTS = 200


@dataclass(frozen=True)
class DescriptorSpec:
    """Settings of the descriptor; the defaults are the paper's.

    Attributes:
        angle_bins: u.
        radius_bins: v.
        points: M points evenly spaced along the contour; ``None``: every contour pixel, weighted to sum to 200.
        binning: ``'hard'`` counts a point in its bin, ``'soft'`` shares it between the nearest bin centres.
        radius: the maximum radius is the ``'frame'``'s diagonal, so that scale counts, or the ``'object'``'s extent.
        outside: ``'frame'`` marks bins whose centre lies off the frame, so that position counts; ``'none'`` does not.
        holes: whether the contours of holes count, or the outer ones only. The centre is the whole mask's in both.

    Raises:
        ValueError: a value is none of these.
    """

    angle_bins: int = 36
    radius_bins: int = 12
    points: int | None = PAPER_POINTS
    binning: str = 'hard'
    radius: str = 'frame'
    outside: str = 'frame'
    holes: bool = True

    def __post_init__(self) -> None:
        choices = dict(binning=('hard', 'soft'), radius=('frame', 'object'), outside=('frame', 'none'))
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f'descriptor option {name} must be one of {allowed}, not {getattr(self, name)!r}')
        if min(self.angle_bins, self.radius_bins) < 1:
            raise ValueError(f'a descriptor needs at least one bin, not {self.angle_bins} x {self.radius_bins}')
        if self.points is not None and (not isinstance(self.points, int) or self.points < 1):
            raise ValueError(
                f'descriptor option points must be a positive number, or None for all contour pixels, '
                f'not {self.points!r}'
            )
