"""Agent <-> UI. The agent sends the whole View at each change, so a restarted screen is right at once; live values and curves go apart.

message  the form of all of them
parts    what the View is made of
shown    what the screen shows
touches  what people do at the screen
"""

from protocol.screen.parts import *  # noqa: F403 -- one boundary, whose messages are known by its name
from protocol.screen.shown import *  # noqa: F403
from protocol.screen.touches import *  # noqa: F403
