"""The call: picture and sound with the specialist, in a process of its own.

engine              what a call engine can do, whatever stands behind it
aiortc_engine       the engine made of aiortc: sources, relays, one connection at a time
peer                one connection of it
upstream            the parts of aiortc that are replaced
handing             fewer ways between its event loop and threads
server              the process: the agent's orders in, answers and state out
statistics          the figures of one second
relays              which TURN relay is used, and what is wrong with the others
media_path          the way of the packets: numbered, paced, held back, told of
transport_feedback  which packets came and when, on the wire
delay_rate          the rate of the picture by the delay of each packet
bandwidth           the same by REMB and reports; the ladders of picture and sound
incoming            what the other side may send
awake               a clock that stands while this process does
pacer               video leaves evenly
video_encoders      pictures at the ladder's size and the link's rate
encoders            how voice and heart sounds are encoded
opus                libopus: decoding with error correction and concealment
jitter              pictures that come: a deadline, and what is asked for again
sound_buffer        sound in order and in time, what is lost made up
sync                pictures that wait for their sound
cushion             what lies between an uneven line and the loudspeaker
samplerate          libsamplerate: sound a little faster or slower
speaker             the specialist's voice
ring                received pictures in shared memory, for the screen
channel             the data channel for the sealed stream, where the link has room
tracks              camera and microphone as tracks, black and silence while they are off
sources             what gives pictures and sound, and the thread that reads it
devices             cameras, microphones and loudspeakers by their settings
names               what a setting calls a sound card
microphone          the microphone, open while it is sent or listened to
stethoscope         what the stethoscope hears, as samples and as a track
alsa                loudspeaker and microphones of the system's ALSA library
pipewire            whether PipeWire has the node that a setting names
libav               cameras and test pictures of libavdevice
uvc                 USB cameras, decoded
cameras             which camera is open, sent, seen on the booth's own screen; photographs
photo               a photograph as it may leave: pixels alone
photographer        photographs on order of the agent
surroundings        light and noise in the booth before the call
"""
