import QtQuick
import QtQuick.Layouts

// A drawing, a title and a line in the middle of the screen.
ColumnLayout {
    id: centered
    property string icon: ""
    property string title: ""
    property string line: ""
    anchors.centerIn: parent
    width: Math.min(parent.width, 880)
    spacing: Theme.gap
    Rectangle {
        Layout.alignment: Qt.AlignHCenter
        implicitWidth: 132
        implicitHeight: 132
        radius: 66
        color: Theme.accentSoft
        Icon {
            anchors.centerIn: parent
            name: centered.icon
            ink: Theme.accent
            width: 72
            height: 72
        }
    }
    Txt {
        Layout.fillWidth: true
        Layout.topMargin: 12
        horizontalAlignment: Text.AlignHCenter
        text: centered.title
        font.pixelSize: Math.round(46 * Theme.scale)
        font.weight: Font.Bold
        Accessible.role: Accessible.Heading
    }
    Txt {
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignHCenter
        text: centered.line
        font.pixelSize: Theme.lead
        color: Theme.inkSoft
    }
}
