"""Step of ``gpu_check.py`` that compares the shipped tiny models on the device with the CPU."""

import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from compared_models import ROOT, TINY_VPS, read_config
from gpu_measures import Arguments, guarded

from gvseg.apis import VideoSegmenter
from gvseg.apis.dummy_clip import dummy_clip
from gvseg.apis.loading import load_model
from gvseg.moving_shapes import SplitSettings, generate_split

SHIPPED = {
    'vis': 'configs/vis/gvseg-vis_tiny_1xb2-4k_moving-shapes.py',
    'vss': 'configs/vss/gvseg-vss_tiny_1xb2-3k_moving-shapes.py',
    'vps': TINY_VPS,
    'evs': 'configs/evs/gvseg-evs_tiny_1xb2-2k5_moving-shapes.py',
}


def shipped(arguments: Arguments) -> dict:
    """Compare the four tiny models on the device and the CPU: outputs of a clip, and results of a video."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    return {
        task: guarded(lambda path=path, task=task: _compare(path, task, arguments), task)
        for task, path in SHIPPED.items()
    }


def _compare(path: str, task: str, arguments: Arguments) -> dict:
    checkpoint = str(ROOT / f'weights/gvseg-{task}_tiny_moving-shapes.pth')
    clips, maps = [], []
    for device in ('cpu', arguments.device):
        model, config = load_model(read_config(path), checkpoint, device)
        inputs, sample = dummy_clip(config, (96, 160))
        with torch.no_grad():
            inputs = inputs.to(device)
            found = model.predict_clip(inputs[0], model.track_head.clip_batch(inputs, [sample], with_targets=False))
        clips.append((found.probabilities.cpu(), found.masks.cpu(), found.embeddings.cpu()))
        maps.append(_streamed(path, checkpoint, device))
    differences = [float((own - theirs).abs().max()) for own, theirs in zip(*clips)]
    equal = [float(np.mean(own == theirs)) for own, theirs in zip(*maps)]
    return dict(
        zip(('probabilities', 'mask_logits', 'embeddings'), differences),
        frames=len(equal),
        least_share_of_equal_pixels=min(equal),
        same=differences[0] < 1e-3 and min(equal) > 0.995,
    )


def _streamed(path: str, checkpoint: str, device: str) -> list[np.ndarray]:
    """Results of a generated video of two clips and a frame, a map of labels or a stack of masks per frame."""
    segmenter = VideoSegmenter(read_config(path), checkpoint, device)
    with tempfile.TemporaryDirectory() as folder:
        generate_split(Path(folder), SplitSettings('val', 1, 7, seed=0))
        images = [cv2.imread(str(file)) for file in sorted(Path(folder, 'val/ytvis/JPEGImages').rglob('*.jpg'))]
    if segmenter.takes_objects:
        segmenter.add_object(0, box=(10, 10, 70, 60))
        segmenter.add_object(0, box=(80, 30, 140, 90))
    results = []
    for found in segmenter.stream(images):
        for name in ('pred_panoptic_seg', 'pred_sem_seg', 'pred_object_map'):
            if name in found:
                results.append(getattr(found, name).sem_seg.cpu().numpy())
        if 'pred_track_instances' in found:
            tubes = found.pred_track_instances
            layers = [mask * (1 + int(label)) for mask, label in zip(tubes.masks.numpy(), tubes.labels)]
            results.append(np.stack(layers) if layers else np.zeros((1, *images[0].shape[:2]), dtype=int))
    return [result if result.ndim == 2 else result.max(0) for result in results]
