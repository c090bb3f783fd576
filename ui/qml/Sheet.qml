import QtQuick
import QtQuick.Layouts

// Covers everything: what is under it takes no tap. The panel is in the middle.
Rectangle {
    id: sheet
    property string title: ""
    property int panelWidth: 860
    default property alias content: column.data
    color: "#b3122630"
    Accessible.role: Accessible.Dialog
    Accessible.name: title

    MouseArea {
        anchors.fill: parent
        hoverEnabled: true
        Accessible.ignored: true
        onWheel: wheel => wheel.accepted = true
    }
    Rectangle {
        anchors.centerIn: parent
        width: Math.min(sheet.panelWidth, sheet.width - 2 * Theme.edge)
        height: column.implicitHeight + 2 * 40
        radius: 24
        color: Theme.surface
        ColumnLayout {
            id: column
            anchors.fill: parent
            anchors.margins: 40
            spacing: Theme.gap
            Txt {
                visible: text !== ""
                Layout.fillWidth: true
                text: sheet.title
                font.pixelSize: Theme.title
                font.weight: Font.Bold
                Accessible.role: Accessible.Heading
            }
        }
    }
}
