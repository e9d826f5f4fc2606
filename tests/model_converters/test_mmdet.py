"""mmdet's own Mask2Former, for images and for video, computes the same in GvSeg; wrong files are refused."""

import copy
from pathlib import Path

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import Config, ConfigDict

from gvseg.apis.query_conversion import first_classes, query_rows
from gvseg.apis.weight_conversion import convert_file, convert_weights, target_classes
from gvseg.models.query_initializers import GridQueries, PrototypeQueries
from gvseg.utils.errors import CheckpointError
from gvseg.utils.weight_conversion import WeightFile, read_weights
from tests.model_converters.small_networks import (
    CLASSES,
    DECODER_LAYERS,
    QUERIES,
    ROOT,
    build,
    images,
    predictions,
    samples,
    shake,
    small_config,
)

pytestmark = pytest.mark.usefixtures('mmdet_scope')


def their_network(backbone: str, video: bool) -> torch.nn.Module:
    """mmdet's detector of the same size."""
    model = small_config(backbone, positions='SinePositionalEncoding3D').model
    head = ConfigDict(copy.deepcopy(model.track_head.to_dict()))
    for name in ('query_initializer', 'cue_injection', 'descriptor', 'train_cfg', 'type', 'num_classes'):
        head.pop(name, None)
    head.pixel_decoder.type = 'MSDeformAttnPixelDecoder'
    if video:
        parts = dict(
            type='Mask2FormerVideo', track_head=dict(head, type='Mask2FormerTrackHead', num_classes=len(CLASSES))
        )
    else:
        head.positional_encoding.pop('type')
        kinds = dict(num_things_classes=3, num_stuff_classes=2)
        parts = dict(
            type='Mask2Former',
            panoptic_head=dict(head, type='Mask2FormerHead', **kinds),
            panoptic_fusion_head=dict(type='MaskFormerFusionHead', loss_panoptic=None, **kinds),
        )
    network = MODELS.build(ConfigDict(parts, backbone=model.backbone))
    network.eval()
    return shake(network)


def saved(network: torch.nn.Module, folder: Path, **meta: object) -> str:
    """The network's checkpoint as mmengine writes it."""
    path = str(folder / 'mmdet.pth')
    torch.save(dict(state_dict=network.state_dict(), meta=dict(dataset_meta=dict(classes=CLASSES), **meta)), path)
    return path


def converted(path: str, backbone: str, positions: str) -> torch.nn.Module:
    """Our network with the file's weights."""
    config = small_config(backbone, positions=positions)
    ours = build(config)
    state, report = convert_weights(read_weights(path), ours, config, 'mmdet')
    ours.load_state_dict(state)
    assert not report.missing and not report.unexpected and not report.reshaped
    return ours


def compare(ours: tuple, theirs: tuple, video: bool) -> None:
    for index, (our_layers, their_layers) in enumerate(zip(ours, theirs)):
        assert len(our_layers) == len(their_layers) == DECODER_LAYERS + 1
        for our, their in zip(our_layers, their_layers):
            our = our[:, :, 0] if index == 1 and not video else our
            # Fused attention and sampling without gradients add up in another order.
            torch.testing.assert_close(our, their, atol=2e-5, rtol=1e-5)


def test_the_image_network_frame_by_frame(tmp_path: Path) -> None:
    theirs, pixels = their_network('swin', video=False), images(2)
    ours = converted(saved(theirs, tmp_path), 'swin', 'FrameSinePositionalEncoding')
    frames = [sample[0] for sample in samples(2, 1)]
    with torch.no_grad():
        expected = theirs.panoptic_head(theirs.extract_feat(pixels), frames)
    compare(predictions(ours, pixels, videos=2), expected, video=False)


def test_the_video_network_on_a_clip(tmp_path: Path) -> None:
    theirs, pixels = their_network('resnet', video=True), images(3)
    ours = converted(saved(theirs, tmp_path), 'resnet', 'SinePositionalEncoding3D')
    with torch.no_grad():
        expected = theirs.track_head(theirs.backbone(pixels), samples(1, 3)[0])
    compare(predictions(ours, pixels, videos=1), expected, video=True)


def test_other_networks_are_refused(tmp_path: Path) -> None:
    config = small_config('resnet')
    config.filename = None
    ours = build(config)
    swin = WeightFile('swin.pth', build(small_config('swin')).state_dict())
    with pytest.raises(
        CheckpointError,
        match='swin.pth is a Mask2Former on a Swin Transformer of 24 channels, '
        '2-2-2-2 blocks, window 2, 2 heads.*but .* describes one on ResNet-50',
    ):
        convert_weights(swin, ours, config, 'mmdet')
    state = ours.state_dict()
    short = {name: value for name, value in state.items() if '.layers.2.' not in name}
    with pytest.raises(CheckpointError, match='2 encoder and 2 decoder layers.* 2 encoder and 3 decoder layers'):
        convert_weights(WeightFile('short.pth', short), ours, config, 'mmdet')
    with pytest.raises(CheckpointError, match="a.pth is no Mask2Former in detectron2's naming"):
        convert_weights(WeightFile('a.pth', state), ours, config, 'detectron2')
    bare = {name: value for name, value in state.items() if name.startswith('backbone.')}
    with pytest.raises(CheckpointError, match="bare.pth is no Mask2Former in mmdet's naming"):
        convert_weights(WeightFile('bare.pth', bare), ours, config, 'mmdet')
    more = dict(
        state, **{f'track_head.{name}.weight': torch.zeros(2 * QUERIES, 64) for name in ('query_feat', 'query_embed')}
    )
    with pytest.raises(CheckpointError, match='more.pth has 14 queries, the config 7: set model'):
        convert_weights(WeightFile('more.pth', more, CLASSES), ours, config, 'mmdet')


