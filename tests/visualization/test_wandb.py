"""Weights & Biases without a network: losses and pictures reach the files of an offline run."""

import json
from pathlib import Path

import numpy as np
import pytest
from mmdet.registry import VISUALIZERS

from gvseg.visualization import GvSegVisualizer

from .samples import CLASSES, empty_sample, with_panoptic, with_truth

pytest.importorskip('wandb', reason='needs wandb (requirements/optional.txt)')


def test_a_loss_and_a_drawn_frame_are_in_the_runs_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import wandb

    monkeypatch.setenv('WANDB_SILENT', 'true')
    built = VISUALIZERS.build(
        dict(
            type='GvSegVisualizer',
            name='wandb',
            save_dir=str(tmp_path),
            vis_backends=[dict(type='WandbVisBackend', init_kwargs=dict(mode='offline', project='gvseg'))],
        )
    )
    assert isinstance(built, GvSegVisualizer)
    built.dataset_meta = dict(classes=CLASSES)
    built.add_scalars(dict(loss=2.5), step=1)
    sample, image = with_truth(with_panoptic(empty_sample())), np.full((4, 8, 3), 90, np.uint8)
    built.add_datasample('frame', image, sample, step=1)
    summary = json.loads(json.dumps(dict(wandb.run.summary), default=dict))
    built.close()
    assert summary['loss'] == 2.5 and summary['frame']['_type'] == 'image-file'
    (written,) = tmp_path.rglob('frame*.png')
    assert written.stat().st_size == summary['frame']['size'] and list(tmp_path.rglob('run-*.wandb'))
