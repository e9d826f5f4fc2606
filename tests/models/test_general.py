"""One network, one recipe per task: what is shared, what is a recipe's own, what a recipe predicts."""

from pathlib import Path

import pytest
import torch
from mmdet.registry import MODELS
from mmdet.structures import TrackDataSample
from mmengine.config import Config

from gvseg.apis.general_start import start_general
from gvseg.apis.query_conversion import query_rows
from gvseg.apis.weight_conversion import target_classes
from gvseg.core.protocols import MatchedQueryMemory
from gvseg.engine.hooks.query_queue_hook import _memories, _sources
from gvseg.models.heads.general_head import QueryBlock
from gvseg.utils.checkpoint import read_state
from gvseg.utils.config import load_config
from gvseg.utils.errors import ConfigError
from tests.models.samples import SIZE, clip_sample, pixels
from tests.shrinking import shrink

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / 'configs/general/gvseg-general_tiny_1xb2-6k_moving-shapes.py'
BENCHMARKS = sorted((ROOT / 'configs/general').glob('*_benchmarks.py'))


def general_model(path: Path = TINY) -> torch.nn.Module:
    """The config's model, with random weights; of the paper's size made narrow."""
    torch.manual_seed(0)
    return MODELS.build(shrink(Config.fromfile(path)).model)


@pytest.fixture(scope='module')
def tiny() -> torch.nn.Module:
    """The tiny general model."""
    return general_model()


def item(recipe: str, clips: int = 2, video: str = 'a', count: int = 2) -> TrackDataSample:
    """Clips of moving objects, of classes 0, 1, ... where there are several; shown in the first frame of a clip."""
    kwargs = dict(exemplars=True, label=0) if recipe == 'evs' else {}
    parts = [clip_sample(video, [3 * clip + i for i in range(3)], 99, count=count, **kwargs) for clip in range(clips)]
    frames = [frame for part in parts for frame in part.video_data_samples]
    for frame in frames:
        frame.set_metainfo(dict(recipe=recipe))
    return TrackDataSample(video_data_samples=frames)


def losses_of(model: torch.nn.Module, recipe: str) -> dict[str, torch.Tensor]:
    """Losses of one item."""
    return model.train().loss(pixels(2).view(1, 6, 3, *SIZE), [item(recipe)])


