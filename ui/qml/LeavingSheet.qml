import QtQuick
import QtQuick.Layouts
import Telecabine

Sheet {
    title: Say.t("leaving")
    Txt {
        Layout.fillWidth: true
        text: Say.t("leaving-line")
        color: Theme.inkSoft
        font.pixelSize: Theme.lead
    }
    RowLayout {
        Layout.fillWidth: true
        Layout.topMargin: 24
        spacing: Theme.gap
        BigButton {
            objectName: "leavingNo"
            kind: "primary"
            text: Say.t("leaving-no")
            onClicked: Booth.identity.stays()
        }
        Item {
            Layout.fillWidth: true
        }
        BigButton {
            objectName: "leavingYes"
            kind: "stop"
            text: Say.t("leaving-yes")
            onClicked: Booth.end()
        }
    }
}
