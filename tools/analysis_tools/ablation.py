"""Run an ablation of the paper on Moving Shapes and print its table from the logs.

    python tools/analysis_tools/ablation.py --table 4a --run     # trains what is missing, resumes what was stopped
    python tools/analysis_tools/ablation.py --table 4a           # prints the table

Tables 4a to 4e, and ``cues`` (not in the paper). A row of the others that is GvSeg itself is row "GvSeg" of 4a and is
not trained again.

Every run is ``work_dirs/ablation/TABLE/ROW/seed_N``; its score is mmengine's last line in ``scalars.json`` that holds
the metrics, so a table can be printed while runs are still going.
"""
import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = {
    '4a': {
        'Baseline': 'baseline',
        '+ SPA query matching': 'spa',
        '+ Task-oriented init. & association': 'init',
        '+ Task-oriented TCL': 'tcl',
        'GvSeg': 'all'
    },
    '4b': {
        'tau 0.1, queue of 100': 'tau01-queue100',
        'tau 0.2, queue of 100 (GvSeg)': '4a-all',
        'tau 0.2, queue of 200': 'tau02-queue200',
        'tau 0.3, queue of 100': 'tau03-queue100',
        'tau 0.3, queue of 200': 'tau03-queue200'
    },
    '4c': {
        '12 angles, 6 radii': '12x6',
        '24 angles, 12 radii': '24x12',
        '36 angles, 12 radii (GvSeg)': '4a-all',
        '36 angles, 18 radii': '36x18',
        '48 angles, 12 radii': '48x12'
    },
    '4d': {
        '1: things and stuff by appearance': 'row1',
        '2: things also by shape and position (GvSeg)': '4a-all',
        '3: stuff also by shape and position': 'row3',
        '4: both also by shape and position': 'row4'
    },
    '4e': {
        '1: things near frames, stuff near frames': 'row1',
        '2: things near frames, stuff data set': 'row2',
        '3: things video, stuff near frames': 'row3',
        '4: things video, stuff data set (GvSeg)': '4a-all'
    },
    'cues': {
        'of the masks predicted (GvSeg)': '4a-all',
        'of the ground truth while training': 'ground-truth'
    }
}
METRICS = ('VPQ', 'STQ')


@dataclass(frozen=True)
class Run:
    """One row of a table with one seed."""
    table: str
    row: str
    seed: int

    @property
    def config(self) -> Path:
        """Its config."""
        found = sorted((ROOT / 'configs/ablation').glob(f'*_{self.table}-{self.row}.py'))
        if len(found) != 1:
            raise FileNotFoundError(f'configs/ablation: {len(found)} configs end in _{self.table}-{self.row}.py, '
                                    'there should be one')
        return found[0]

    def folder(self, root: Path) -> Path:
        """Where it is trained."""
        return root / self.table / self.row / f'seed_{self.seed}'

    def scores(self, root: Path) -> dict[str, float] | None:
        """Its last scores by metric, or ``None`` while there are none."""
        found = None
        for log in sorted(self.folder(root).glob('*/vis_data/*.json')):
            for line in log.read_text().splitlines():
                values = {name.split('/')[-1]: value for name, value in json.loads(line).items()}
                if all(name in values for name in METRICS):
                    found = {name: values[name] for name in METRICS}
        return found

    def train(self, root: Path, options: list[str]) -> None:
        """Train and validate, going on from the newest checkpoint if there is one."""
        command = [sys.executable, str(ROOT / 'tools/train.py'), str(self.config), '--work-dir',
                   str(self.folder(root)), '--resume', '--cfg-options', f'randomness.seed={self.seed}', *options]
        subprocess.run(command, cwd=ROOT, check=True)


def run_of(table: str, row: str, seed: int) -> Run:
    """The run of a row, which may be one of another table ("4a-all")."""
    return Run(*row.split('-', 1), seed) if row.split('-')[0] in ROWS else Run(table, row, seed)


def table_text(table: str, seeds: list[int], root: Path) -> str:
    """The table in Markdown: mean and spread (greatest minus least) in per cent over the seeds that have finished."""
    lines = [f'| Component | {" | ".join(METRICS)} | seeds |', f'|---|{"---|" * len(METRICS)}---|']
    for title, row in ROWS[table].items():
        scores = [score for seed in seeds if (score := run_of(table, row, seed).scores(root))]
        cells = [_cell([score[name] for score in scores]) for name in METRICS]
        lines.append(f'| {title} | {" | ".join(cells)} | {len(scores)} of {len(seeds)} |')
    return '\n'.join(lines)


def _cell(values: list[float]) -> str:
    if not values:
        return 'not run'
    return f'{100 * statistics.mean(values):.1f} (spread {100 * (max(values) - min(values)):.1f})'


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--table', choices=sorted(ROWS), default='4a')
    parser.add_argument('--run', action='store_true', help='train what has no score yet')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--work-dir', type=Path, default=ROOT / 'work_dirs/ablation')
    parser.add_argument('--cfg-options', nargs='+', default=[], help='passed on to tools/train.py')
    args = parser.parse_args()
    if args.run:
        # Seed by seed, so that a stopped ablation has whole columns.
        for seed in args.seeds:
            for row in ROWS[args.table].values():
                run = run_of(args.table, row, seed)
                if run.scores(args.work_dir) is None:
                    print(f'{row}, seed {seed}: {run.folder(args.work_dir)}', flush=True)
                    run.train(args.work_dir, args.cfg_options)
    print(table_text(args.table, args.seeds, args.work_dir))


if __name__ == '__main__':
    main()
