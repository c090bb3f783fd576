"""The consultation: whose reading it is, what state it is in, what is recorded, what is erased."""
