"""The study of EVS settings shares what the network makes of a clip, for frames of every size apart."""

from types import SimpleNamespace

import torch

from tests.scripts import tool


def test_a_clip_is_computed_once_for_all_models_and_every_size() -> None:
    calls = []

    def model() -> SimpleNamespace:
        decoder = SimpleNamespace(forward=lambda maps: len(maps))
        backbone = SimpleNamespace(forward=lambda frames: calls.append(frames.shape[-1]) or frames.shape[-1])
        return SimpleNamespace(backbone=backbone, track_head=SimpleNamespace(pixel_decoder=decoder))

    models = [model(), model()]
    shared = tool('exemplar_variants').SharedNetwork(models)
    for shared.clip in (0, 1):
        for one in models:
            assert [one.backbone.forward(torch.zeros(1, 3, 4, size)) for size in (8, 16)] == [8, 16]
            assert one.track_head.pixel_decoder.forward([torch.zeros(1, 2)] * 4) == 4
    assert calls == [8, 16, 8, 16]
