"""Rules of the benchmarks: which objects, frames and pairs count."""
