"""Did it work, for whom, and may the next policy take over: judged from the log, pure."""
