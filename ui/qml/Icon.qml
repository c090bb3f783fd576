import QtQuick

// A line drawing on a 24 x 24 grid.
Item {
    id: icon
    property string name: ""
    property color ink: Theme.ink
    property real weight: 2
    readonly property var paths: ({
        "check": "M4 13 L10 19 L20 6",
        "cross": "M5 5 L19 19 M19 5 L5 19",
        "help": "M12 2.5 A9.5 9.5 0 1 1 11.99 2.5 Z M9 9.5 A3 3 0 1 1 12 13 L12 14.5 M12 17.6 L12 17.7",
        "phone": "M5 3 L9 3 L11 8 L8.5 9.5 A12 12 0 0 0 14.5 15.5 L16 13 L21 15 L21 19 A2 2 0 0 1 19 21 A16 16 0 0 1 3 5 A2 2 0 0 1 5 3 Z",
        "camera": "M3 6 L15 6 L15 18 L3 18 Z M15 11 L21 7 L21 17 L15 13 Z",
        "camera-off": "M3 6 L15 6 L15 18 L3 18 Z M15 11 L21 7 L21 17 L15 13 Z M2 2 L22 22",
        "microphone": "M12 2.5 A3 3 0 0 1 15 5.5 L15 11 A3 3 0 0 1 9 11 L9 5.5 A3 3 0 0 1 12 2.5 Z M5 11 A7 7 0 0 0 19 11 M12 18 L12 21.5 M8.5 21.5 L15.5 21.5",
        "microphone-off": "M12 2.5 A3 3 0 0 1 15 5.5 L15 11 A3 3 0 0 1 9 11 L9 5.5 A3 3 0 0 1 12 2.5 Z M5 11 A7 7 0 0 0 19 11 M12 18 L12 21.5 M8.5 21.5 L15.5 21.5 M2 2 L22 22",
        "stethoscope": "M5 3 L5 8 A5 5 0 0 0 15 8 L15 3 M10 13 L10 15.5 A4.5 4.5 0 0 0 19 15.5 L19 13.5 M19 9.5 A2 2 0 1 1 18.99 9.5 Z",
        "pause": "M8 5 L8 19 M16 5 L16 19",
        "play": "M7 4 L19 12 L7 20 Z",
        "stop": "M6 6 L18 6 L18 18 L6 18 Z",
        "clock": "M12 3 A9 9 0 1 1 11.99 3 Z M12 7 L12 12 L15.5 14",
        "eye": "M2 12 C5 6.5 9 5 12 5 C15 5 19 6.5 22 12 C19 17.5 15 19 12 19 C9 19 5 17.5 2 12 Z M12 9 A3 3 0 1 1 11.99 9 Z",
        "send": "M3 11 L21 3 L14 21 L11 13.5 Z",
        "lock": "M5 11 L19 11 L19 21 L5 21 Z M8 11 L8 7.5 A4 4 0 0 1 16 7.5 L16 11",
        "shield": "M12 2.5 L20 5.5 L20 11.5 C20 16.5 16.5 20 12 21.5 C7.5 20 4 16.5 4 11.5 L4 5.5 Z M8 11.8 L11 14.8 L16 9",
        "card": "M2.5 5 L21.5 5 L21.5 19 L2.5 19 Z M6 10 L11 10 L11 14.5 L6 14.5 Z M14 12 L18.5 12 M14 15 L18.5 15",
        "person": "M12 3 A4.5 4.5 0 1 1 11.99 3 Z M3.5 21 A8.5 8.5 0 0 1 20.5 21",
        "message": "M3 4 L21 4 L21 16 L11 16 L6 20.5 L6 16 L3 16 Z",
        "info": "M12 2.5 A9.5 9.5 0 1 1 11.99 2.5 Z M12 11 L12 17 M12 7 L12 7.1",
        "device": "M6 2.5 L18 2.5 L18 21.5 L6 21.5 Z M8.5 12 L10.5 12 L12 8.5 L13.5 15 L14.5 12 L15.8 12",
        "bars-3": "M4 20 L4 15 M10 20 L10 11 M16 20 L16 7 M22 20 L22 3",
        "bars-2": "M4 20 L4 15 M10 20 L10 11 M16 20 L16 19.9 M22 20 L22 19.9",
        "bars-1": "M4 20 L4 15 M10 20 L10 19.9 M16 20 L16 19.9 M22 20 L22 19.9",
        "bars-0": "M4 20 L4 19.9 M10 20 L10 19.9 M16 20 L16 19.9 M22 20 L22 19.9 M15 3 L22 10 M22 3 L15 10",
        "plus": "M12 4 L12 20 M4 12 L20 12",
        "back": "M20 12 L4 12 M11 5 L4 12 L11 19",
        "next": "M4 12 L20 12 M13 5 L20 12 L13 19",
        "attach": "M12 4 L12 20 M4 12 L20 12",
        "redo": "M19 12 A7 7 0 1 1 16.5 6.6 M20 3 L20 8 L15 8",
        "erase": "M8 5 L22 5 L22 19 L8 19 L2 12 Z M11.5 8.5 L18.5 15.5 M18.5 8.5 L11.5 15.5"
    })
    implicitWidth: 32
    implicitHeight: 32
    Accessible.ignored: true

    Image {
        anchors.fill: parent
        sourceSize: Qt.size(width, height)
        source: !(icon.name in icon.paths) ? "" : "data:image/svg+xml;utf8," + encodeURIComponent(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke-linecap="round" stroke-linejoin="round" stroke="'
            + icon.ink + '" stroke-width="' + icon.weight + '"><path d="' + icon.paths[icon.name] + '"/></svg>')
    }
}
