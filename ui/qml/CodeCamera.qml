import QtQuick
import QtQuick.Layouts
import Telecabine

// What the camera sees while it looks for a code, as in a mirror; and that it is on.
RowLayout {
    id: screen
    spacing: 36
    Rectangle {
        Layout.fillHeight: true
        Layout.fillWidth: true
        Layout.preferredWidth: 640
        radius: Theme.radius
        color: "#10212a"
        border.width: 4
        border.color: Theme.accent
        VideoItem {
            id: video
            objectName: "codeVideo"
            readonly property string text: picture
            anchors.fill: parent
            anchors.margins: 10
            source: Booth.codeVideo
            transform: Scale {
                origin.x: video.width / 2
                xScale: -1
            }
            Accessible.role: Accessible.Graphic
            Accessible.name: Say.t("code-camera-on")
        }
        Centered {
            visible: video.picture === "none"
            width: parent.width - 80
            icon: "camera"
            title: ""
            line: ""
        }
    }
    ColumnLayout {
        Layout.preferredWidth: 430
        Layout.maximumWidth: 430
        Layout.alignment: Qt.AlignVCenter
        spacing: Theme.gap
        Txt {
            objectName: "codeState"
            Layout.fillWidth: true
            text: Say.t(Booth.identity.code === "on" ? "code-show" : "code-starting")
            font.pixelSize: Theme.title
            font.weight: Font.Bold
            Accessible.role: Accessible.Heading
        }
        Txt {
            Layout.fillWidth: true
            text: Say.t("code-show-line")
            font.pixelSize: Theme.lead
        }
        Rectangle {
            Layout.fillWidth: true
            implicitHeight: privacy.implicitHeight + 32
            radius: 12
            color: Theme.accentSoft
            border.width: 1
            border.color: Theme.accent
            RowLayout {
                id: privacy
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: 16
                spacing: 16
                Icon {
                    name: "camera"
                    ink: Theme.accent
                }
                Txt {
                    Layout.fillWidth: true
                    text: Say.t("code-camera-on") + " " + Say.t("code-camera-private")
                    font.pixelSize: Theme.small
                }
            }
        }
    }
}
