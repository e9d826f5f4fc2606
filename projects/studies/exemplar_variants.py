"""Score settings of a trained EVS model on the videos of its config's test, one after the other.

    python projects/studies/exemplar_variants.py CONFIG CHECKPOINT --table exemplars --out work_dirs/exemplars.jsonl
    python projects/studies/exemplar_variants.py CONFIG CHECKPOINT --table memory --videos camel parkour --out FILE

Backbone and pixel decoder run once per clip, whatever the number of settings; everything after them runs per setting.
J and F are those of the config's metric, means over the frames of each object. A line of the output file is one video
and setting; run the command again and it goes on with what is missing.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exemplar_tables import TABLES, Variant

from gvseg.entry import entry_point
from gvseg.utils.arguments import add_config_options

if TYPE_CHECKING:
    import torch
    from mmengine.config import Config


class SharedNetwork:
    """Backbone and pixel decoder, whose outputs the models of all settings share.

    Args:
        models: of one architecture with the same weights.
    """

    def __init__(self, models: Sequence[torch.nn.Module]) -> None:
        self.clip: object = None
        self._found: dict[tuple[object, ...], Any] = {}
        parts = dict(backbone=models[0].backbone.forward, pixel_decoder=models[0].track_head.pixel_decoder.forward)
        for model in models:
            model.backbone.forward = self._once('backbone', parts['backbone'])
            model.track_head.pixel_decoder.forward = self._once('pixel_decoder', parts['pixel_decoder'])

    def _once(self, name: str, forward: Any) -> Any:
        def run(inputs: Any) -> Any:
            maps = [inputs] if hasattr(inputs, 'shape') else inputs
            key = (self.clip, name, *(tuple(one.shape) for one in maps))  # PromptMasks looks at smaller frames first
            if key not in self._found:
                self._found[key] = forward(inputs)
            return self._found[key]

        return run

    def forget(self) -> None:
        """Forget all outputs, at the end of a video."""
        self._found.clear()


def changed(config: Config, variant: Variant, video: str) -> Config:
    """The config with a variant's settings, whose test has one video."""
    config = copy.deepcopy(config)
    config.merge_from_dict({f'model.{key}': value for key, value in variant.settings.items()})
    config.test_dataloader.dataset.sequences = [video]
    config.test_dataloader.update(num_workers=0, persistent_workers=False)
    for step in config.test_dataloader.dataset.pipeline:
        if step['type'] == 'MakeExemplars':
            step['kinds'] = variant.exemplar
    return config


def score_video(model: torch.nn.Module, config: Config, shared: SharedNetwork) -> dict[str, float]:
    """J, F and their mean over the objects of the config's one video, in percent."""
    import torch
    from mmengine.evaluator import Evaluator
    from mmengine.runner import Runner

    loader = Runner.build_dataloader(config.test_dataloader, seed=0)
    evaluator = Evaluator(config.test_evaluator)
    evaluator.dataset_meta = loader.dataset.metainfo
    with torch.no_grad():
        for batch in loader:
            data = model.data_preprocessor(batch)
            shared.clip = data['data_samples'][0].video_data_samples[0].frame_id
            evaluator.process(model.predict(data['inputs'], data['data_samples']), batch)
    found = evaluator.evaluate(len(loader.dataset))
    return {name.split('/')[-1]: 100 * float(value) for name, value in found.items()}


def scores(arguments: argparse.Namespace, missing: Sequence[tuple[str, Variant]]) -> Iterator[dict]:
    """A record for every video and setting that is missing."""
    from mmengine.registry import init_default_scope

    from gvseg.apis.loading import load_model
    from gvseg.utils.config import load_config

    base = load_config(arguments.config, arguments.cfg_options)
    init_default_scope(base.get('default_scope', 'mmdet'))
    variants = {variant.name: variant for _, variant in missing}
    models = {
        name: load_model(changed(base, variant, ''), arguments.checkpoint, arguments.device)[0]
        for name, variant in variants.items()
    }
    shared = SharedNetwork(list(models.values()))
    for video in dict.fromkeys(video for video, _ in missing):
        for name, variant in variants.items():
            if (video, variant) in missing:
                numbers = score_video(models[name], changed(base, variant, video), shared)
                yield dict(video=video, variant=name, **numbers)
        shared.forget()


def table(records: Sequence[dict], variants: Sequence[Variant], videos: Sequence[str]) -> str:
    """Means over the videos of every setting that has all of them, and J&F of each video."""
    lines = [f'| | J | F | J&F | {" | ".join(videos)} |', f'|{"---|" * (4 + len(videos))}']
    for variant in variants:
        mine = {record['video']: record for record in records if record['variant'] == variant.name}
        if not set(videos) <= set(mine):
            continue
        means = [sum(mine[video][key] for video in videos) / len(videos) for key in ('J', 'F', 'J&F')]
        cells = [f'{value:.1f}' for value in (*means, *(mine[video]['J&F'] for video in videos))]
        lines.append(f'| {variant.name} | {" | ".join(cells)} |')
    return '\n'.join(lines)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file of the evs task on DAVIS')
    parser.add_argument('checkpoint')
    parser.add_argument('--table', choices=sorted(TABLES), required=True, help='settings to compare')
    parser.add_argument('--videos', nargs='+', help="names; those of the config's test by default")
    parser.add_argument('--out', type=Path, required=True, help='JSON lines, one for every video and setting')
    parser.add_argument('--device', default='cpu')
    add_config_options(parser)
    return parser.parse_args(arguments)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    from gvseg.utils.config import load_config

    videos = arguments.videos or load_config(arguments.config).test_dataloader.dataset.sequences
    variants = TABLES[arguments.table]
    records = [json.loads(line) for line in arguments.out.read_text().splitlines()] if arguments.out.exists() else []
    done = {(record['video'], record['variant']) for record in records}
    wanted = [(video, variant) for video in videos for variant in variants]
    missing = [(video, variant) for video, variant in wanted if (video, variant.name) not in done]
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open('a') as file:
        for record in scores(arguments, missing):
            records.append(record)
            print(json.dumps(record), file=file, flush=True)
            print(f'{record["video"]}: {record["variant"]}: J&F {record["J&F"]:.1f}', file=sys.stderr)
    print(table(records, variants, videos))


if __name__ == '__main__':
    sys.exit(main())
