"""Every message that crosses a boundary, as typed structs.

screen      agent <-> UI          msgpack, one message a packet, unix socket
engine      agent <-> call, call <-> UI (video ring)   the same
station     booth <-> station, page <-> station        JSON text frames of a WebSocket
handshake   booth <-> page, in clear, authenticated    JSON in relayed binary frames of kind 0
specialist  booth <-> page, sealed                     JSON inside the sealed stream, relayed binary frames of kind 1
"""
