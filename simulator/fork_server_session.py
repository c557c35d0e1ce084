"""Imported by the fork server of programs, and by nothing else: it takes the server out of the terminal's group.

What ends that whole group, such as a terminal that is closed, would end the fork server before the program that asked
for it, and with it all news of the programs it forked: they would be taken for dead, and left running.
"""

import os

os.setsid()
