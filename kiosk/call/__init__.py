"""The call: picture and sound with the specialist, in a process of its own.

engine      what a call engine can do, whatever stands behind it
peer        the engine made of aiortc
sources     camera and microphone, black and silence while they are off
speaker     the specialist's voice
channel     the data channel for the sealed stream, where the link has room
encoders    how voice is encoded
ring        received pictures in shared memory, for the screen
packets     messages over SOCK_SEQPACKET sockets
statistics  the figures of one second
server      the process: the agent's orders in, answers and state out
"""
