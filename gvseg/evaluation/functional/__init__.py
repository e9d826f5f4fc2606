"""Scores of video segmentation benchmarks: numpy, scipy, pycocotools and OpenCV only, no model code.

``measures`` computes (tube AP, J and F, HOTA, VPQ, STQ, VC); ``io`` reads ground truth and result files into the
inputs of the measures; ``protocols`` defines each benchmark's rules: what counts, what matches, what is ignored;
``benchmarks`` has one module per benchmark that composes the three, and the registry of the command line.
"""
