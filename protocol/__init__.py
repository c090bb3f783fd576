"""Every message that crosses a boundary, as typed structs.

screen      agent <-> UI          msgpack, one message a packet, unix socket
engine      agent <-> call, call <-> UI (video ring)   the same
station     booth <-> station, page <-> station        JSON text frames of a WebSocket
handshake   booth <-> page, in clear, authenticated    JSON in relayed binary frames of kind 0
specialist  booth <-> page, sealed                     JSON inside the sealed stream, relayed binary frames of kind 1
remote      script -> UI: a hand and an eye for tests and the demo

What they are made of, and what both ends do alike:
codec         encoding and decoding: one error type, one size limit
curve_frame   a batch of a curve, as octets
sound         what the stethoscope hears, as octets
left          what a link leaves of picture and sound
network_test  the test before a call
directory     the organisation's directory of keys
enrolment     the line by which a booth or specialist asks to be listed
page          the page's files, and who has signed them
thin_tcp      TCP for small messages that must not be late
memory        no crash writes a process's memory to a disk
"""
