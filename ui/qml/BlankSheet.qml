import QtQuick
import QtQuick.Layouts
import Telecabine

// Nobody touches the screen: nothing of the patient is shown. Any press is told to the booth (ui/app.py), and takes no button under it.
Rectangle {
    color: Theme.ground
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.edge
        spacing: Theme.gap
        Notices {
            objectName: "blankNotices"
            Layout.fillWidth: true
        }
        Item {
            Layout.fillHeight: true
        }
        Icon {
            Layout.alignment: Qt.AlignHCenter
            name: "lock"
            ink: Theme.accent
        }
        Txt {
            objectName: "blank"
            Layout.alignment: Qt.AlignHCenter
            text: Say.t(Booth.identity.away ? "away" : "blank")
            font.pixelSize: Booth.identity.away ? Theme.title : Theme.lead
            font.weight: Font.DemiBold
        }
        Txt {
            visible: Booth.identity.away
            Layout.alignment: Qt.AlignHCenter
            Layout.maximumWidth: 880
            horizontalAlignment: Text.AlignHCenter
            text: Say.t("away-line")
            color: Theme.inkSoft
            font.pixelSize: Theme.lead
        }
        ProblemBar {
            Layout.alignment: Qt.AlignHCenter
            Layout.preferredWidth: 880
        }
        Item {
            Layout.fillHeight: true
        }
    }
    BigButton {
        objectName: "awayEnd"
        visible: Booth.identity.away
        z: 1
        anchors.left: parent.left
        anchors.bottom: parent.bottom
        anchors.margins: Theme.edge
        kind: "quiet"
        text: Say.t("end")
        onClicked: Booth.end()
    }
    MouseArea {
        objectName: "blankTouch"
        anchors.fill: parent
        hoverEnabled: true
        Accessible.ignored: true
    }
}
