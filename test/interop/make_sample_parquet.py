"""Writes the CSV of the first argument as Parquet to the second, by pyarrow."""
import sys

import pyarrow.csv
import pyarrow.parquet

pyarrow.parquet.write_table(pyarrow.csv.read_csv(sys.argv[1]), sys.argv[2])
