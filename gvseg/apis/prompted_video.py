"""Segment a whole video once with prompts in any of its frames.

Shapes:
    H W: frame size.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

import numpy as np
import torch
from mmdet.structures import DetDataSample
from mmengine.structures import PixelData

from gvseg.utils.errors import InputError

from .object_reports import ObjectReport
from .shown_objects import ObjectPrompt
from .video_result import FrameResult, VideoResult
from .video_session import VideoSession
from .video_source import VideoFrame


def segment_with_prompts(
    session: VideoSession,
    prompts: Iterable[ObjectPrompt | Mapping[str, Any]],
    direction: str = 'forward',
    names: Mapping[int, str] | None = None,
) -> VideoResult:
    """Segment the whole video of a session once, and close it; lost and never found objects are warned about.

    Args:
        session: without prompts.
        prompts: arguments of :meth:`VideoSession.add`, for example ``dict(object=1, frame=0, point=(200, 110))``.
        direction: as :meth:`VideoSession.run`.
        names: of objects, by id.

    Raises:
        InputError: there is no prompt, one does not fit the video, or a name is for an unknown object.
    """
    with session:
        _show(session, prompts, names or {})
        result = session.result(direction)
    _warn(result.reports, stacklevel=4)
    return result


def segment_prompted(
    session: VideoSession, prompts: Iterable[ObjectPrompt], names: Mapping[int, str], direction: str = 'forward'
) -> Iterator[tuple[VideoFrame, DetDataSample]]:
    """Frames of a video with their data samples, as :meth:`VideoSegmenter.segment_with_frames`; reads it twice.

    Args:
        session: of a video that can be read again, without prompts.
        prompts: of any frames.
        names: of objects, by id; they are in ``object_names`` of every sample.
        direction: as :meth:`VideoSession.run`.

    Raises:
        InputError: as :func:`segment_with_prompts`.
    """
    with session:
        _show(session, prompts, names)
        with closing(session.run(direction)) as results, closing(session.source.frames()) as frames:
            for result, frame in zip(results, frames):
                yield frame, object_sample(result, frame.name, session.names)
        reports = session.reports
    _warn(reports, stacklevel=2)


def object_sample(result: FrameResult, path: str, names: Mapping[int, str]) -> DetDataSample:
    """The data sample of a frame's objects, as the model makes it."""
    values = np.zeros(result.size, np.int64)
    for identity, mask in zip(result.ids, result.masks):
        values[mask] = identity
    sample = DetDataSample(
        metainfo=dict(img_path=path, frame_id=result.index, ori_shape=result.size, object_names=dict(names))
    )
    sample.pred_object_map = PixelData(sem_seg=torch.from_numpy(values)[None])
    return sample


def _show(session: VideoSession, prompts: Iterable[ObjectPrompt | Mapping[str, Any]], names: Mapping[int, str]) -> None:
    """Add prompts and names."""
    for prompt in prompts:
        session.add(prompt) if isinstance(prompt, ObjectPrompt) else session.add(**prompt)
    if not session.prompts:
        raise InputError('No object is shown: give prompts=[dict(frame=0, point=(x, y))], or a box or a mask.')
    for identity, name in names.items():
        session.name_object(identity, name)


def _warn(reports: Iterable[ObjectReport], stacklevel: int) -> None:
    for report in reports:
        if report.message:
            warnings.warn(report.message, stacklevel=stacklevel + 1)
