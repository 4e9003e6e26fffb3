"""Writes Parquet files of the same rows in every way that pyarrow knows. First argument: the folder. Prints the rows as JSON."""
import datetime
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

folder = sys.argv[1]
rows = [
    {
        "text": f"row {i} of many, with é and 😀" if i % 11 else None,
        "label": i % 3,
        "big": 2**53 + i,
        "score": i / 8,
        "flag": i % 2 == 0,
        "messages": [{"role": "user", "content": f"question {i}"}, {"role": "assistant", "content": f"answer {i}"}][: 1 + i % 2],
        "tags": ["a", f"t{i % 5}"] if i % 4 else [],
        "meta": {"source": "web" if i % 2 else "book", "page": i},
    }
    for i in range(1000)
]
schema = pa.schema(
    [
        ("text", pa.string()),
        ("label", pa.int32()),
        ("big", pa.int64()),
        ("score", pa.float64()),
        ("flag", pa.bool_()),
        ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
        ("tags", pa.list_(pa.string())),
        ("meta", pa.struct([("source", pa.string()), ("page", pa.int64())])),
    ]
)
table = pa.Table.from_pylist(rows, schema=schema)
for codec in ["none", "snappy", "gzip", "brotli", "zstd"]:
    pq.write_table(table, f"{folder}/{codec}.parquet", compression=codec, row_group_size=300)
pq.write_table(table, f"{folder}/v2.parquet", data_page_version="2.0", use_dictionary=False, data_page_size=2000)
pq.write_table(table.select(["text", "label"]), f"{folder}/flat.parquet", compression="zstd")
pq.write_table(pa.table({"text": ["the same text"] * 2_000_000}), f"{folder}/repeated.parquet", compression="zstd")
pq.write_table(pa.table({"text": pa.array(["x" * 120_000_000])}), f"{folder}/bomb.parquet", compression="zstd", use_dictionary=False)
json.dump(rows, sys.stdout)
