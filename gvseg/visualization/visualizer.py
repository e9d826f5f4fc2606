"""mmengine's visualizer for the predictions of all tasks."""

from pathlib import Path

import numpy as np
from mmdet.registry import VISUALIZERS
from mmengine.dist import master_only
from mmengine.structures import BaseDataElement
from mmengine.visualization import LocalVisBackend, Visualizer

from .drawing import Style, enlarge, overlay
from .layout import side_by_side
from .recorder import VideoRecorder, read_rgb, write_png
from .segments import predicted_segments, true_segments
from .window import window_backend


@VISUALIZERS.register_module()
class GvSegVisualizer(Visualizer):
    """Draws instance, semantic, panoptic and object predictions; records whole videos on request.

    Args:
        style: fields of :class:`gvseg.visualization.Style`.
        min_score: instances below are not drawn.
        name, kwargs: as mmengine's ``Visualizer``.
    """

    def __init__(self, name: str = 'visualizer', style: dict | None = None, min_score: float = 0.3, **kwargs) -> None:
        super().__init__(name, **kwargs)
        self.style = Style(**(style or {}))
        self.min_score = min_score
        self.recorder: VideoRecorder | None = None

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names by label, from the dataset of the loop."""
        return tuple((self.dataset_meta or {}).get('classes', ()))

    def draw(
        self,
        image: np.ndarray,
        sample: BaseDataElement,
        draw_gt: bool = True,
        draw_pred: bool = True,
        min_score: float | None = None,
    ) -> np.ndarray:
        """Draw a frame side by side with its prediction and ground truth.

        Args:
            image: (H, W, 3) uint8 RGB.
            sample: the frame's data sample.
            draw_gt, draw_pred: what to draw, where the sample has it.
            min_score: overrides that of the visualizer.
        """
        panels, titles = [enlarge(image, self.style)], ['input']
        if draw_pred:
            threshold = self.min_score if min_score is None else min_score
            segments = predicted_segments(sample, self.class_names, threshold)
            panels.append(overlay(image, segments, self.style))
            titles.append('prediction')
        truth = true_segments(sample, self.class_names) if draw_gt else None
        if truth is not None:
            panels.append(overlay(image, truth, self.style))
            titles.append('ground truth')
        return side_by_side(panels, titles)

    @master_only
    def add_datasample(
        self,
        name: str,
        image: np.ndarray,
        data_sample: BaseDataElement | None = None,
        draw_gt: bool = True,
        draw_pred: bool = True,
        show: bool = False,
        wait_time: float = 0,
        out_file: str | Path | None = None,
        step: int = 0,
        pred_score_thr: float | None = None,
    ) -> None:
        """Draw one frame and show it, write it to ``out_file``, or pass it to the backends; as in mmengine."""
        drawn = self.draw(image, data_sample, draw_gt, draw_pred, pred_score_thr)
        self.set_image(drawn)
        if show:
            self.show(drawn, win_name=name, wait_time=wait_time)
        if out_file is not None:
            write_png(out_file, drawn)
        elif not show:
            self.add_image(name, drawn, step)

    # Showing: called by LiveViewHook ------------------------------------------------------------------------------

    def show(
        self,
        drawn_img: np.ndarray | None = None,
        win_name: str = 'image',
        wait_time: float = 0.0,
        continue_key: str = ' ',
        backend: str | None = None,
    ) -> None:
        """As in mmengine, with the first backend that can open a window.

        Raises:
            ConfigError: none can.
        """
        backend = backend or window_backend()
        image = self.get_image() if drawn_img is None else drawn_img
        if backend == 'cv2':  # which takes BGR
            image = np.ascontiguousarray(image[..., ::-1])
        super().show(image, win_name, wait_time, continue_key, backend)

    @master_only
    def show_frame(self, sample: BaseDataElement, wait_time: float = 0.0) -> None:
        """Show a frame, its prediction and ground truth for some seconds, 0: until the space bar is pressed."""
        name = f'video {sample.metainfo.get("video_id")}, frame {sample.metainfo.get("frame_id")}'
        self.show(self.draw(read_rgb(sample.img_path), sample), win_name=name, wait_time=wait_time)

    # Recording: called by VideoVisualizationHook ------------------------------------------------------------------

    @master_only
    def start_recording(self, out_dir: str | Path, **options) -> None:
        """Start collecting frames by :meth:`record`; options as :class:`VideoRecorder`."""
        self.recorder = VideoRecorder(out_dir, min_score=self.min_score, style=self.style, **options)

    @master_only
    def record(self, sample: BaseDataElement) -> None:
        """Record the next frame."""
        if self.recorder is not None:
            self.recorder.add(sample, self.class_names)

    @master_only
    def stop_recording(self, step: int = 0) -> list[Path]:
        """Write the remaining files; returns all files.

        Backends that do not store images on disk, such as TensorBoard, get the contact sheets at this step.
        """
        recorder, self.recorder = self.recorder, None
        files = recorder.finish() if recorder is not None else []
        others = [backend for backend in self._vis_backends.values() if not isinstance(backend, LocalVisBackend)]
        for sheet in (path for path in files if path.suffix == '.png' and others):
            for backend in others:
                backend.add_image(sheet.stem, read_rgb(sheet), step)
        return files
