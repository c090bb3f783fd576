"""The booth's desk: what each message of the screen, the links, the station, the specialist and the call means. Sans-IO.

desk            the parts put together, time, and the screen's view
view            what the screen is shown of all this
ports           where the booth's words go
case            the consultation that is open: session, record, notices, line to the specialist
identification  who the patient is: card, code, keyboard
code_camera     the camera while it looks for an identity code
stay            the card that must stay in
touches         what the helper and the patient do at the screen
room            the check of picture and sound before the call
results         measurements: live, settled, confirmed, kept, seen
specialist      the specialist: joins, speaks, leaves
guest           who the specialist invites: asked for, comes, reads and writes, leaves
auscultation    the stethoscope: opened, put somewhere, listened to, sounds kept
exam            exam cameras: asked for, agreed to, shown, put away
photos          photographs: taken, shown, kept, sent, seen
network         the network test before the call
call            the call process: its state, its figures
power_cut       a consultation kept for a power cut, and taken up after it
remains         what stays after the end: the trace, sealed envelopes without a receipt
closing         the end: record closed, trace kept, everything erased
"""
