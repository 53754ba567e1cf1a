"""Runs commands one after the other, until one fails.

Those of cloud-init run in forks of this process: its imports take four times as much CPU as a stage.
"""

import os
import shlex
import subprocess
import sys

from cloudinit.cmd.main import main

for command in sys.argv[1:]:
    if command.startswith("cloud-init "):
        child = os.fork()
        if child == 0:
            sys.exit(main(shlex.split(command)))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    else:
        code = subprocess.run(command, shell=True).returncode
    if code != 0:
        sys.exit(f"{command} ended with {code}.")