@pytest.mark.parametrize('path', [TINY, *BENCHMARKS], ids=lambda path: path.stem)
def test_every_recipe_trains_and_segments_and_every_parameter_has_a_gradient(path):
    model = general_model(path)
    for recipe in model.class_spaces:
        model.zero_grad(set_to_none=True)
        losses = losses_of(model, recipe)
        assert {name.split('.')[0] for name in losses} == {recipe}
        total = sum(losses.values())
        assert torch.isfinite(total)
        total.backward()
        untouched = [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
        assert not untouched, 'parameters without gradient break distributed training'
        with torch.no_grad():
            (result,) = model.eval().predict(pixels(1), [item(recipe, clips=1)])
        assert model.recipe == recipe and len(result.video_data_samples) == 3


def test_a_class_of_two_data_sets_is_one_row_and_other_rows_stay(tiny):
    head = tiny.general_head
    assert head.classes[:6] == tiny.class_spaces['vis'] and head.classes[-1] == 'object' and len(head.classes) == 12
    rows = {name: head.head_of(name).cls_embed.rows.tolist() for name in tiny.class_spaces}
    assert rows['vis'] == [0, 1, 2, 3, 4, 5, 12] and rows['vss'] == rows['vps'] == [*range(11), 12]
    assert rows['evs'] == [11, 12]
    tiny.zero_grad()
    sum(losses_of(tiny, 'evs').values()).backward()
    moved = head.cls_embed.weight.grad.abs().sum(1) > 0
    assert moved.nonzero()[:, 0].tolist() == [11, 12]
    queries = torch.randn(3, 64)
    logits = head.head_of('vis').cls_embed(queries)
    assert torch.equal(logits, head.cls_embed(queries)[:, rows['vis']])


@pytest.mark.parametrize('path', [TINY, *BENCHMARKS], ids=lambda path: path.stem)
def test_a_config_that_a_run_has_written_describes_the_same_rows(path, tmp_path):
    """mmengine sorts the keys of what it writes, so recipes come in another order."""
    config = shrink(Config.fromfile(path))
    config.dump(tmp_path / 'written.py')
    written = Config.fromfile(tmp_path / 'written.py')
    assert list(written.model.recipes) != list(config.model.recipes)
    heads = [MODELS.build(each.model).general_head for each in (config, written)]
    assert heads[0].classes == heads[1].classes == target_classes(written)
    for recipe in heads[0].class_spaces:
        rows = [head.head_of(recipe).query_embed.rows for head in heads]
        assert torch.equal(*rows)
    assert [name for name, _ in heads[0].named_parameters()] == [name for name, _ in heads[1].named_parameters()]


def test_cells_and_classes_share_their_learned_queries_and_shown_objects_have_their_own(tiny):
    rows = {name: tiny.general_head.head_of(name).query_embed.rows.tolist() for name in tiny.class_spaces}
    assert rows['vis'] == list(range(25)) == rows['vps'][:25]
    assert rows['evs'] == list(range(25, 35))
    assert rows['vss'] == list(range(35, 46)) and rows['vps'][25:] == rows['vss'][6:]


def test_queues_and_prototypes_are_a_recipes_own(tiny):
    sources = dict(_sources(tiny))
    assert sorted(name.split('.')[-1] for name in sources) == ['evs', 'vis', 'vps', 'vss']
    found = [memory for source in sources.values() for _, memory in _memories(source)]
    assert len(found) == len({id(memory) for memory in found}) == 6
    assert len(found) == sum(isinstance(module, MatchedQueryMemory) for module in tiny.modules())
    for source in sources.values():
        source.record_matched_queries(True)
    losses_of(tiny, 'vss')
    recorded = {name.split('.')[-1]: len(source.pop_matched_queries()) for name, source in sources.items()}
    assert recorded == dict(vis=0, vss=1, vps=0, evs=0)


def test_a_recipe_predicts_as_the_single_task_model_it_started_from():
    """The VPS recipe with the shipped VPS weights; without the location prior, which that model lacks."""
    weights = str(ROOT / 'weights/gvseg-vps_tiny_moving-shapes.pth')
    single = MODELS.build(load_config(str(next((ROOT / 'configs/vps').glob('*_tiny_*_moving-shapes.py')))).model)
    single.load_state_dict(read_state(weights), strict=False)  # published weights lack the queue
    config = load_config(str(TINY), dict(recipe='vps'))
    config.model.track_head.pop('localized_masks')
    state, report = start_general(config, 'vps', read_state(weights), weights)
    assert report[1] == 'left: 0'
    general = MODELS.build(config.model)
    general.load_state_dict(state)
    clip = clip_sample('a', [0, 1, 2], 99)
    with torch.no_grad():
        batch = single.eval().track_head.clip_batch(pixels(1)[0], [clip], with_targets=False)
        expected = single.predict_clip(pixels(1)[0], batch)
        found = general.eval().predict_clip(pixels(1)[0], batch)
    for name in ('probabilities', 'masks', 'embeddings'):
        assert torch.allclose(getattr(found, name), getattr(expected, name), atol=1e-5), name
    grids = [general.general_head.recipes[name].query_initializer for name in ('vis', 'vps')]
    assert torch.equal(grids[0].ffn[0].weight, grids[1].parts[0].ffn[0].weight)


def test_public_weights_start_every_block_of_queries():
    """Three public queries, of which the second is most of class 1: both blocks take them in order, classes by name."""
    classes = torch.tensor([[0.1, 0.2], [0.3, 0.6], [0.8, 0.1]])
    blocks = [QueryBlock(2, None, False), QueryBlock(4, None, False), QueryBlock(2, (0, 2), True)]
    assert [query_rows(block, classes).tolist() for block in blocks] == [[0, 1], [0, 1, 2, 0], [2, 1]]


def test_a_general_model_is_converted_by_the_names_of_all_its_classes(tiny):
    assert target_classes(Config.fromfile(TINY)) == tiny.general_head.classes
    assert [block.num_queries for block in tiny.general_head.query_blocks] == [25, 10, 11]
    assert len(tiny.general_head.query_embed.weight) == 46


def test_layers_of_a_recipe_that_is_like_another_are_the_same():
    heads = general_model(BENCHMARKS[0]).general_head
    leader, follower = (heads.head_of(name).query_initializer for name in ('vis', 'ovis'))
    assert follower.ffn is leader.ffn and follower.num_queries == 100
    names = [name for name, _ in heads.named_parameters() if 'ffn' in name and name.startswith('recipes')]
    assert {name.split('.')[1] for name in names} == {'vis', 'vps', 'evs'}


def gradient(model: torch.nn.Module, videos: list[tuple], size: int) -> torch.Tensor:
    """Mean gradient of batches of ``size`` of some (pixels, sample), announced as one step."""
    batches = [videos[first : first + size] for first in range(0, len(videos), size)]
    model.zero_grad()
    model.general_head.prepare_accumulation([[sample for _, sample in batch] for batch in batches])
    for batch in batches:
        losses = model.loss(torch.stack([images for images, _ in batch]), [sample for _, sample in batch])
        (sum(losses.values()) / len(batches)).backward()
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters() if parameter.grad is not None])


