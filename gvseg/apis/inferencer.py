"""mmengine inferencer for videos."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from mmengine.config import Config
from mmengine.infer import BaseInferencer
from torch import nn

from gvseg.utils.config import load_config
from gvseg.utils.errors import InputError

from .drawn_video import DrawnVideo
from .result_files import TubeFile
from .video_segmenter import VideoSegmenter
from .video_source import Video, VideoSource

Job = tuple[VideoSource, Path | None]


class VideoInferencer(BaseInferencer):
    """``VideoInferencer(config, weights)(videos)``, as mmdet's ``DetInferencer`` is called for images.

    A thin layer over :class:`VideoSegmenter`; use that for results frame by frame and for prompts in any frame.

    Args:
        model: config file, or a loaded config.
        weights: checkpoint.
        device: for example ``'cuda:0'``; ``None``: a GPU where there is one.
        scope: registry scope.
        show_progress: show a progress bar over videos.
        short_side: as :class:`VideoSegmenter`.

    Raises:
        ConfigError, CheckpointError: name the file and what to do.
    """

    preprocess_kwargs = {'out_dir'}
    forward_kwargs = {'objects', 'keep_samples'}

    def __init__(
        self,
        model: str | Path | Config,
        weights: str | None = None,
        device: str | None = None,
        scope: str = 'mmdet',
        show_progress: bool = True,
        short_side: int | None = None,
    ) -> None:
        self._short_side = short_side
        config = model if isinstance(model, Config) else load_config(str(model))
        super().__init__(config, weights, device, scope, show_progress)

    def __call__(
        self, inputs: Video | Sequence[Video], return_datasamples: bool = False, batch_size: int = 1, **kwargs
    ) -> dict:
        """Segment videos, one after the other.

        Args:
            inputs: one video as :class:`VideoSource` takes it, or a list of them; a list of pictures that are one
                video goes into a list of its own.
            return_datasamples: return every frame's data sample instead of tubes; memory then grows with the video.
            batch_size: must be 1; clips of a video depend on each other.
            kwargs: ``out_dir``: write a drawn mp4 of each video there. ``objects``: arguments of
                :meth:`VideoSegmenter.add_object`, for every video.

        Returns:
            ``predictions``: for each video its tubes as in a YouTube-VIS result file (see :class:`TubeFile`), or its
            data samples; ``visualization``: for each its mp4, or ``None``.
        """
        if batch_size != 1:
            raise InputError(f'batch_size={batch_size}: must be 1, as clips of a video depend on each other.')
        if self.segmenter.takes_objects and not kwargs.get('objects'):
            raise InputError(
                'This model needs object prompts: give objects=[dict(frame_index=0, point=(x, y))], or a box or a mask.'
            )
        return super().__call__(inputs, return_datasamples, 1, keep_samples=return_datasamples, **kwargs)

    def preprocess(self, inputs: list, batch_size: int = 1, out_dir: str | Path | None = None) -> list[Job]:
        """Open every video, before any is segmented, and name its mp4."""
        jobs, taken = [], Counter()
        for video in inputs:
            source = VideoSource(video)
            taken[source.path.stem] += 1
            again = taken[source.path.stem]
            name = f'{source.path.stem}{f"-{again}" if again > 1 else ""}.mp4'
            jobs.append((source, Path(out_dir, name) if out_dir else None))
        return jobs

    def forward(self, inputs: Job, objects: Sequence[dict] = (), keep_samples: bool = False) -> list[tuple]:
        """Prediction and mp4 of one video."""
        source, path = inputs
        self.segmenter.reset()
        for shown in objects:
            self.segmenter.add_object(**shown)
        tubes, samples = TubeFile(None, self.segmenter.class_names), []
        with ExitStack() as stack:
            drawn = (
                stack.enter_context(DrawnVideo(path, source.fps, self.segmenter.class_names, source=source))
                if path
                else None
            )
            for frame, result in stack.enter_context(closing(self.segmenter.segment_with_frames(source))):
                if drawn:
                    drawn.add(frame, result)
                samples.append(result) if keep_samples else tubes.add(frame, result)
        return [(samples if keep_samples else json.loads(b''.join(tubes.chunks())), path)]

    def visualize(self, inputs: list, preds: list[tuple], show: bool = False, **kwargs) -> list[Path | None]:
        """The files that :meth:`forward` wrote."""
        return [path for _, path in preds]

    def postprocess(self, preds: list[tuple], visualization: list, return_datasample: bool = False, **kwargs) -> dict:
        """Predictions and files in one dictionary."""
        return dict(predictions=[found for found, _ in preds], visualization=visualization)

    def _inputs_to_list(self, inputs: Video | Sequence[Video]) -> list:
        """A folder is one video, not a list of images as in mmengine."""
        return list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]

    def _init_model(self, cfg: Config, weights: str | None, device: str = 'cpu') -> nn.Module:
        self.segmenter = VideoSegmenter(cfg, weights, device, self._short_side)
        return self.segmenter.model

    def _init_pipeline(self, cfg: Config) -> None:
        """Frames are prepared by the segmenter."""

    def _init_visualizer(self, cfg: Config) -> None:
        """Frames are drawn by :class:`DrawnVideo`."""
