"""Run an ablation of the paper on Moving Shapes and print its table with intervals and the paper's numbers.

    python projects/studies/ablation.py --table 4a --run     # runs what is missing, resumes stopped runs
    python projects/studies/ablation.py --table 4a           # prints the table

1. Pre-training, once: a single-frame segmenter with learned queries, in place of the paper's COCO weights.
2. Fine-tuning: every row from these weights, clips of three frames, several seeds. Class queries start from the learned
   query that predicts their class most often. (The row with the grid in place of learned queries has its own
   pre-training.)
3. Scores: unseen videos of one seed; the counts of every video are kept in ``WORK_DIR/counts``, from which the table
   and its intervals come. Intervals are for the difference to the first row (bootstrap over videos, mean of the
   seeds that both rows have).

Rows that only differ in association share the weights of one trained row.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ablation_start import class_counts, with_class_queries
from ablation_tables import FROM_GRID, LEARNED, OTHER_START, PAPER, ROWS, SAME_WEIGHTS

from gvseg.evaluation.functional.measures.panoptic_resampling import VideoCounts, interval, numbers, resampled

ROOT = Path(__file__).resolve().parents[2]
THINGS, STUFF, WINDOWS = range(6), (6, 11), (1, 2, 4, 6)
COLUMNS = ('VPQ', 'th_window1', 'th_longer', 'VPQ_st', 'STQ', 'AQ', 'kept')
TEST_VIDEOS, TEST_SEED = 96, 424242
DATA = 'data/moving_shapes_ablation'


@dataclass(frozen=True)
class Run:
    """One row of a table with one seed, or a pre-training (table "pretrain", seed 0)."""

    table: str
    row: str
    seed: int

    @property
    def config(self) -> Path:
        """Path of its config."""
        found = sorted((ROOT / 'configs/ablation').glob(f'*_{self.table}-{self.row}.py'))
        if len(found) != 1:
            raise FileNotFoundError(
                f'configs/ablation: {len(found)} configs end in _{self.table}-{self.row}.py, there should be one'
            )
        return found[0]

    @property
    def trained(self) -> 'Run':
        """The run whose weights this one uses: itself, except for rows that only differ in association."""
        return run_of(self.table, SAME_WEIGHTS[self.table], self.seed) if self.table in SAME_WEIGHTS else self

    @property
    def pretrained(self) -> 'Run | None':
        """The pre-training that it starts from."""
        if self.table == 'pretrain':
            return None
        usual = OTHER_START.get(self.table, 'learned')
        return Run('pretrain', 'grid' if (self.table, self.row) in FROM_GRID else usual, 0)

    def folder(self, root: Path) -> Path:
        """Its work directory."""
        return root / self.table / self.row / f'seed_{self.seed}'

    def counts_file(self, root: Path) -> Path:
        """File of the counts of the test videos."""
        return root / 'counts' / f'{self.table}-{self.row}-seed{self.seed}.npz'

    def weights(self, root: Path) -> Path | None:
        """Checkpoint of its last iteration, ``None`` if it is not finished."""
        last = self.folder(root) / 'finished.txt'
        return self.folder(root) / last.read_text().strip() if last.is_file() else None

    def start(self, root: Path) -> Path | None:
        """Initial weights, made if they are missing; ``None``: random."""
        before = self.pretrained
        if before is None:
            return None
        before.train(root, [])
        weights = before.weights(root)
        if (self.table, self.row) in LEARNED | FROM_GRID:
            return weights
        path = weights.with_name('with_class_queries.pth')
        if not path.is_file():
            with_class_queries(weights, class_counts(before.config, weights), STUFF, path)
        return path

    def train(self, root: Path, options: list[str]) -> None:
        """Train, resuming from the newest checkpoint if there is one; a finished run is skipped."""
        if self.weights(root):
            return
        start = self.start(root)
        if start:
            options = [f'load_from={start}', *options]
        self._command(
            'train.py',
            self.config,
            '--work-dir',
            self.folder(root),
            '--resume',
            '--cfg-options',
            f'randomness.seed={self.seed}',
            *options,
        )
        newest = max(self.folder(root).glob('iter_*.pth'), key=lambda path: int(path.stem.split('_')[1]))
        (self.folder(root) / 'finished.txt').write_text(newest.name)

    def score(self, root: Path) -> None:
        """Compute the counts of the test videos if they are missing."""
        if self.counts_file(root).is_file():
            return
        data = f'{DATA}/val/vipseg'
        self._command(
            'test.py',
            self.config,
            self.trained.weights(root),
            '--work-dir',
            self.folder(root) / 'test',
            '--cfg-options',
            f'test_dataloader.dataset.data_root={data}',
            'test_evaluator.type=VideoPanopticCountsMetric',
            f'test_evaluator.counts_file={self.counts_file(root)}',
            f'test_evaluator.ann_file={data}/panoptic_gt.json',
            f'test_evaluator.seg_prefix={data}/panomasksRGB',
        )

    @staticmethod
    def _command(tool: str, *arguments: object) -> None:
        subprocess.run([sys.executable, str(ROOT / 'tools' / tool), *map(str, arguments)], cwd=ROOT, check=True)


def run_of(table: str, row: str, seed: int) -> Run:
    """The run of a row, which may be one of another table ("4a-all")."""
    return Run(*row.split('-', 1), seed) if row.split('-')[0] in ROWS else Run(table, row, seed)


def make_test_videos() -> None:
    """Generate the test videos if they are missing."""
    if not (ROOT / DATA / 'val').is_dir():
        subprocess.run(
            [
                sys.executable,
                str(ROOT / 'tools/dataset_converters/moving_shapes.py'),
                '--out',
                DATA,
                '--split',
                'val',
                '--videos',
                str(TEST_VIDEOS),
                '--seed',
                str(TEST_SEED),
            ],
            cwd=ROOT,
            check=True,
        )


def table_text(table: str, seeds: list[int], root: Path, samples: int = 2000) -> str:
    """The table in Markdown: means over seeds in percent, and the difference to the first row with its interval."""
    lines = [
        f'| Component | seeds | {" | ".join(COLUMNS)} | VPQ - first row | kept - first row | paper VPQ, STQ |',
        f'|---|---|{"---|" * (len(COLUMNS) + 3)}',
    ]
    scores: dict[str, dict[int, dict[str, np.ndarray]]] = {}
    for title, row in ROWS[table].items():
        scores[title] = _scores(table, row, seeds, root, samples)
        first = scores[next(iter(scores))]
        cells = [
            f'{np.mean([found[name][0] for found in scores[title].values()]):.1f}' if scores[title] else 'not run'
            for name in COLUMNS
        ]
        paper = PAPER.get(table, {}).get(title)
        lines.append(
            ' | '.join(
                [
                    f'| {title}',
                    f'{len(scores[title])} of {len(seeds)}',
                    *cells,
                    *(_difference(scores[title], first, name) for name in ('VPQ', 'kept')),
                    f'{paper[0]}, {paper[1]} |' if paper else '- |',
                ]
            )
        )
    return '\n'.join(lines)


def _scores(table: str, row: str, seeds: list[int], root: Path, samples: int) -> dict[int, dict[str, np.ndarray]]:
    """Metrics of every scored seed, on the same bootstrap samples of the videos."""
    found = {}
    for seed in seeds:
        path = run_of(table, row, seed).counts_file(root)
        if path.is_file():
            counts = VideoCounts.load(path)
            found[seed] = numbers(counts, resampled(len(counts.names), samples), THINGS, WINDOWS)
    return found


def _difference(row: dict[int, dict], first: dict[int, dict], name: str) -> str:
    both = sorted(row.keys() & first.keys())
    if row is first or not both:
        return '-'
    value, low, high = interval(np.mean([row[seed][name] - first[seed][name] for seed in both], 0))
    return f'{value:+.1f} ({low:+.1f} to {high:+.1f})'


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--table', choices=sorted(ROWS), default='4a')
    parser.add_argument('--run', action='store_true', help='train and score what is missing')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--work-dir', type=Path, default=ROOT / 'work_dirs/ablation')
    parser.add_argument('--cfg-options', nargs='+', default=[], help='passed on to tools/train.py')
    args = parser.parse_args()
    root = args.work_dir.resolve()
    if args.run:
        make_test_videos()
        for seed in args.seeds:  # seed by seed, so that a stopped ablation has complete seeds
            for row in ROWS[args.table].values():
                run = run_of(args.table, row, seed)
                if not run.counts_file(root).is_file():
                    print(f'{row}, seed {seed}: {run.folder(root)}', flush=True)
                    run.trained.train(root, args.cfg_options)
                    run.score(root)
    print(table_text(args.table, args.seeds, root))


if __name__ == '__main__':
    main()
