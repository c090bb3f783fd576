import QtQuick
import QtQuick.Controls.Basic

// kind: "primary" (one a screen), "plain", "quiet", "stop". Shrinks to its text, at least `tall` high; `stacked` puts the drawing above it.
Button {
    id: button
    property string kind: "plain"
    property string icon_: ""
    property bool stacked: false
    property int tall: Theme.target
    property int pixelSize: Theme.lead
    readonly property bool filled: kind === "primary" || checked
    readonly property color ink: !enabled ? "#55686f" : filled ? "#ffffff" : kind === "stop" ? Theme.stop : kind === "quiet" ? Theme.ink : Theme.accent

    implicitHeight: tall
    implicitWidth: Math.max(tall, row.implicitWidth + 2 * leftPadding)
    leftPadding: 24
    rightPadding: 24
    font.pixelSize: pixelSize
    font.weight: Font.DemiBold
    focusPolicy: Qt.TabFocus
    Accessible.name: text

    contentItem: Item {
        Grid {
            id: row
            anchors.centerIn: parent
            columns: button.stacked || button.icon_ === "" || button.text === "" ? 1 : 2
            spacing: button.stacked ? 6 : 12
            horizontalItemAlignment: Grid.AlignHCenter
            verticalItemAlignment: Grid.AlignVCenter
            Icon {
                visible: button.icon_ !== ""
                name: button.icon_
                ink: button.ink
                width: Math.round(button.pixelSize * (button.stacked ? 1.5 : 1.15))
                height: width
            }
            Text {
                visible: text !== ""
                text: button.text
                font: button.font
                color: button.ink
                textFormat: Text.PlainText
                Accessible.ignored: true
            }
        }
    }
    background: Rectangle {
        radius: Math.min(Theme.radius, height / 3)
        color: !button.enabled ? "#e3e9eb" : button.filled ? (button.down ? Theme.accentDark : Theme.accent)
             : button.down ? Theme.accentSoft : button.kind === "quiet" ? "transparent" : Theme.surface
        border.width: button.filled || !button.enabled ? 0 : 2
        border.color: button.kind === "stop" ? Theme.stop : button.kind === "quiet" ? Theme.line : Theme.accent
        Rectangle {
            visible: button.visualFocus
            anchors.fill: parent
            anchors.margins: -6
            radius: parent.radius + 6
            color: "transparent"
            border.width: 3
            border.color: Theme.ink
        }
    }
}
