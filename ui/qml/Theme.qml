pragma Singleton
import QtQuick
import Telecabine

// Colours (text on its ground is at least 4.5:1), sizes and distances of every screen.
QtObject {
    readonly property color accent: Booth.training ? "#6a2c91" : "#00616e"
    readonly property color accentDark: Booth.training ? "#4d1c6d" : "#004a55"
    readonly property color accentSoft: Booth.training ? "#f1e7f7" : "#e1f0f1"
    readonly property color ground: Booth.training ? "#f7f2fa" : "#f2f6f7"
    readonly property color surface: "#ffffff"
    readonly property color ink: "#12303b"
    readonly property color inkSoft: "#4a626c"
    readonly property color inkFaint: "#576b74"
    readonly property color line: "#c8d5da"
    readonly property color stop: "#9b1c2e"
    readonly property color stopSoft: "#fbecee"
    readonly property color good: "#1a6a3b"

    readonly property real scale: Ui.large ? 1.18 : 1
    readonly property int small: Math.round(18 * scale)
    readonly property int body: Math.round(22 * scale)
    readonly property int lead: Math.round(26 * scale)
    readonly property int title: Math.round(38 * scale)
    readonly property int value: Math.round(54 * scale)

    readonly property int gap: 16
    readonly property int edge: 32
    readonly property int radius: 16
    readonly property int target: 88
    readonly property int targetSmall: 64
}
