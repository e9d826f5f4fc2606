"""The numbers of video segmentation benchmarks: numpy, scipy, pycocotools and OpenCV only, no model code."""
