"""The words of the screen, French first, and the list of every text key."""
