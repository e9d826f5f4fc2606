"""A small GIF of a video, for a README.

gvseg segment projects/web_demo/example_clips/chair.mp4 --task evs --points 0:340,220 --out work_dirs/chair.mp4
python tools/demo/video_gif.py work_dirs/chair.mp4 chair.gif --width 360 --every 2
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gvseg.entry import entry_point


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('video')
    parser.add_argument('out', type=Path)
    parser.add_argument('--width', type=int, default=360, help='of the GIF in pixels; default: 360')
    parser.add_argument('--every', type=int, default=2, help='one frame in that many is shown; default: 2')
    parser.add_argument('--colors', type=int, default=96, help='of its palette, at most 256; default: 96')
    return parser.parse_args(arguments)


def write_gif(video: str, out: Path, width: int, every: int, colors: int) -> int:
    """Write the GIF; all frames have one palette.

    Returns:
        Number of its frames.

    Raises:
        InputError: as ``VideoSource``.
    """
    from PIL import Image

    from gvseg.apis.video_source import VideoSource

    source = VideoSource(video)
    images = [Image.fromarray(frame[:, :, ::-1]) for index, frame in enumerate(source) if not index % every]
    height = round(width * images[0].height / images[0].width)
    small = [image.resize((width, height), Image.Resampling.LANCZOS) for image in images]
    together = Image.new('RGB', (width, height * len(small)))
    for index, image in enumerate(small):
        together.paste(image, (0, height * index))
    palette = together.quantize(colors, Image.Quantize.MEDIANCUT)
    first, *rest = (image.quantize(palette=palette, dither=Image.Dither.NONE) for image in small)
    out.parent.mkdir(parents=True, exist_ok=True)
    duration = round(1000 * every / source.fps)
    first.save(out, save_all=True, append_images=rest, duration=duration, loop=0, optimize=True)
    return len(small)


@entry_point(parse_arguments)
def main(arguments: argparse.Namespace) -> None:
    """Entry point."""
    count = write_gif(arguments.video, arguments.out, arguments.width, arguments.every, arguments.colors)
    print(f'{arguments.out}: {count} frames, {arguments.out.stat().st_size / 1e6:.1f} MB')


if __name__ == '__main__':
    sys.exit(main())
