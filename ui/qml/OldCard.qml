import QtQuick
import QtQuick.Layouts
import Telecabine

// A reading that is not this patient's until somebody says so.
Rectangle {
    id: card
    required property var row
    readonly property string text: reason.text
    objectName: "unattributed-" + row.id
    implicitHeight: inside.implicitHeight + 36
    radius: Theme.radius
    color: "transparent"
    border.width: 2
    border.color: Theme.line

    ColumnLayout {
        id: inside
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: 18
        spacing: 8
        Txt {
            id: reason
            Layout.fillWidth: true
            text: Say.what(card.row.reason)
            font.weight: Font.DemiBold
            font.pixelSize: Theme.small
        }
        Values {
            Layout.fillWidth: true
            values: card.row.values
            faded: true
        }
        Txt {
            Layout.fillWidth: true
            text: card.row.device + " · " + (card.row.taken !== "" ? card.row.taken : Say.t("no-time"))
            font.pixelSize: Math.round(16 * Theme.scale)
            color: Theme.inkSoft
        }
        Txt {
            Layout.fillWidth: true
            visible: text !== ""
            text: Say.todo(card.row.reason)
            font.pixelSize: Theme.small
            color: Theme.inkSoft
        }
        BigButton {
            objectName: "attach-" + card.row.id
            Layout.fillWidth: true
            tall: 72
            pixelSize: Theme.small
            leftPadding: 8
            rightPadding: 8
            icon_: "attach"
            text: Say.t("attach")
            onClicked: Booth.attach(card.row.id)
        }
    }
}
