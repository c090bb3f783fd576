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
            text: Say.t("blank")
            font.pixelSize: Theme.lead
            font.weight: Font.DemiBold
        }
        Item {
            Layout.fillHeight: true
        }
    }
    MouseArea {
        objectName: "blankTouch"
        anchors.fill: parent
        hoverEnabled: true
        Accessible.ignored: true
    }
}