def test_accumulated_gradients_of_every_recipe_are_those_of_the_larger_batch():
    """Videos of one and of three objects: the mean of two losses is not that of the four objects, unless it is known.

    Auxiliary losses of pixels are means over an iteration, so they are left out.
    """
    config = shrink(Config.fromfile(TINY))
    for recipe in config.model.recipes.values():
        recipe.track_head.auxiliary = None
    torch.manual_seed(0)
    model = MODELS.build(config.model).train()
    for recipe in model.class_spaces:
        videos = [
            (pixels(2, seed=count).view(6, 3, *SIZE), item(recipe, video=f'v{count}', count=count)) for count in (1, 3)
        ]
        whole, halves = gradient(model, videos, 2), gradient(model, videos, 1)
        assert float((whole - halves).norm() / whole.norm()) < 1e-4, recipe


def test_every_recipe_is_augmented_at_test_by_its_own_head(tiny):
    """The same view again changes nothing; mirrored and scaled views change the masks."""
    config = Config.fromfile(TINY)
    options = [dict(config.tta_model, views=views) for views in ([dict()], [dict(flip=True), dict(scale=1.25)])]
    models = [tiny, *(MODELS.build({**shrink(config).model, **each}) for each in options)]
    for recipe in tiny.class_spaces:
        found = []
        for model in models:
            model.load_state_dict(tiny.state_dict())
            model.eval().use(recipe)
            batch = model.track_head.clip_batch(pixels(1), [item(recipe, clips=1)], with_targets=False)
            batch.memories = [None]
            with torch.no_grad():
                found.append(model.predict_clip(pixels(1)[0], batch).masks)
        assert torch.allclose(found[0], found[1], atol=1e-4) and not torch.allclose(found[0], found[2], atol=1e-2)


def test_a_step_of_several_batches_is_of_one_recipe_and_normalises_its_losses():
    """Two batches of two clips with two objects each: four objects a batch on average."""
    head = general_model().general_head
    head.prepare_accumulation([[item('vis')], [item('vis')]])
    assert head.head_of('vis').criterion.expected[0] == 4 and head.head_of('vps').criterion.expected is None
    with pytest.raises(ConfigError, match='recipes vis and vps: use RecipeDrawSampler'):
        head.prepare_accumulation([[item('vis')], [item('vps')]])


def test_recipes_that_are_not_there_and_batches_of_two_recipes_are_refused(tiny):
    with pytest.raises(ConfigError, match="no recipe 'vos'; the model has vps, vss, vis, evs"):
        tiny.use('vos')
    with pytest.raises(ConfigError, match='recipes vis and vps: use RecipeDrawSampler'):
        tiny.loss(pixels(4).view(2, 6, 3, *SIZE), [item('vis'), item('vps')])
    unnamed = TrackDataSample(video_data_samples=clip_sample('a', [0, 1, 2], 99).video_data_samples)
    with pytest.raises(ConfigError, match='set `metainfo=dict\\(recipe=NAME\\)`'):
        tiny.loss(pixels(1), [unnamed])