def test_other_classes_and_queries_are_remapped_and_told(tmp_path: Path) -> None:
    target = ('Dog', 'sky', 'lizard')
    config = small_config('resnet', classes=target)
    config.model.track_head.query_initializer = dict(
        type='GridQueries', grid=3, num_queries=QUERIES, in_channels=64, embed_dims=64, level=-1
    )
    ours = build(config)
    state = build(small_config('resnet')).state_dict()
    state = dict(shake(torch.nn.Linear(64, 6)).state_dict(), **state)  # two names that nobody expects
    for name in ('query_feat', 'query_embed'):
        state[f'track_head.{name}.weight'] = torch.arange(3.0)[:, None].expand(3, 64)
    result, report = convert_weights(WeightFile('a.pth', state, CLASSES), ours, config, 'mmdet')
    head, their_head = result['track_head.cls_embed.weight'], state['track_head.cls_embed.weight']
    assert torch.equal(head[[0, 1, 3]], their_head[[4, 2, 5]])  # dog, sky-other-merged and "no object"
    assert torch.equal(head[2], ours.state_dict()['track_head.cls_embed.weight'][2])
    assert report.kept_classes == [('Dog', 'dog'), ('sky', 'sky-other-merged')] and report.fresh_classes == ['lizard']
    assert result['track_head.query_embed.weight'][:, 0].tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert all(name.startswith('track_head.query_initializer.ffn') for name in report.missing) and report.missing
    assert sorted(report.unexpected) == ['bias', 'weight']
    text = '\n'.join(report.lines())
    assert 'classes: 2 of 3 taken over by name' in text and 'classes initialised afresh: lizard' in text
    assert 'track_head.cls_embed.weight: 5 classes to 3' in text and '3 of 3 queries for 7' in text


def test_a_class_query_starts_from_the_query_that_names_its_class() -> None:
    # Four queries, classes 0 and 1 of things, 2 to 4 of stuff; the file does not know class 4.
    classes = torch.tensor([[0.9, 0, 0.1, 0.2, 0], [0, 0.9, 0.3, 0.1, 0], [0, 0, 0.8, 0.7, 0], [0.1, 0, 0, 0, 0]])
    stuff = PrototypeQueries(num_queries=3, embed_dims=8, classes=(2, 5))
    # 2 names class 2 most and class 3 too: 1 for class 2 and 2 for 3 are 1.0 together, 2 for 2 and 0 for 3 too; with
    # 0.81 it is query 2 that keeps class 2. Class 4 takes what is left first.
    classes[2, 2] = 0.81
    assert query_rows(stuff, classes).tolist() == [2, 0, 1]
    more = PrototypeQueries(num_queries=6, embed_dims=8, classes=(2, 5))
    assert query_rows(more, classes).tolist() == [0, 1, 2, 3, 0, 1]  # not one per class: in turn
    grid = GridQueries(grid=3, in_channels=8, embed_dims=8, num_queries=5, classes=(0, 2))
    assert query_rows(grid, classes).tolist() == [0, 1, 2, 3, 0]


def test_first_classes_are_those_of_the_heads_first_prediction() -> None:
    head = shake(build(small_config('resnet'))).track_head
    weights = {f'track_head.{name}': value for name, value in head.state_dict().items()}
    mask_features = torch.zeros(1, head.num_frames, 64, 8, 8)
    feature = head.query_feat.weight[None]
    logits = head._forward_head(feature, mask_features, (2, 2))[0]
    torch.testing.assert_close(first_classes(weights), logits[0].softmax(-1)[:, :-1])


def test_classes_that_only_annotation_files_know() -> None:
    config = Config.fromfile(ROOT / 'configs/vps/gvseg-vps_r50_8xb2-10k_vipseg.py')
    names = target_classes(config)
    assert len(set(names)) == 124 and names[:2] == ('door', 'ladder') and names[58] == 'wall'  # things first
    config.model.track_head.num_classes = 11
    assert target_classes(config) == ()


def test_a_file_becomes_a_checkpoint_that_names_its_config(tmp_path: Path) -> None:
    network = build(small_config('resnet'))
    path = tmp_path / 'small.py'
    config = small_config('resnet')
    config.dump(str(path))
    checkpoint, _ = convert_file(saved(network, tmp_path), str(path), 'mmdet')
    assert checkpoint['meta']['config'] == str(path) and checkpoint['meta']['dataset_meta']['classes'] == CLASSES
    assert set(checkpoint['state_dict']) == set(network.state_dict())
