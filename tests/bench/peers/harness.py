# SPDX-License-Identifier: MIT
"""Common harness of the peer-side (PyTorch / Python) training benchmarks.

Each script: `python3 torch_wN_*.py --threads N [--variant V] [--seconds S] [--only W...]`
prints one JSON line per measurement (with --only for the workloads named so):
  workload, tool, variant, threads, median_ms (median step of the best round),
  all_median_ms (median over every step of every round), min_ms, steps, rss_mb,
  calib (sgemm GFLOP/s measured around the best round, same thread count: tells a
  disturbed round from a clean one).
One step runs forward + loss + backward + optimizer update unless said otherwise.
Threads: torch's OpenMP pool and OpenBLAS's own pthread pool are SEPARATE pools, so both
are set, before torch is imported.
"""
import argparse, json, os, resource, sys, time

def parse(default_seconds=6.0, variants=("default",)):
    ap = argparse.ArgumentParser()
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--variant", default=variants[0])
    ap.add_argument("--seconds", type=float, default=default_seconds)
    ap.add_argument("--rounds", type=int, default=6)
    ap.add_argument("--no-calib", action="store_true")
    ap.add_argument("--only", nargs="*")
    a = ap.parse_args()
    n = str(a.threads)
    for k in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[k] = n
    for k in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(k, None)
    return a

def load_torch(a):
    import torch
    torch.set_num_threads(a.threads)
    torch.manual_seed(42)
    return torch

def median(v):
    v = sorted(v); n = len(v)
    return v[n // 2] if n % 2 else 0.5 * (v[n // 2 - 1] + v[n // 2])

def rss_mb():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)

def make_calib(a):
    if a.no_calib: return lambda: 0.0
    try: import numpy as np
    except ImportError: return lambda: 0.0
    x = np.ones((512, 512), np.float32); y = np.ones((512, 512), np.float32); o = np.empty((512, 512), np.float32)
    def calib():
        r = []
        for _ in range(12):
            t = time.perf_counter(); np.dot(x, y, out=o); r.append(time.perf_counter() - t)
        return 2 * 512.0 ** 3 / median(r) * 1e-9
    return calib

def bench(step, workload, a, tool="pytorch", warm=5, unit=1, min_steps=5, extra=None, variant=None):
    """Times step(); unit = how many units of work one call holds (median is per unit)."""
    if a.only and workload not in a.only: return dict(median_ms=0.0)
    calib = make_calib(a)
    for _ in range(warm): step()
    rounds, everything = [], []
    for _ in range(a.rounds):
        c0, ts, t_end = calib(), [], time.perf_counter() + a.seconds / a.rounds
        while True:
            t = time.perf_counter(); step(); e = time.perf_counter()
            ts.append((e - t) * 1e3 / unit)
            if e >= t_end and len(ts) >= min_steps: break
        rounds.append((median(ts), min(c0, calib())))
        everything += ts
    best = min(rounds)
    sig = lambda x: float("%.4g" % x)
    out = dict(workload=workload, tool=tool, variant=(variant or a.variant) + os.environ.get("BENCH_TAG", ""), threads=a.threads,
               median_ms=sig(best[0]), all_median_ms=sig(median(everything)), min_ms=sig(min(everything)),
               steps=len(everything), rss_mb=rss_mb(), calib=round(best[1], 1))
    if extra: out.update(extra)
    print(json.dumps(out), flush=True)
    return out
