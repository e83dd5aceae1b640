#!/usr/bin/python3
"""Writes input.csv: 25 x 25 countries, 4 years, 35 % zeros, one exporter-year and two pairs with nothing but zeros. Seed 25."""
import numpy as np
import pandas as pd

r = np.random.Generator(np.random.PCG64(25))
N, T = 25, 4
rows = []
size = r.normal(0, 1.2, N)
ldist = r.normal(8, .8, (N, N)); ldist = (ldist + ldist.T) / 2
contig = (r.random((N, N)) < .12); contig = (contig | contig.T).astype(int)
since = r.integers(-2, 12, (N, N)); since = np.minimum(since, since.T)
pair = r.gamma(2, .5, (N, N))
for t in range(T):
    for i in range(N):
        for j in range(N):
            if i == j:
                continue
            rta = int(since[i, j] <= t)
            mu = np.exp(4 + size[i] * (1 + .02 * t) + .8 * size[j] - .9 * (ldist[i, j] - 8) + .5 * contig[i, j] + .3 * rta) * pair[i, j]
            y = 0. if r.random() < 1 / (1 + (mu / 25) ** .7) else mu * r.gamma(1., 1.)
            if i == 3 and t == 2:
                y = 0.
            if (i, j) in ((0, 1), (5, 7)):
                y = 0.
            rows.append((f"E{i:02d}", f"E{j:02d}", 2000 + t, round(y, 4), round(float(ldist[i, j]), 6), int(contig[i, j]), rta))
columns = ["exporter", "importer", "year", "trade", "ldist", "contig", "rta"]
pd.DataFrame(rows, columns=columns).to_csv("input.csv", index=False)
