"""Initial weights of rows with one query per stuff class more than the pre-trained segmenter.

The paper starts from COCO weights with N learned queries and does not say what class queries start from.

Shapes: N queries of the pre-trained segmenter, C its classes, D model width.
"""

from pathlib import Path

import numpy as np

QUERIES = ('track_head.query_feat.weight', 'track_head.query_embed.weight')


def class_counts(config: Path, weights: Path, confidence: float = 0.5) -> np.ndarray:
    """How often each query predicts each class with confidence on the validation frames, (N, C)."""
    import torch
    from mmengine.runner import Runner

    from gvseg.apis.loading import load_model

    model, settings = load_model(config, weights)
    head = model.track_head
    counts = np.zeros((head.num_queries, head.num_classes), int)
    for batch in Runner.build_dataloader(settings.val_dataloader):
        data = model.data_preprocessor(batch)
        with torch.no_grad():
            clips = head.clip_batch(data['inputs'], data['data_samples'], with_targets=False)
            clip = model.predict_single_view(data['inputs'][0], clips)
        best, label = clip.probabilities[:, :-1].max(-1)
        confident = (best > confidence) & (best > clip.probabilities[:, -1])
        np.add.at(counts, (confident.nonzero()[:, 0].numpy(), label[confident].numpy()), 1)
    return counts


def with_class_queries(weights: Path, counts: np.ndarray, classes: tuple[int, int], out: Path) -> Path:
    """Write the weights with one additional query per class.

    Args:
        weights: checkpoint of the pre-trained segmenter.
        counts: :func:`class_counts`, (N, C).
        classes: first class and last + 1; the query of a class is a copy of the one that predicts it most often.
        out: file to write.

    Returns:
        ``out``.
    """
    import torch

    checkpoint = torch.load(weights, map_location='cpu', weights_only=False)
    chosen = torch.from_numpy(counts[:, slice(*classes)].argmax(0))
    for name in QUERIES:
        rows = checkpoint['state_dict'][name]
        checkpoint['state_dict'][name] = torch.cat((rows, rows[chosen]))
    torch.save({'state_dict': checkpoint['state_dict'], 'meta': {}}, out)
    return out
