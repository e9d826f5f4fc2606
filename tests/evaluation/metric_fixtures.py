"""Frames and clips as models pass them to metrics."""

from mmdet.structures import DetDataSample, TrackDataSample


def clips_of(frames, clip: int):
    """Clips of at most `clip` frames."""
    for start in range(0, len(frames), clip):
        track = TrackDataSample()
        track.video_data_samples = frames[start : start + clip]
        yield track


def feed(metric, videos, clip: int, as_dict: bool = True) -> None:
    """Pass all videos to a metric clip by clip, as mmengine's evaluator does."""
    for frames in videos:
        for track in clips_of(frames, clip):
            metric.process({}, [track.to_dict() if as_dict else track])


def sample(video, index, length, **more):
    """A frame without prediction."""
    return DetDataSample(
        metainfo=dict(
            img_path=f'imgs/{video}/{index:04d}.jpg', frame_id=index, video_id=video, ori_video_length=length, **more
        )
    )
