"""The call: picture and sound with the specialist, in a process of its own.

engine      what a call engine can do, whatever stands behind it
peer        the engine made of aiortc
sources     what gives pictures and sound, and the thread that reads it
libav       cameras and test pictures of libavdevice
names       what a setting calls a sound card
pipewire    whether PipeWire has the node that a setting names
devices     cameras, microphones and loudspeakers by their settings
alsa        loudspeaker and microphones of the system's ALSA library
uvc         USB cameras, decoded
cameras     which camera is open, sent, seen on the booth's own screen; photographs
microphone  the microphone, open while it is sent or listened to
photo       a photograph as it may leave: pixels alone
photographer  photographs on order of the agent
surroundings  light and noise in the booth before the call
tracks      camera and microphone as tracks, black and silence while they are off
stethoscope what the stethoscope hears, as samples and as a track
sound_buffer sound in order and in time, what is lost made up
cushion     what lies between an uneven line and the loudspeaker
samplerate  libsamplerate: sound a little faster or slower
sync        pictures that wait for their sound
opus        libopus: decoding with error correction and concealment
speaker     the specialist's voice
channel     the data channel for the sealed stream, where the link has room
encoders    how voice and heart sounds are encoded
ring        received pictures in shared memory, for the screen
packets     messages over SOCK_SEQPACKET sockets
statistics  the figures of one second
server      the process: the agent's orders in, answers and state out
"""
