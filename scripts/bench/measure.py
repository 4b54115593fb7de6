"""Runs a command and prints what it took as a line of JSON, after whatever the command prints.

measure.py <cores> <command> [arguments]

Cores that it may use: 0 for all, 2 for two of them, 1@1 for one, after the first one.

CPU time is that of all its threads and of the programs it has waited for; the peak is that of its largest process.
"""

import json
import os
import sys
import time

cores, first = (int(number) for number in (sys.argv[1] + "@0").split("@")[:2])
command = sys.argv[2:]
started = time.perf_counter()
child = os.fork()
if child == 0:
    try:
        if cores:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[first : first + cores])
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
    os._exit(127)
_, status, usage = os.wait4(child, 0)
result = {
    "seconds": time.perf_counter() - started,
    "cpu": usage.ru_utime + usage.ru_stime,
    # Kilobytes on Linux, bytes on macOS.
    "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    "status": os.waitstatus_to_exitcode(status),
}
print(json.dumps(result))
