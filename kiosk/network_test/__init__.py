"""The network test before a call: what the line to the station carries, in words that say what to do.

ramp     how much may be under way, and the rate that it comes to; sans-IO
figures  what was measured, and the verdict
station  the test itself, on a WebSocket of its own
errand   the test as the agent has it done
"""
