"""The call on a rural link, beside Chromium's own stack under the same faults: `./run bench rural`.

link        the faults: a sans-IO model of one direction, and the forwarder made of two
wire        two network namespaces with the forwarder between them
host        what runs inside a namespace: the page, the pictures, the receiver of the values
values      the booth's values during the call, each with the time at which it was due
beside      the sealed stream beside a call, put together
reader      its other end
booths      the booth's end of a call, one class an engine; those with a program of their own:
webengine   QtWebEngine
webrtcbin   GStreamer
remb        how its sender obeys the receiver's rate
stock       aiortc's own encoders, buffers and rate control
sights      what one end saw
run         one call, measured
cells       which calls, how often, and the tables of docs/rural-link.md
encoders    the work of one picture in the encoder alone
tables      from results to the tables
"""
