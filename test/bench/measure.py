"""Runs a command and prints what it cost: python3 measure.py COMMAND ARGUMENT...

One line of JSON on standard output: {"seconds", "cpuSeconds", "peakBytes", "code"}; the command's own output is dropped.
The peak is the largest of the processes that the command started and waited for (getrusage(2), ru_maxrss in kB).
"""

import json
import os
import subprocess
import sys
import time

started = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
seconds = time.perf_counter() - started
print(
    json.dumps(
        {
            "seconds": seconds,
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            "peakBytes": usage.ru_maxrss * 1024,
            "code": os.waitstatus_to_exitcode(status),
        }
    )
)
