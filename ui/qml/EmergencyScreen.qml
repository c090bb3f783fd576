import QtQuick
import QtQuick.Layouts
import Telecabine

ScreenFrame {
    body: Card {
        anchors.fill: parent
        border.width: 3
        border.color: Theme.stop
        EmergencyAdvice {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: 56
        }
    }
    actions: [
        BigButton {
            objectName: "emergencyMistake"
            kind: "quiet"
            icon_: "back"
            text: Say.t("emergency-mistake")
            onClicked: Booth.stopList(false)
        },
        Item {
            Layout.fillWidth: true
        },
        BigButton {
            objectName: "emergencyEnd"
            kind: "stop"
            text: Say.t("emergency-end")
            onClicked: Booth.end()
        }
    ]
}
