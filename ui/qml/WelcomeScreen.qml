pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Telecabine

Item {
    ColumnLayout {
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: strip.top
        anchors.top: parent.top
        spacing: Theme.gap
        Item {
            Layout.fillHeight: true
        }
        Txt {
            Layout.alignment: Qt.AlignHCenter
            text: Say.t("welcome")
            font.pixelSize: Math.round(72 * Theme.scale)
            font.weight: Font.Bold
            Accessible.role: Accessible.Heading
        }
        Txt {
            Layout.alignment: Qt.AlignHCenter
            text: Booth.training ? Say.t("training-line") : Say.t(Booth.identity.card === "none" ? "welcome-line" : "welcome-card")
            font.pixelSize: Theme.lead
            color: Booth.training ? Theme.accent : Theme.inkSoft
        }
        BigButton {
            objectName: "newConsultation"
            Layout.alignment: Qt.AlignHCenter
            Layout.topMargin: 40
            kind: "primary"
            icon_: "plus"
            tall: 132
            leftPadding: 56
            rightPadding: 56
            pixelSize: Math.round(34 * Theme.scale)
            text: Say.t("new-consultation")
            onClicked: Booth.openSession()
        }
        Item {
            Layout.fillHeight: true
        }
    }
    ColumnLayout {
        id: strip
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        spacing: 12
        Txt {
            text: Say.t("welcome-devices")
            color: Theme.inkSoft
            font.pixelSize: Theme.small
        }
        Txt {
            visible: devices.count === 0
            text: Say.t("welcome-none")
            color: Theme.inkSoft
        }
        Flow {
            Layout.fillWidth: true
            spacing: 12
            Repeater {
                id: devices
                model: Booth.devices
                Card {
                    id: chip
                    required property var row
                    objectName: "device-" + row.key
                    readonly property string text: row.name + " " + state_.text
                    width: inside.implicitWidth + 44
                    height: 64
                    radius: 32
                    Row {
                        id: inside
                        anchors.centerIn: parent
                        spacing: 12
                        Icon {
                            anchors.verticalCenter: parent.verticalCenter
                            name: chip.row.state === "absent" ? "cross" : "check"
                            ink: chip.row.state === "absent" ? Theme.inkFaint : Theme.good
                            width: 26
                            height: 26
                        }
                        Txt {
                            text: chip.row.name
                            font.weight: Font.DemiBold
                            wrapMode: Text.NoWrap
                        }
                        Txt {
                            id: state_
                            text: Say.t("state-" + chip.row.state)
                            color: Theme.inkSoft
                            wrapMode: Text.NoWrap
                        }
                    }
                }
            }
        }
    }
}
