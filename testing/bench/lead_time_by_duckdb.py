"""Change lead time of everybody by week, by DuckDB over the facts of a SQLite store in Parquet.

Usage: python lead_time_by_duckdb.py STORE PARQUET. Writes the Parquet file if it is not there, and prints the milliseconds of the
fastest of five queries, and how many weeks they gave.
"""

import csv
import os
import sqlite3
import sys
import tempfile
import time

import duckdb

COLUMNS = "deployed_at, first_commit_at, opened_at, is_bot, position, landing"

LEAD_TIME = """
SELECT (deployed_at + 259200) // 604800 AS week, count(*),
    quantile_cont(greatest(deployed_at - least(first_commit_at, opened_at), 0), [0.5, 0.75, 0.9, 0.95]),
    avg(greatest(deployed_at - least(first_commit_at, opened_at), 0))
FROM read_parquet(?)
WHERE deployed_at IS NOT NULL AND is_bot = 0 AND position IS NOT NULL
    AND landing IS DISTINCT FROM 'direct_push' AND deployed_at - least(first_commit_at, opened_at) >= -60
GROUP BY 1 ORDER BY 1
"""


def write(store: str, parquet: str) -> None:
    """Copies the columns that the question needs."""
    rows = sqlite3.connect(f"file:{store}?mode=ro", uri=True).execute(f"SELECT {COLUMNS} FROM pull_requests")
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS.split(", "))
        writer.writerows(rows)
        file.flush()
        duckdb.execute(f"COPY (FROM read_csv('{file.name}', header = true)) TO '{parquet}' (FORMAT parquet)")


def main() -> None:
    """Asks five times."""
    store, parquet = sys.argv[1:]
    if not os.path.exists(parquet):
        write(store, parquet)
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        weeks = duckdb.execute(LEAD_TIME, [parquet]).fetchall()
        times.append((time.perf_counter() - begin) * 1000)
    print(f"{min(times):.3f} {len(weeks)}")


main()
